/** Items that are open in a stream. Each writes its own events, from `output_item.added` to `output_item.done`. */
import type { ImagePart, ToolCallDelta } from '../../../pivot/chat.js';
import { CustomInput } from './custom-input.js';
import { addItem, endItem, type EventWriter, type ItemPosition } from './event-writer.js';
import {
  toAnnotation,
  createCallItem,
  createImageItem,
  type ItemStatus,
  createMessageItem,
  type OutputPart,
  createReasoningItem,
} from './output-items.js';
import type { Replay } from '../../../replay/responses-envelope.js';
import type { ToolNames } from '../request/tool-names.js';

const PART_EVENTS = { output_text: 'response.output_text', refusal: 'response.refusal' } as const;

export class StreamedMessage {
  readonly #parts: OutputPart[] = [];
  #text = '';
  #logprobs: unknown[] = [];
  #annotations: unknown[] = [];
  #type: OutputPart['type'] | null = null;

  constructor(
    private readonly events: EventWriter,
    private readonly position: ItemPosition,
  ) {
    addItem(events, position.index, createMessageItem(position.id, [], 'in_progress'));
  }

  appendText(type: OutputPart['type'], delta: string, logprobs: unknown[]): void {
    if (this.#type !== type) this.#startPart(type);
    this.#text += delta;
    let logprobsMember = '';
    if (type === 'output_text') {
      if (logprobs.length > 0) this.#logprobs.push(...logprobs);
      logprobsMember = logprobs.length > 0 ? `,"logprobs":${JSON.stringify(logprobs)}` : ',"logprobs":[]';
    }
    this.events.add(
      `${PART_EVENTS[type]}.delta`,
      `${this.#formatPosition()},"delta":${JSON.stringify(delta)}${logprobsMember}`,
    );
  }

  /** Adds citations of the text so far. */
  addAnnotations(annotations: readonly unknown[]): void {
    if (this.#type !== 'output_text') this.#startPart('output_text');
    for (const source of annotations) {
      const annotation = toAnnotation(source, this.#text.length);
      const number = this.#annotations.push(annotation) - 1;
      const members = `${this.#formatPosition()},"annotation_index":${number},"annotation":${JSON.stringify(annotation)}`;
      this.events.add('response.output_text.annotation.added', members);
    }
  }

  end(status: ItemStatus): string {
    this.#endPart();
    return endItem(this.events, this.position.index, createMessageItem(this.position.id, this.#parts, status));
  }

  #startPart(type: OutputPart['type']): void {
    this.#endPart();
    this.#type = type;
    this.#text = '';
    this.#logprobs = [];
    this.#annotations = [];
    this.events.add(
      'response.content_part.added',
      `${this.#formatPosition()},"part":${JSON.stringify(this.#buildPart(type))}`,
    );
  }

  #endPart(): void {
    if (this.#type === null) return;
    const part = this.#buildPart(this.#type);
    const text = JSON.stringify(this.#text);
    const members =
      part.type === 'refusal' ? `"refusal":${text}` : `"text":${text},"logprobs":${JSON.stringify(part.logprobs)}`;
    this.events.add(`${PART_EVENTS[this.#type]}.done`, `${this.#formatPosition()},${members}`);
    this.events.add('response.content_part.done', `${this.#formatPosition()},"part":${JSON.stringify(part)}`);
    this.#parts.push(part);
    this.#type = null;
  }

  #buildPart(type: OutputPart['type']): OutputPart {
    if (type === 'refusal') return { type, refusal: this.#text };
    return { type, text: this.#text, annotations: this.#annotations, logprobs: this.#logprobs };
  }

  #formatPosition(): string {
    return `"item_id":"${this.position.id}","output_index":${this.position.index},"content_index":${this.#parts.length}`;
  }
}

/** Streams the reasoning that a vendor shows, as one part of the summary. */
export class StreamedReasoning {
  #text = '';
  readonly #positionMembers: string;

  constructor(
    private readonly events: EventWriter,
    private readonly position: ItemPosition,
  ) {
    this.#positionMembers = `"item_id":"${position.id}","output_index":${position.index},"summary_index":0`;
    addItem(events, position.index, { id: position.id, type: 'reasoning', summary: [] });
  }

  appendText(delta: string): void {
    if (this.#text === '') {
      this.events.add(
        'response.reasoning_summary_part.added',
        `${this.#positionMembers},"part":{"type":"summary_text","text":""}`,
      );
    }
    this.#text += delta;
    this.events.add(
      'response.reasoning_summary_text.delta',
      `${this.#positionMembers},"delta":${JSON.stringify(delta)}`,
    );
  }

  end(replay: Replay): string {
    if (this.#text !== '') {
      const text = JSON.stringify(this.#text);
      this.events.add('response.reasoning_summary_text.done', `${this.#positionMembers},"text":${text}`);
      this.events.add(
        'response.reasoning_summary_part.done',
        `${this.#positionMembers},"part":{"type":"summary_text","text":${text}}`,
      );
    }
    return endItem(this.events, this.position.index, createReasoningItem(this.position.id, this.#text, replay));
  }
}

/** Streams a call of a function, or of a custom tool, whose text is extracted from the arguments as they come. */
export class StreamedCall {
  #args = '';
  readonly #custom: CustomInput | null;
  readonly #positionMembers: string;

  constructor(
    private readonly events: EventWriter,
    private readonly position: ItemPosition,
    private readonly call: { id: string; name: string },
    private readonly names: ToolNames,
  ) {
    this.#custom = names.isCustom(call.name) ? new CustomInput() : null;
    this.#positionMembers = `"item_id":"${position.id}","output_index":${position.index}`;
    addItem(events, position.index, createCallItem(position.id, { ...call, text: '' }, names, 'in_progress'));
  }

  get callId(): string {
    return this.call.id;
  }

  add(delta: ToolCallDelta): void {
    const chunk = delta.function.arguments ?? '';
    if (chunk === '') return;
    if (this.#custom) return this.#emitDelta(this.#custom.push(chunk));
    this.#args += chunk;
    this.#emitDelta(chunk);
  }

  end(status: ItemStatus): string {
    if (this.#custom) {
      const { input, rest } = this.#custom.end();
      this.#emitDelta(rest);
      this.events.add(
        'response.custom_tool_call_input.done',
        `${this.#positionMembers},"input":${JSON.stringify(input)}`,
      );
      return this.#endItem(input, status);
    }
    if (this.#args === '') this.add({ index: 0, function: { arguments: '{}' } });
    const { name } = this.names.getOriginal(this.call.name);
    const members = `${this.#positionMembers},"name":${JSON.stringify(name)},"arguments":${JSON.stringify(this.#args)}`;
    this.events.add('response.function_call_arguments.done', members);
    return this.#endItem(this.#args, status);
  }

  #emitDelta(delta: string): void {
    if (delta === '') return;
    const type = this.#custom ? 'response.custom_tool_call_input.delta' : 'response.function_call_arguments.delta';
    this.events.add(type, `${this.#positionMembers},"delta":${JSON.stringify(delta)}`);
  }

  #endItem(text: string, status: ItemStatus): string {
    return endItem(
      this.events,
      this.position.index,
      createCallItem(this.position.id, { ...this.call, text }, this.names, status),
    );
  }
}

/** Streams an image, which comes whole in one delta. Returns the item's JSON. */
export function writeImage(events: EventWriter, { id, index }: ItemPosition, image: ImagePart): string {
  addItem(events, index, { id, type: 'image_generation_call', status: 'in_progress', result: null });
  events.add('response.image_generation_call.completed', `"item_id":"${id}","output_index":${index}`);
  return endItem(events, index, createImageItem(id, image));
}
