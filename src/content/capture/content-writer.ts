/**
 * Queues the content of calls and writes it in batches, off their path. The queue is bounded in bytes: content that
 * does not fit, as during a long outage of the database, is dropped and counted. Interaction records use a different
 * queue.
 */
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SealedBox } from '../../platform/crypto/sealed-box.js';
import type { InteractionId, OrgId } from '../../platform/ids.js';
import { BatchFlusher } from '../../platform/jobs/batch-flusher.js';
import { AppLogger } from '../../platform/logging/app-logger.js';
import type { Dialect } from '../../providers/dialects/base/dialect.js';
import { detectStreamForm } from '../../providers/wire/stream-form.js';
import type { Captured, ContentCapture } from './content-capture.js';
import { toStoredText } from './stored-text.js';
import { sealContent } from './sealed-content.js';

const WRITE_MS = 300;
const RETRY_MS = 2_000;
const BATCH = 20;
/** About six thousand calls of 10 KB each. */
const MAX_QUEUED_BYTES = 64 * 1024 * 1024;
const DAY_MS = 24 * 60 * 60_000;

/** The content of one finished call. */
export interface CallContent {
  readonly interactionId: InteractionId;
  readonly organizationId: OrgId;
  /** Unix milliseconds. */
  readonly createdAt: number;
  /** The client's format. */
  readonly dialect: Dialect;
  readonly capture: ContentCapture;
}

interface QueuedContent
  extends Omit<CallContent, 'capture'>, Pick<ContentCapture, 'mode' | 'retentionDays' | 'contentType' | 'request'> {
  readonly response: Captured | null;
  readonly bytes: number;
}

const INSERT = `
  INSERT INTO interaction_content (interaction_id, organization_id, capture_content, sealed_content, created_at, expires_at)
  SELECT r.* FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[]) AS r (a, b, c, d, e, f)
   WHERE EXISTS (SELECT 1 FROM organization o WHERE o.id = r.b)
  ON CONFLICT (interaction_id) DO NOTHING`;

@Injectable()
export class ContentWriter implements OnApplicationShutdown {
  #queue: QueuedContent[] = [];
  #bytes = 0;
  #lost = 0;
  readonly #writes: BatchFlusher;

  constructor(
    private readonly dataSource: DataSource,
    private readonly box: SealedBox,
    private readonly logger: AppLogger,
  ) {
    const logError = (error: unknown): void =>
      logger.pino.warn(
        { err: error, queued: this.#queue.length },
        'the content of calls could not be written; retrying',
      );
    this.#writes = new BatchFlusher(() => this.#write(), logError, { write: WRITE_MS, retry: RETRY_MS });
  }

  /** Number of calls whose content was dropped. */
  get lost(): number {
    return this.#lost;
  }

  add({ capture, ...call }: CallContent): void {
    const { mode, retentionDays, contentType, request } = capture;
    const response = capture.getResponse();
    if (!request && !response) return;
    const bytes = (request?.bytes.length ?? 0) + (response?.bytes.length ?? 0);
    if (this.#bytes + bytes > MAX_QUEUED_BYTES) {
      if (this.#lost++ === 0)
        this.logger.pino.warn('the queue of captured content is full; content of calls is dropped');
      return;
    }
    // Copies the members: the capture itself may hold far more than is stored, and can be collected.
    this.#queue.push({ ...call, mode, retentionDays, contentType, request, response: response, bytes });
    this.#bytes += bytes;
    this.#writes.schedule();
  }

  /** Writes the whole queue. Rejects if the database does not accept it. */
  flush(): Promise<void> {
    return this.#writes.flush();
  }

  onApplicationShutdown(): Promise<void> {
    return this.#writes.close();
  }

  async #write(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, BATCH);
      const rows = [];
      for (const queued of batch) rows.push(await this.#buildRow(queued));
      const written = rows.filter((row) => row !== null);
      const readColumn = (at: number): unknown[] => written.map((row) => row[at]);
      if (written.length > 0) await this.dataSource.query(INSERT, [0, 1, 2, 3, 4, 5].map(readColumn));
      this.#queue.splice(0, batch.length);
      for (const { bytes } of batch) this.#bytes -= bytes;
    }
  }

  /** Returns null if the content cannot be prepared for storage. The error is not logged, as it may contain content. */
  async #buildRow(queued: QueuedContent): Promise<unknown[] | null> {
    const { interactionId, organizationId, createdAt, dialect, mode, retentionDays, contentType } = queued;
    const isRedacted = mode === 'redacted';
    try {
      const form = detectStreamForm(contentType ?? '');
      const stream = form === 'events' || form === 'lines' ? { form, dialect } : null;
      const content = {
        request: toStoredText(queued.request, isRedacted, null),
        answer: toStoredText(queued.response, isRedacted, stream),
      };
      const sealed = await sealContent(this.box, interactionId, content);
      const expiresAt = new Date(createdAt + retentionDays * DAY_MS);
      return [interactionId, organizationId, mode, sealed, new Date(createdAt), expiresAt];
    } catch {
      this.#lost++;
      this.logger.pino.warn({ interactionId }, 'the content of a call could not be prepared for storage; dropping it');
      return null;
    }
  }
}
