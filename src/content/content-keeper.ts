/**
 * Takes in what calls said and writes it down in batches, off their path. The queue is bounded in bytes: what finds no room,
 * or is not taken by the database for long, is given up and counted. Records of calls are not: they go another way.
 */
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SealedBox } from '../platform/crypto/sealed-box.js';
import type { InteractionId, OrgId } from '../platform/ids.js';
import { DelayedWrite } from '../platform/delayed-write.js';
import { AppLogger } from '../platform/logging/app-logger.js';
import type { DialectId } from '../providers/dialects/dialect.js';
import { streamFormOf } from '../providers/stream-form.js';
import type { Captured, ContentCapture } from './content-capture.js';
import { keptText } from './kept-text.js';
import { sealContent } from './sealed-content.js';

const WRITE_MS = 300;
const RETRY_MS = 2_000;
const BATCH = 20;
/** At 10 KB a call, some six thousand calls. */
const MOST_QUEUED_BYTES = 64 * 1024 * 1024;
const DAY_MS = 24 * 60 * 60_000;

/** One call that is over. */
export interface SaidInCall {
  readonly interactionId: InteractionId;
  readonly organisationId: OrgId;
  /** Unix milliseconds. */
  readonly createdAt: number;
  /** The language of the client. */
  readonly dialect: DialectId;
  readonly capture: ContentCapture;
}

interface Kept
  extends Omit<SaidInCall, 'capture'>, Pick<ContentCapture, 'mode' | 'retentionDays' | 'contentType' | 'request'> {
  readonly answer: Captured | null;
  readonly bytes: number;
}

const INSERT = `
  INSERT INTO interaction_content (interaction_id, organisation_id, capture_content, sealed_content, created_at, expires_at)
  SELECT r.* FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[]) AS r (a, b, c, d, e, f)
   WHERE EXISTS (SELECT 1 FROM organisation o WHERE o.id = r.b)
  ON CONFLICT (interaction_id) DO NOTHING`;

@Injectable()
export class ContentKeeper implements OnApplicationShutdown {
  #queue: Kept[] = [];
  #bytes = 0;
  #lost = 0;
  readonly #writes: DelayedWrite;

  constructor(
    private readonly dataSource: DataSource,
    private readonly box: SealedBox,
    private readonly logger: AppLogger,
  ) {
    const complain = (error: unknown): void =>
      logger.pino.warn(
        { err: error, queued: this.#queue.length },
        'the content of calls could not be written; trying again',
      );
    this.#writes = new DelayedWrite(() => this.#write(), complain, { write: WRITE_MS, retry: RETRY_MS });
  }

  /** Calls whose content was given up. */
  get lost(): number {
    return this.#lost;
  }

  keep({ capture, ...call }: SaidInCall): void {
    const { mode, retentionDays, contentType, request } = capture;
    const answer = capture.answer();
    if (!request && !answer) return;
    const bytes = (request?.bytes.length ?? 0) + (answer?.bytes.length ?? 0);
    if (this.#bytes + bytes > MOST_QUEUED_BYTES) {
      if (this.#lost++ === 0) this.logger.pino.warn('there is no room for the content of calls; it is given up');
      return;
    }
    // The capture itself is let go of: it may hold far more than is kept.
    this.#queue.push({ ...call, mode, retentionDays, contentType, request, answer, bytes });
    this.#bytes += bytes;
    this.#writes.soon();
  }

  /** Writes all that is queued. Rejects when the database does not take it. */
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
      for (const kept of batch) rows.push(await this.#row(kept));
      const written = rows.filter((row) => row !== null);
      const column = (at: number): unknown[] => written.map((row) => row[at]);
      if (written.length > 0) await this.dataSource.query(INSERT, [0, 1, 2, 3, 4, 5].map(column));
      this.#queue.splice(0, batch.length);
      for (const { bytes } of batch) this.#bytes -= bytes;
    }
  }

  /** Null: it cannot be made fit to be kept. What stands in it is told to nobody. */
  async #row(kept: Kept): Promise<unknown[] | null> {
    const { interactionId, organisationId, createdAt, dialect, mode, retentionDays, contentType } = kept;
    const isRedacted = mode === 'redacted';
    try {
      const form = streamFormOf(contentType ?? '');
      const stream = form === 'events' || form === 'lines' ? { form, dialect } : null;
      const content = {
        request: keptText(kept.request, isRedacted, null),
        answer: keptText(kept.answer, isRedacted, stream),
      };
      const sealed = await sealContent(this.box, interactionId, content);
      const expiresAt = new Date(createdAt + retentionDays * DAY_MS);
      return [interactionId, organisationId, mode, sealed, new Date(createdAt), expiresAt];
    } catch {
      this.#lost++;
      this.logger.pino.warn({ interactionId }, 'what a call said could not be made fit to be kept, and is given up');
      return null;
    }
  }
}
