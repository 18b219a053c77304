/** Converts the parts of a candidate to Chat, one after the other. One reader per candidate, whole or streamed. */
import { ExactMembers } from '../../../../providers/json/exact-members.js';
import { getJsonText } from '../../../../providers/json/exact.js';
import type { ReasoningDetail, ToolCall } from '../../../pivot/chat.js';
import { toTextSignature, toThoughtSignature } from '../signatures.js';
import type { GeminiPart } from '../wire.js';

/** Arguments in a response, and in an event of a stream. */
export const GEMINI_CALLS = new ExactMembers({ raw: ['candidates[].content.parts[].functionCall.args'] });

/** Parts with the input and output of tools that Google runs. */
const SERVER_PARTS = ['executableCode', 'codeExecutionResult', 'toolCall', 'toolResponse'] as const;

export interface PartSink {
  text(text: string): void;
  thought(text: string): void;
  detail(detail: ReasoningDetail): void;
  call(call: ToolCall): void;
  /** An image from the model, as a data URL. */
  image(url: string): void;
  /** The name of a part that Chat cannot represent: input or output of Google's own tools. */
  lost(name: string): void;
}

/** Numbers the calls of a response and gives calls without an id one: the same each time the response is read. */
export class CallIds {
  readonly #prefix: string;
  #made = 0;

  /** @param id of the response. OpenAI accepts call ids of up to 40 characters, so a UUID loses its dashes. */
  constructor(id: string) {
    this.#prefix = `call_${id
      .replace(/^chatcmpl-/, '')
      .replaceAll('-', '')
      .slice(0, 32)}_`;
  }

  next(given: string | undefined): string {
    const number = this.#made++;
    return given || this.#prefix + number;
  }
}

export class PartReader {
  hasCalls = false;
  /** Length of the text so far, and start of its part without a signature; in UTF-16 units. */
  #length = 0;
  #unsigned = 0;
  #details = 0;

  constructor(
    private readonly ids: CallIds,
    private readonly sink: PartSink,
  ) {}

  read(part: GeminiPart): void {
    if (part.functionCall) this.#call(part.functionCall, part.thoughtSignature);
    else if (part.inlineData) {
      const { mimeType, data } = part.inlineData;
      if (!part.thought && data) this.sink.image(`data:${mimeType};base64,${data}`);
    } else if (SERVER_PARTS.some((name) => part[name] !== undefined)) this.#lost(part);
    else if (part.thought) this.#thought(part.text ?? '', part.thoughtSignature);
    else this.#text(part.text ?? '', part.thoughtSignature);
  }

  #lost(part: GeminiPart): void {
    for (const name of SERVER_PARTS) if (part[name] !== undefined) this.sink.lost(`parts[].${name}`);
  }

  #call({ id, name, args = {} }: NonNullable<GeminiPart['functionCall']>, signature: string | undefined): void {
    this.hasCalls = true;
    this.sink.call({
      id: this.ids.next(id),
      type: 'function',
      function: { name, arguments: getJsonText(args) },
      ...(signature && { extra_content: { google: { thought_signature: signature } } }),
    });
  }

  #thought(text: string, signature: string | undefined): void {
    if (text !== '') this.sink.thought(text);
    if (signature) this.sink.detail(toThoughtSignature({ text, signature }, this.#details++));
  }

  /** Reads text. A stream may send a signature alone, after its text. */
  #text(text: string, signature: string | undefined): void {
    const from = text === '' ? this.#unsigned : this.#length;
    this.#length += text.length;
    if (text !== '') this.sink.text(text);
    if (!signature) return;
    this.sink.detail(toTextSignature({ from, to: this.#length, signature }, this.#details++));
    this.#unsigned = this.#length;
  }
}
