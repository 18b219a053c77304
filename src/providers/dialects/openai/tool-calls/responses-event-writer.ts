/** Writes the events of a response after calls were refused: sequence numbers and positions remain without gaps. */
import { toJsonNode, toJsonObject, type JsonObject } from '../../../json/tree.js';
import { createRefusalMessage } from './responses-items.js';
import type { StreamedItem } from './responses-streamed-item.js';

export class ResponsesEventWriter {
  /** Offset added to the sequence numbers of events. */
  #shift = 0;
  readonly #droppedPositions = new Set<number>();
  readonly #replacedCalls = new Set<StreamedItem>();

  /** Returns the renumbered event; null if it is unchanged. */
  renumber(event: JsonObject, isChanged = false): JsonObject[] | null {
    if (!isChanged && this.#shift === 0 && this.#droppedPositions.size === 0) return null;
    return [this.#setNumbers(event)];
  }

  /** Drops an event of a removed item. */
  drop(position: number): JsonObject[] {
    this.#droppedPositions.add(position);
    this.#shift--;
    return [];
  }

  /** Writes an event of a refused call: the first one becomes the events of a message, later ones are dropped. */
  writeRefusal(event: JsonObject, position: number, call: StreamedItem, text: string): JsonObject[] {
    if (this.#replacedCalls.has(call)) {
      this.#shift--;
      return [];
    }
    this.#replacedCalls.add(call);
    const number = event.getIndex('sequence_number');
    const message = createRefusalMessage(call.item ?? event, text);
    const events = createMessageEvents(message, text, this.#shiftPosition(position)).map((body, i) =>
      toJsonObject({ ...body, ...(number === undefined ? {} : { sequence_number: number + this.#shift + i }) }),
    );
    this.#shift += events.length - 1;
    return events;
  }

  #setNumbers(event: JsonObject): JsonObject {
    const number = event.getIndex('sequence_number');
    if (number !== undefined) event.set('sequence_number', toJsonNode(number + this.#shift));
    const position = event.getIndex('output_index');
    if (position !== undefined) event.set('output_index', toJsonNode(this.#shiftPosition(position)));
    return event;
  }

  #shiftPosition(position: number): number {
    return position - [...this.#droppedPositions].filter((dropped) => dropped < position).length;
  }
}

function createMessageEvents(message: JsonObject, text: string, output_index: number): object[] {
  const item_id = message.getText('id')!;
  const part = { type: 'output_text', text, annotations: [] };
  const startedItem = { id: item_id, type: 'message', status: 'in_progress', role: 'assistant', content: [] };
  const position = { item_id, output_index, content_index: 0 };
  return [
    { type: 'response.output_item.added', output_index, item: startedItem },
    { type: 'response.content_part.added', ...position, part: { ...part, text: '' } },
    { type: 'response.output_text.delta', ...position, delta: text, logprobs: [] },
    { type: 'response.output_text.done', ...position, text, logprobs: [] },
    { type: 'response.content_part.done', ...position, part },
    { type: 'response.output_item.done', output_index, item: message },
  ];
}
