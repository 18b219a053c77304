/** Collects the assistant's output between two inputs: several items in Responses, one message in Chat. */
import type { AssistantMessage, RefusalPart, TextPart, ToolCall } from '../../../pivot/chat.js';
import type { Replay } from '../../../replay/responses-envelope.js';

export interface Reasoning {
  /** Summary that was shown. */
  text: string;
  replay: Replay;
}

export class AssistantTurn {
  readonly #parts: (TextPart | RefusalPart)[] = [];
  readonly #calls: ToolCall[] = [];
  readonly #reasoning: Reasoning[] = [];
  #text: string | null = null;

  get hasContent(): boolean {
    return this.#text !== null || this.#parts.length > 0;
  }

  get hasCalls(): boolean {
    return this.#calls.length > 0;
  }

  addContent(content: string | (TextPart | RefusalPart)[]): void {
    if (typeof content === 'string' && !this.hasContent) {
      this.#text = content;
      return;
    }
    if (this.#text !== null) this.#parts.push({ type: 'text', text: this.#text });
    this.#text = null;
    this.#parts.push(...(typeof content === 'string' ? [{ type: 'text' as const, text: content }] : content));
  }

  addCall(call: ToolCall): void {
    this.#calls.push(call);
  }

  addReasoning(reasoning: readonly Reasoning[]): void {
    this.#reasoning.push(...reasoning);
  }

  build(): AssistantMessage {
    const text = this.#reasoning.map((reasoning) => reasoning.text).join('');
    const details = this.#reasoning.flatMap((reasoning) => reasoning.replay.details);
    const from = this.#reasoning.find(({ replay }) => replay.from !== undefined)?.replay.from;
    return {
      role: 'assistant',
      content: this.#text ?? (this.#parts.length > 0 ? this.#parts : null),
      ...(this.#calls.length > 0 && { tool_calls: this.#calls }),
      ...(text !== '' && { reasoning_content: text }),
      ...(from !== undefined && { reasoning_from: from }),
      ...(details.length > 0 && { reasoning_details: details }),
    };
  }
}
