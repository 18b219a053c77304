import { getRedactedData } from '../../../replay/messages-envelope.js';
import type { JsonObject, ReasoningDetail } from '../../../pivot/chat.js';

/** Writes content blocks one after the other: only one is open at a time, and their indexes are consecutive. */
export class BlockWriter {
  #index = -1;
  #open: 'text' | 'thinking' | 'tool_use' | null = null;

  constructor(private readonly write: (events: string) => void) {}

  /** Citations that came before their text. */
  #waiting: JsonObject[] = [];

  /** Writes the text into the open text block, or into a new one. */
  text(text: string): void {
    if (this.#open !== 'text') this.#start('text', '{"type":"text","text":""}');
    for (const citation of this.#waiting.splice(0)) this.citation(citation);
    this.#delta(`{"type":"text_delta","text":${JSON.stringify(text)}}`);
  }

  /** Writes the citation to the open text block, or keeps it for the next one. */
  citation(citation: JsonObject): void {
    if (this.#open !== 'text') this.#waiting.push(citation);
    else this.#delta(`{"type":"citations_delta","citation":${JSON.stringify(citation)}}`);
  }

  thinking(text: string): void {
    if (this.#open !== 'thinking') this.#start('thinking', '{"type":"thinking","thinking":"","signature":""}');
    if (text !== '') this.#delta(`{"type":"thinking_delta","thinking":${JSON.stringify(text)}}`);
  }

  /** Ends the open thinking block. Clients take the last signature for the whole block, so only one is written. */
  signature(signature: string): void {
    this.#delta(`{"type":"signature_delta","signature":${JSON.stringify(signature)}}`);
    this.close();
  }

  redacted(data: string): void {
    this.#start('text', JSON.stringify({ type: 'redacted_thinking', data }));
    this.close();
  }

  redactedDetail(detail: ReasoningDetail): void {
    this.redacted(getRedactedData(detail));
  }

  toolUse(id: string, name: string): void {
    this.#start('tool_use', JSON.stringify({ type: 'tool_use', id, name, input: {} }));
  }

  input(json: string): void {
    this.#delta(`{"type":"input_json_delta","partial_json":${JSON.stringify(json)}}`);
  }

  close(): void {
    if (this.#open === null) return;
    this.#open = null;
    this.write(`event: content_block_stop\ndata: {"type":"content_block_stop","index":${this.#index}}\n\n`);
  }

  #start(kind: 'text' | 'thinking' | 'tool_use', block: string): void {
    this.close();
    this.#open = kind;
    this.#index++;
    this.write(
      `event: content_block_start\ndata: {"type":"content_block_start","index":${this.#index},"content_block":${block}}\n\n`,
    );
  }

  #delta(delta: string): void {
    this.write(
      `event: content_block_delta\ndata: {"type":"content_block_delta","index":${this.#index},"delta":${delta}}\n\n`,
    );
  }
}
