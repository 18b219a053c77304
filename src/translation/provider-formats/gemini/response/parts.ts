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
  addText(text: string): void;
  addThought(text: string): void;
  addDetail(detail: ReasoningDetail): void;
  addCall(call: ToolCall): void;
  /** An image from the model, as a data URL. */
  addImage(url: string): void;
  /** The name of a part that Chat cannot represent: input or output of Google's own tools. */
  addLost(name: string): void;
}

/** Numbers the calls of a response and gives calls without an id one: the same each time the response is read. */
export class CallIds {
  readonly #prefix: string;
  #count = 0;

  /** @param id of the response. OpenAI accepts call ids of up to 40 characters, so a UUID loses its dashes. */
  constructor(id: string) {
    this.#prefix = `call_${id
      .replace(/^chatcmpl-/, '')
      .replaceAll('-', '')
      .slice(0, 32)}_`;
  }

  next(vendorId: string | undefined): string {
    const number = this.#count++;
    return vendorId || this.#prefix + number;
  }
}

export class PartReader {
  hasCalls = false;
  /** Length of the text so far, and start of its part without a signature; in UTF-16 units. */
  #textLength = 0;
  #unsignedStart = 0;
  #detailCount = 0;

  constructor(
    private readonly ids: CallIds,
    private readonly sink: PartSink,
  ) {}

  read(part: GeminiPart): void {
    if (part.functionCall) this.#readCall(part.functionCall, part.thoughtSignature);
    else if (part.inlineData) {
      const { mimeType, data } = part.inlineData;
      if (!part.thought && data) this.sink.addImage(`data:${mimeType};base64,${data}`);
    } else if (SERVER_PARTS.some((name) => part[name] !== undefined)) this.#readServerPart(part);
    else if (part.thought) this.#readThought(part.text ?? '', part.thoughtSignature);
    else this.#readText(part.text ?? '', part.thoughtSignature);
  }

  #readServerPart(part: GeminiPart): void {
    for (const name of SERVER_PARTS) if (part[name] !== undefined) this.sink.addLost(`parts[].${name}`);
  }

  #readCall({ id, name, args = {} }: NonNullable<GeminiPart['functionCall']>, signature: string | undefined): void {
    this.hasCalls = true;
    this.sink.addCall({
      id: this.ids.next(id),
      type: 'function',
      function: { name, arguments: getJsonText(args) },
      ...(signature && { extra_content: { google: { thought_signature: signature } } }),
    });
  }

  #readThought(text: string, signature: string | undefined): void {
    if (text !== '') this.sink.addThought(text);
    if (signature) this.sink.addDetail(toThoughtSignature({ text, signature }, this.#detailCount++));
  }

  /** Reads text. A stream may send a signature alone, after its text. */
  #readText(text: string, signature: string | undefined): void {
    const from = text === '' ? this.#unsignedStart : this.#textLength;
    this.#textLength += text.length;
    if (text !== '') this.sink.addText(text);
    if (!signature) return;
    this.sink.addDetail(toTextSignature({ from, to: this.#textLength, signature }, this.#detailCount++));
    this.#unsignedStart = this.#textLength;
  }
}
