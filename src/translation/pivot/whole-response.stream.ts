/**
 * Turns a vendor's whole response into the stream that the client asked for. It comes in one piece, when the vendor is
 * done.
 */
import type { ChatChoice, ChatChunk, ChatCompletion, ChatDelta } from './chat.js';
import type { ChatSink, VendorStream } from './translator.js';

/** Maximum bytes of a response that is translated in one piece. */
const MAX_BYTES = 32 * 1024 * 1024;

export class WholeResponseStream implements VendorStream {
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;

  /** @param read throws SyntaxError or TypeError for a body that is not a response of the vendor */
  constructor(
    private readonly read: (body: Uint8Array) => ChatCompletion,
    private readonly sink: ChatSink,
  ) {}

  /** @throws TypeError for a response that exceeds `MAX_BYTES` */
  push(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#bytes > MAX_BYTES) throw new TypeError('the response is too large');
    this.#chunks.push(bytes);
  }

  end(): boolean {
    const completion = this.#readCompletion();
    if (!completion) return false;
    for (const chunk of toChunks(completion)) this.sink.writeChunk(chunk);
    return true;
  }

  #readCompletion(): ChatCompletion | null {
    try {
      return this.read(Buffer.concat(this.#chunks, this.#bytes));
    } catch {
      return null;
    }
  }
}

/** Yields reasoning, text and calls in the order in which streams have them. The usage comes last. */
export function* toChunks({ choices, usage, ...completion }: ChatCompletion): Generator<ChatChunk> {
  const head = { ...completion, object: 'chat.completion.chunk' as const };
  for (const { index, finish_reason, logprobs, message } of choices) {
    for (const delta of toDeltas(message)) {
      const logprobsMember = delta.content !== undefined && logprobs ? { logprobs } : {};
      yield { ...head, choices: [{ index, delta, finish_reason: null, ...logprobsMember }] };
    }
    yield { ...head, choices: [{ index, delta: {}, finish_reason }] };
  }
  if (usage) yield { ...head, choices: [], usage };
}

function* toDeltas(message: ChatChoice['message']): Generator<ChatDelta> {
  const { role, content, refusal, reasoning_content, reasoning_details, tool_calls, ...others } = message;
  yield { role };
  if (reasoning_content) yield { reasoning_content };
  if (reasoning_details?.length) yield { reasoning_details };
  if (content) yield { content };
  if (refusal) yield { refusal };
  // images and sources
  if (Object.keys(others).length > 0) yield others;
  if (tool_calls?.length) yield { tool_calls: tool_calls.map((call, index) => ({ index, ...call })) };
}
