import type { Rule } from '../guardrail-set.js';
import type { Match } from '../text-matches.js';
import { decodeFrame, encodeFrame, EventStreamSplitter } from '../../../providers/event-stream.js';
import { EventQueue, type StreamListener } from './event-queue.js';
import type { StreamScreen } from './stream-screen.js';

type Members = Record<string, unknown>;

/** A frame, and the name of its event. */
interface Frame {
  readonly bytes: Buffer;
  readonly name: string;
}

/** In its payload such an event holds, in base64, one of the model's vendor. */
const WRAPPED = 'chunk';

/** Event streams of AWS: Converse's, and those of models that are invoked in their vendors' words. */
export class FrameScreen implements StreamScreen {
  readonly #queue: EventQueue<Frame>;
  readonly #splitter = new EventStreamSplitter((frame) => this.#frame(Buffer.from(frame)));

  constructor(rules: readonly Rule[], onMatch: StreamListener) {
    this.#queue = new EventQueue<Frame>('bedrock', rules, onMatch, written);
  }

  get blocked(): Match | null {
    return this.#queue.blocked;
  }

  push(chunk: Uint8Array | string): Buffer {
    this.#splitter.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    return this.#taken();
  }

  end(): Buffer {
    if (!this.blocked) this.#queue.end();
    return this.#taken();
  }

  #taken(): Buffer {
    return Buffer.concat(this.#queue.take().map(({ bytes }) => bytes));
  }

  #frame(bytes: Buffer): void {
    if (this.blocked) return;
    const { kind, name, payload } = decodeFrame(bytes);
    const members = kind === 'event' ? parsed(payload) : null;
    this.#queue.push({ bytes, name }, members && unwrapped(name, members));
  }
}

/** As a reader of events sees it: Converse's under its name, a wrapped one as its vendor sent it. */
function unwrapped(name: string, members: Members): Members | null {
  if (name !== WRAPPED) return { [name]: members };
  return typeof members['bytes'] === 'string' ? parsed(Buffer.from(members['bytes'], 'base64')) : members;
}

function written(event: Members, { name }: Frame): Frame {
  const payload = name === WRAPPED ? { bytes: Buffer.from(JSON.stringify(event)).toString('base64') } : event[name];
  return { name, bytes: encodeFrame('event', name, payload) };
}

function parsed(bytes: Buffer): Members | null {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Members) : null;
  } catch {
    return null;
  }
}
