/** Writes the events of a Responses stream, numbered from 0. `event:` and `data.type` are equal. */
export class EventWriter {
  #sequence = 0;
  #text = '';

  constructor(private readonly write: (events: string) => void) {}

  /** @param members the event's other members as JSON, without braces */
  add(type: string, members: string): void {
    this.#text += `event: ${type}\ndata: {"type":"${type}","sequence_number":${this.#sequence++},${members}}\n\n`;
  }

  /** Writes all events of one chunk in one piece. */
  flush(): void {
    if (this.#text === '') return;
    const events = this.#text;
    this.#text = '';
    this.write(events);
  }
}

/** Id and position of an item in the stream. */
export interface ItemPosition {
  id: string;
  index: number;
}

export function addItem(events: EventWriter, index: number, item: object): void {
  events.add('response.output_item.added', `"output_index":${index},"item":${JSON.stringify(item)}`);
}

/** @returns the item's JSON, for the whole response at the end */
export function endItem(events: EventWriter, index: number, item: object): string {
  const json = JSON.stringify(item);
  events.add('response.output_item.done', `"output_index":${index},"item":${json}`);
  return json;
}
