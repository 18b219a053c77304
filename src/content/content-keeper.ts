/**
 * Takes in what calls said and writes it down in batches, off their path. The queue is bounded in bytes: what finds no room,
 * or is not taken by the database for long, is given up and counted. Records of calls are not: they go another way.
 */
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SealedBox } from '../platform/crypto/sealed-box.js';
import type { InteractionId, OrgId } from '../platform/ids.js';
import { AppLogger } from '../platform/logging/app-logger.js';
import type { DialectId } from '../providers/dialects/dialect.js';
import type { ContentCapture } from './content-capture.js';
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

const INSERT = `
  INSERT INTO interaction_content (interaction_id, organisation_id, capture_content, sealed_content, created_at, expires_at)
  SELECT r.* FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[]) AS r (a, b, c, d, e, f)
   WHERE EXISTS (SELECT 1 FROM organisation o WHERE o.id = r.b)
  ON CONFLICT (interaction_id) DO NOTHING`;

@Injectable()
export class ContentKeeper implements OnApplicationShutdown {
  #queue: { said: SaidInCall; bytes: number }[] = [];
  #bytes = 0;
  #lost = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly dataSource: DataSource,
    private readonly box: SealedBox,
    private readonly logger: AppLogger,
  ) {}

  /** Calls whose content was given up. */
  get lost(): number {
    return this.#lost;
  }

  keep(said: SaidInCall): void {
    const { request, answer } = said.capture;
    if (!request && !answer) return;
    const bytes = (request?.bytes.length ?? 0) + (answer?.bytes.length ?? 0);
    if (this.#bytes + bytes > MOST_QUEUED_BYTES) {
      if (this.#lost++ === 0) this.logger.pino.warn('there is no room for the content of calls; it is given up');
      return;
    }
    this.#queue.push({ said, bytes });
    this.#bytes += bytes;
    this.#writeIn(WRITE_MS);
  }

  /** Writes all that is queued. Rejects when the database does not take it. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const write = this.#writing.then(() => this.#write());
    this.#writing = write.catch(() => undefined);
    return write;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.flush().catch((error: unknown) => this.#complain(error));
    clearTimeout(this.#timer);
  }

  #writeIn(ms: number): void {
    this.#timer ??= setTimeout(
      () =>
        void this.flush().catch((error: unknown) => {
          this.#complain(error);
          this.#writeIn(RETRY_MS);
        }),
      ms,
    ).unref();
  }

  async #write(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, BATCH);
      const rows = [];
      for (const { said } of batch) rows.push(await this.#row(said));
      const written = rows.filter((row) => row !== null);
      const column = (at: number): unknown[] => written.map((row) => row[at]);
      if (written.length > 0) await this.dataSource.query(INSERT, [0, 1, 2, 3, 4, 5].map(column));
      this.#queue.splice(0, batch.length);
      for (const { bytes } of batch) this.#bytes -= bytes;
    }
  }

  /** Null: it cannot be made fit to be kept. What stands in it is told to nobody. */
  async #row({ interactionId, organisationId, createdAt, dialect, capture }: SaidInCall): Promise<unknown[] | null> {
    const isRedacted = capture.mode === 'redacted';
    try {
      const stream = capture.contentType?.startsWith('text/event-stream') ? dialect : null;
      const content = {
        request: keptText(capture.request, isRedacted, null),
        answer: keptText(capture.answer, isRedacted, stream),
      };
      const sealed = await sealContent(this.box, interactionId, content);
      const expiresAt = new Date(createdAt + capture.retentionDays * DAY_MS);
      return [interactionId, organisationId, capture.mode, sealed, new Date(createdAt), expiresAt];
    } catch {
      this.#lost++;
      this.logger.pino.warn({ interactionId }, 'what a call said could not be made fit to be kept, and is given up');
      return null;
    }
  }

  #complain(error: unknown): void {
    this.logger.pino.warn(
      { err: error, queued: this.#queue.length },
      'the content of calls could not be written; trying again',
    );
  }
}
