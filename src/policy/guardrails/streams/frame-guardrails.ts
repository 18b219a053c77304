import type { Rule } from '../text/guardrail-set.js';
import type { Match } from '../text/rule-matches.js';
import type { Dialect } from '../../../providers/dialects/base/dialect.js';
import { EventStreamSplitter } from '../../../providers/wire/event-stream.js';
import { EventQueue, type StreamListener } from './event-queue.js';
import { readFrame, writeFrame, type Frame } from '../wire/frame-events.js';
import type { StreamGuardrails } from './guardrails.js';

/** Checks event streams of AWS: of Converse, and of models that are invoked in their vendors' formats. */
export class FrameStreamGuardrails implements StreamGuardrails {
  readonly #queue: EventQueue<Frame>;
  readonly #splitter = new EventStreamSplitter((frame) => this.#pushFrame(Buffer.from(frame)));

  constructor({ readText }: Dialect, rules: readonly Rule[], onMatch: StreamListener) {
    this.#queue = new EventQueue<Frame>(readText, rules, onMatch, writeFrame);
  }

  get blocked(): Match | null {
    return this.#queue.blocked;
  }

  push(chunk: Uint8Array | string): Buffer {
    this.#splitter.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    return this.#takeOutput();
  }

  end(): Buffer {
    if (!this.blocked) this.#queue.end();
    return this.#takeOutput();
  }

  #takeOutput(): Buffer {
    return Buffer.concat(this.#queue.takeReady().map(({ bytes }) => bytes));
  }

  #pushFrame(bytes: Buffer): void {
    if (this.blocked) return;
    const { frame, event } = readFrame(bytes);
    this.#queue.push(frame, event);
  }
}
