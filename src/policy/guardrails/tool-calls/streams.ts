/** Applies the rules for tool calls to every form of stream. */
import { decodeFrame, encodeJsonFrame, EventStreamSplitter } from '../../../providers/wire/event-stream.js';
import type { ToolCallGrammar } from '../../../providers/dialects/tool-calls/grammar.js';
import { JsonObject, parseJsonTree, writeJsonTree } from '../../../providers/json/tree.js';
import type { TextStreamForm } from '../../../providers/wire/stream-form.js';
import type { GatewayError } from '../../../platform/errors/gateway-error.js';
import type { EventSplitter } from '../wire/event-splitter.js';
import { getTextEvents } from '../wire/text-events.js';
import { WRAPPED } from '../wire/frame-events.js';
import { ToolCallEventQueue } from './event-queue.js';
import type { ToolCallGuardrails } from './guardrails.js';

export interface ToolCallStream {
  /** Returns the part that may be shown after this piece; after the last piece, everything that is left. */
  push(piece: Uint8Array | string, isLast: boolean): Uint8Array | string;
  /** Why the stream ends with an error after the part that was shown; null if it does not. */
  readonly refusal: GatewayError | null;
}

/** Checks server-sent events and JSON lines. */
export class TextToolCallStream implements ToolCallStream {
  readonly #queue: ToolCallEventQueue<string>;
  #output = '';
  readonly #splitter: EventSplitter;

  constructor(form: TextStreamForm, guardrails: ToolCallGuardrails, grammar: ToolCallGrammar) {
    const events = getTextEvents(form);
    this.#queue = new ToolCallEventQueue<string>(guardrails, grammar, (event, raw) =>
      events.withJson(raw, writeJsonTree(event), readEventType(event)),
    );
    this.#splitter = events.createSplitter(
      (raw, _event, data) => (this.#output += this.#queue.push(raw, data).join('')),
      (raw) => (this.#output += this.refusal ? '' : raw),
      false,
    );
  }

  get refusal(): GatewayError | null {
    return this.#queue.refusal;
  }

  push(piece: Uint8Array | string, isLast: boolean): string {
    this.#splitter.push(piece);
    if (isLast) {
      this.#splitter.end();
      this.#output += this.#queue.end().join('');
    }
    const output = this.#output;
    this.#output = '';
    return output;
  }
}

const readEventType = (event: JsonObject): string | null =>
  event.getText('type') ?? event.getText('event_type') ?? null;

/** Checks event streams of AWS: of Converse, and of models that are invoked in their vendors' formats. */
export class FrameToolCallStream implements ToolCallStream {
  readonly #queue: ToolCallEventQueue<Buffer>;
  #output: Buffer[] = [];
  readonly #splitter = new EventStreamSplitter((frame) => {
    const bytes = Buffer.from(frame);
    this.#output.push(...this.#queue.push(bytes, readFrameJson(bytes)));
  });

  constructor(guardrails: ToolCallGuardrails, grammar: ToolCallGrammar) {
    this.#queue = new ToolCallEventQueue<Buffer>(guardrails, grammar, writeFrame);
  }

  get refusal(): GatewayError | null {
    return this.#queue.refusal;
  }

  push(piece: Uint8Array | string, isLast: boolean): Buffer {
    this.#splitter.push(typeof piece === 'string' ? Buffer.from(piece) : piece);
    if (isLast) this.#output.push(...this.#queue.end());
    const output = Buffer.concat(this.#output);
    this.#output = [];
    return output;
  }
}

/**
 * Returns an event as a reader sees it: Converse's under its name, a wrapped one as its vendor sent it. Null if the
 * frame is not an event.
 */
function readFrameJson(bytes: Buffer): string | null {
  const { kind, name, payload } = decodeFrame(bytes);
  if (kind !== 'event') return null;
  if (name !== WRAPPED) return `{${JSON.stringify(name)}:${payload.toString('utf8')}}`;
  const wrapped = parseJsonTree(payload.toString('utf8'));
  const inner = wrapped instanceof JsonObject ? wrapped.getText('bytes') : undefined;
  return inner === undefined ? payload.toString('utf8') : Buffer.from(inner, 'base64').toString('utf8');
}

function writeFrame(event: JsonObject, form: Buffer): Buffer {
  if (decodeFrame(form).name !== WRAPPED) {
    const [{ name, value }] = event.members as [JsonObject['members'][number]];
    return encodeJsonFrame('event', name, writeJsonTree(value));
  }
  const bytes = Buffer.from(writeJsonTree(event)).toString('base64');
  return encodeJsonFrame('event', WRAPPED, JSON.stringify({ bytes }));
}
