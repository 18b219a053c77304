/** A stream that a webhook guardrail judges: only allowed text is shown. */
import type { Dialect } from '../../../providers/dialects/base/dialect.js';
import { GatewayError } from '../../../platform/errors/gateway-error.js';
import { EventStreamSplitter } from '../../../providers/wire/event-stream.js';
import type { TextStreamForm } from '../../../providers/wire/stream-form.js';
import type { WebhookRequestText } from './request.js';
import { readFrame, writeFrame as writtenFrame, type Frame } from '../wire/frame-events.js';
import { getTextEvents } from '../wire/text-events.js';
import { PendingEvents } from './pending-events.js';

/** Returns the replacement texts by their pointers. Rejects with `guardrail_blocked`. */
export type CheckTexts = (texts: readonly WebhookRequestText[]) => Promise<ReadonlyMap<string, string>>;

export interface WebhookGuardrailStream {
  /**
   * Returns the part that may be shown after this piece; after the last piece, everything that is left. A promise means
   * that the webhook is asked: the next piece must wait for it.
   */
  push(piece: Uint8Array | string, isLast: boolean): ReleasedChunk | Promise<ReleasedChunk>;
  /** Why the stream ends with an error; text that was not shown stays hidden. */
  readonly refusal: GatewayError | null;
}

type ReleasedChunk = Uint8Array | string;

/** Splits one kind of stream into events, and joins them again. */
interface Wire<Form> {
  readonly queue: PendingEvents<Form>;
  pushChunk(piece: Uint8Array | string, isLast: boolean): void;
  /** Joins events, after the text that is never held back. */
  join(forms: readonly Form[]): ReleasedChunk;
}

/** Server-sent events or JSON lines in a vendor's format. */
export function createWebhookEventStream(
  form: TextStreamForm,
  { readText }: Dialect,
  checkTexts: CheckTexts,
): WebhookGuardrailStream {
  const events = getTextEvents(form);
  const queue = new PendingEvents<string>(readText, events.write);
  let comments = '';
  const splitter = events.createSplitter(
    (raw, event) => queue.push(raw, event),
    (raw) => (comments += raw),
  );
  return new CheckedStream(checkTexts, {
    queue,
    pushChunk(piece, isLast) {
      splitter.push(piece);
      if (isLast) splitter.end();
    },
    join(forms) {
      const output = comments + forms.join('');
      comments = '';
      return output;
    },
  });
}

/** Event streams of AWS. */
export function createWebhookFrameStream({ readText }: Dialect, checkTexts: CheckTexts): WebhookGuardrailStream {
  const queue = new PendingEvents<Frame>(readText, writtenFrame);
  const splitter = new EventStreamSplitter((bytes) => {
    const { frame, event } = readFrame(Buffer.from(bytes));
    queue.push(frame, event);
  });
  return new CheckedStream(checkTexts, {
    queue,
    pushChunk: (piece) => splitter.push(typeof piece === 'string' ? Buffer.from(piece) : piece),
    join: (forms) => Buffer.concat(forms.map(({ bytes }) => bytes)),
  });
}

const NO_CHANGES: ReadonlyMap<string, string> = new Map();

class CheckedStream<Form> implements WebhookGuardrailStream {
  refusal: GatewayError | null = null;

  constructor(
    private readonly check: CheckTexts,
    private readonly wire: Wire<Form>,
  ) {}

  push(piece: Uint8Array | string, isLast: boolean): ReleasedChunk | Promise<ReleasedChunk> {
    const { queue } = this.wire;
    this.wire.pushChunk(piece, isLast);
    if (!isLast && !queue.isDue) return this.wire.join([]);
    const texts = queue.listTexts();
    if (texts.length === 0) return this.wire.join(queue.settle(NO_CHANGES, isLast));
    return this.#checkAndJoin(texts, isLast);
  }

  async #checkAndJoin(texts: readonly WebhookRequestText[], isLast: boolean): Promise<ReleasedChunk> {
    try {
      const changes = await this.check(texts);
      return this.wire.join(this.wire.queue.settle(changes, isLast));
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      this.refusal = error;
      return this.wire.join([]);
    }
  }
}
