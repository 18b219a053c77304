import type { Json } from '../http/admin-client.js';
import {
  CACHED_TOKENS,
  INPUT_TOKENS,
  OUTPUT_TOKENS,
  bodyOf,
  halves,
  sse,
  type Turn,
  type VendorWire,
} from './scripted-vendor.js';

const MODEL = 'claude-sonnet-4-5-20250929';
const INPUT_USAGE = {
  input_tokens: INPUT_TOKENS - CACHED_TOKENS,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: CACHED_TOKENS,
};

/** The Messages API. */
export const anthropicVendor: VendorWire = {
  provider: 'anthropic',
  displayName: 'Anthropic',
  model: MODEL,
  path: /^\/v1\/messages$/,
  contentType: 'text/event-stream',
  streams: (request) => bodyOf(request).stream === true,
  forcedTool: (body) => body.tool_choice?.name,
  error: (message) => ({ type: 'error', error: { type: 'rate_limit_error', message }, request_id: 'req_scripted' }),
  whole: (turn) => ({
    ...message(blocksOf(turn)),
    stop_reason: stopOf(turn),
    usage: { ...INPUT_USAGE, output_tokens: OUTPUT_TOKENS },
  }),
  events(turn) {
    const start = { ...message([]), stop_reason: null, usage: { ...INPUT_USAGE, output_tokens: 1 } };
    const told: Json[] = [{ type: 'message_start', message: start }, { type: 'ping' }];
    for (const [index, block] of blocksOf(turn).entries()) {
      told.push({ type: 'content_block_start', index, content_block: emptied(block) });
      told.push(...deltasOf(block).map((delta) => ({ type: 'content_block_delta', index, delta })));
      told.push({ type: 'content_block_stop', index });
    }
    const delta = { stop_reason: stopOf(turn), stop_sequence: null };
    told.push({ type: 'message_delta', delta, usage: { output_tokens: OUTPUT_TOKENS } }, { type: 'message_stop' });
    return told.map((event) => sse(event, event.type));
  },
  asked(request) {
    const { model, system = [], messages, tools = [] } = bodyOf(request);
    const blocks: Json[] = messages.flatMap(({ content }: Json) => (typeof content === 'string' ? [] : content));
    return {
      model,
      system: typeof system === 'string' ? system : system.map(({ text }: Json) => text).join('\n'),
      tools: tools.map(({ name }: Json) => name),
      results: blocks
        .filter(({ type }) => type === 'tool_result')
        .map(({ tool_use_id: id, content }) => [
          id,
          typeof content === 'string' ? content : content.map(({ text }: Json) => text).join(''),
        ]),
      signatures: blocks.flatMap(({ signature }) => signature ?? []),
    };
  },
};

const message = (content: Json[]): Json => ({
  id: 'msg_scripted',
  type: 'message',
  role: 'assistant',
  model: MODEL,
  content,
  stop_sequence: null,
});

const stopOf = ({ calls }: Turn): string => (calls?.length ? 'tool_use' : 'end_turn');

const blocksOf = ({ thought, text, calls = [] }: Turn): Json[] => [
  ...(thought ? [{ type: 'thinking', thinking: thought.text, signature: thought.signature }] : []),
  ...(text === undefined ? [] : [{ type: 'text', text }]),
  ...calls.map(({ id, name, input }) => ({ type: 'tool_use', id, name, input })),
];

function emptied(block: Json): Json {
  if (block.type === 'thinking') return { ...block, thinking: '', signature: '' };
  return block.type === 'text' ? { ...block, text: '' } : { ...block, input: {} };
}

function deltasOf(block: Json): Json[] {
  if (block.type === 'text') return halves(block.text).map((text) => ({ type: 'text_delta', text }));
  if (block.type === 'tool_use')
    return halves(JSON.stringify(block.input)).map((piece) => ({ type: 'input_json_delta', partial_json: piece }));
  const thoughts = halves(block.thinking).map((thinking) => ({ type: 'thinking_delta', thinking }));
  return [...thoughts, { type: 'signature_delta', signature: block.signature }];
}
