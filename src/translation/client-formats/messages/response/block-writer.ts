import { getRedactedData } from '../../../replay/messages-envelope.js';
import type { JsonObject, ReasoningDetail } from '../../../pivot/chat.js';

/** Writes content blocks one after the other: only one is open at a time, and their indexes are consecutive. */
export class BlockWriter {
  #index = -1;
  #open: 'text' | 'thinking' | 'tool_use' | null = null;

  constructor(private readonly write: (events: string) => void) {}

  /** Citations that came before their text. */
  #pendingCitations: JsonObject[] = [];

  /** Writes the text into the open text block, or into a new one. */
  writeText(text: string): void {
    if (this.#open !== 'text') this.#start('text', '{"type":"text","text":""}');
    for (const citation of this.#pendingCitations.splice(0)) this.writeCitation(citation);
    this.#writeDelta(`{"type":"text_delta","text":${JSON.stringify(text)}}`);
  }

  /** Writes the citation to the open text block, or keeps it for the next one. */
  writeCitation(citation: JsonObject): void {
    if (this.#open !== 'text') this.#pendingCitations.push(citation);
    else this.#writeDelta(`{"type":"citations_delta","citation":${JSON.stringify(citation)}}`);
  }

  writeThinking(text: string): void {
    if (this.#open !== 'thinking') this.#start('thinking', '{"type":"thinking","thinking":"","signature":""}');
    if (text !== '') this.#writeDelta(`{"type":"thinking_delta","thinking":${JSON.stringify(text)}}`);
  }

  /** Ends the open thinking block. Clients take the last signature for the whole block, so only one is written. */
  writeSignature(signature: string): void {
    this.#writeDelta(`{"type":"signature_delta","signature":${JSON.stringify(signature)}}`);
    this.close();
  }

  writeRedacted(data: string): void {
    this.#start('text', JSON.stringify({ type: 'redacted_thinking', data }));
    this.close();
  }

  writeRedactedDetail(detail: ReasoningDetail): void {
    this.writeRedacted(getRedactedData(detail));
  }

  startToolUse(id: string, name: string): void {
    this.#start('tool_use', JSON.stringify({ type: 'tool_use', id, name, input: {} }));
  }

  input(json: string): void {
    this.#writeDelta(`{"type":"input_json_delta","partial_json":${JSON.stringify(json)}}`);
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

  #writeDelta(delta: string): void {
    this.write(
      `event: content_block_delta\ndata: {"type":"content_block_delta","index":${this.#index},"delta":${delta}}\n\n`,
    );
  }
}
