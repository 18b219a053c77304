/** Reads Anthropic's stream as a client does, strictly by its grammar. */
import type { JsonObject } from '../../../src/translation/pivot/chat.js';

/** As loosely typed as what a client parses. */
interface Told {
  type: string;
  index: number;
  content_block: Block;
  delta: Block & { partial_json: string };
}

interface Block {
  type: string;
  text: string;
  thinking: string;
  signature: string;
  json: string;
}

/** Returns the content blocks of a whole stream. Fails a test when the grammar is violated. */
export function accumulated(told: string): JsonObject[] {
  const events = told
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => JSON.parse(event.slice(event.indexOf('\ndata: ') + 7)) as Told);
  expect(events.map(({ type }) => type).slice(0, 2)).toEqual(['message_start', 'ping']);
  expect(events.map(({ type }) => type).slice(-2)).toEqual(['message_delta', 'message_stop']);
  const blocks: Block[] = [];
  let open = false;
  for (const { type, index, content_block: block, delta } of events.slice(2, -2)) {
    expect(open).toBe(type !== 'content_block_start');
    if (type === 'content_block_start') blocks.push({ ...block, json: '' });
    expect(index).toBe(blocks.length - 1);
    open = type !== 'content_block_stop';
    const last = blocks.at(-1)!;
    if (type !== 'content_block_delta') continue;
    expect(`${last.type} ${delta.type}`).toMatch(
      /^(text text_delta|thinking thinking_delta|thinking signature_delta|tool_use input_json_delta)$/,
    );
    if (delta.type === 'text_delta') last.text += delta.text;
    else if (delta.type === 'thinking_delta') last.thinking += delta.thinking;
    else if (delta.type === 'signature_delta') last.signature = delta.signature;
    else last.json += delta.partial_json;
  }
  expect(open).toBe(false);
  return blocks.map(({ json, ...block }) =>
    block.type === 'tool_use' ? { ...block, input: JSON.parse(json) as unknown } : block,
  );
}
