/**
 * Promise: Cursor, which sends Responses bodies and flat tools to chat/completions, receives Chat responses, with its
 * custom tools as functions with plain text.
 */
import {
  chunkOf,
  completionOf,
  type ScriptedChunk,
  streamedText,
} from '../../../test/support/translation/responses-golden.js';
import { createChatFormat } from './chat.client-format.js';
import type { ChatChunk, ChunkChoice, JsonObject } from '../pivot/chat.js';
import { createCursorFormat, isCursorRequest } from './cursor.client-format.js';

const PATCH = {
  type: 'custom',
  name: 'ApplyPatch',
  description: 'Edits.',
  format: { type: 'grammar', syntax: 'lark', definition: 'start: x' },
};
const READ = { type: 'function', name: 'read_file', parameters: { type: 'object' } };
const AS_RESPONSES = {
  model: 'anthropic:claude-x',
  stream: true,
  stream_options: { include_usage: true },
  max_tokens: 99,
  input: [
    { role: 'system', content: 'You edit.' },
    { role: 'user', content: [{ type: 'input_text', text: 'Fix it.' }] },
    { type: 'function_call', call_id: 'c1', name: 'ApplyPatch', arguments: '*** Begin Patch' },
    { type: 'function_call_output', call_id: 'c1', output: 'failed' },
  ],
  tools: [READ, PATCH],
};
const MIXED = {
  model: 'anthropic:claude-x',
  messages: [
    { role: 'user', content: 'Fix it.' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'c1', type: 'function', function: { name: 'ApplyPatch', arguments: '*** Begin Patch' } }],
    },
    { role: 'tool', tool_call_id: 'c1', content: 'failed' },
  ],
  tools: [{ type: 'function', function: { name: 'read_file', parameters: { type: 'object' } } }, PATCH],
  tool_choice: { type: 'custom', name: 'ApplyPatch' },
  novelty: 1,
};
const WRAPPED = { name: 'ApplyPatch', arguments: '{"input":"*** Begin Patch"}' };
const TOOLS = [
  { type: 'function', function: { name: 'read_file', parameters: { type: 'object' } } },
  {
    type: 'function',
    function: expect.objectContaining({ name: 'ApplyPatch', description: expect.stringContaining('start: x') }),
  },
];

it('a Cursor request is recognized by its body', () => {
  expect([AS_RESPONSES, MIXED].map(isCursorRequest)).toEqual([true, true]);
  expect(isCursorRequest({ ...MIXED, tools: [MIXED.tools[0]!, { type: 'custom', custom: { name: 'x' } }] })).toBe(
    false,
  );
  expect(isCursorRequest({ model: 'm', messages: [] })).toBe(false);
});

it('a Cursor request with a Responses body translates to Chat', () => {
  const { chat, dropped } = createCursorFormat(AS_RESPONSES);
  expect(chat).toEqual({
    model: 'anthropic:claude-x',
    stream: true,
    max_tokens: 99,
    messages: [
      { role: 'system', content: 'You edit.' },
      { role: 'user', content: 'Fix it.' },
      { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: WRAPPED }] },
      { role: 'tool', tool_call_id: 'c1', content: 'failed' },
    ],
    tools: TOOLS,
  });
  expect(dropped).toEqual(['tools.format']);
});

it('a Cursor request with a Chat body and flat tools translates to Chat', () => {
  const { chat, dropped } = createChatFormat(MIXED);
  expect(chat).toEqual({
    ...MIXED,
    messages: [
      MIXED.messages[0],
      { ...MIXED.messages[1], tool_calls: [{ id: 'c1', type: 'function', function: WRAPPED }] },
      MIXED.messages[2],
    ],
    tools: TOOLS,
    tool_choice: { type: 'function', function: { name: 'ApplyPatch' } },
  });
  expect(dropped).toEqual(['tools.format']);
});

it('a custom tool call of Cursor translates to a function call', () => {
  const custom = { id: 'c1', type: 'custom', custom: { name: 'ApplyPatch', input: '*** Begin Patch' } };
  const messages = [{ ...MIXED.messages[1], tool_calls: [custom] }];
  const { chat } = createCursorFormat({ ...MIXED, messages });
  expect(chat.messages[0]).toMatchObject({ tool_calls: [{ id: 'c1', type: 'function', function: WRAPPED }] });
});

const calls = (index: number, members: JsonObject): ScriptedChunk =>
  ({ tool_calls: [{ index, ...members }] }) as unknown as ScriptedChunk;

it('a Cursor stream consists of Chat chunks and ends with usage', () => {
  const start = (index: number, name: string) =>
    calls(index, { id: `c${index}`, type: 'function', function: { name, arguments: '' } });
  const text = streamedText(createCursorFormat(AS_RESPONSES), [
    { role: 'assistant', content: 'On it.' },
    start(0, 'read_file'),
    start(1, 'ApplyPatch'),
    start(2, 'ApplyPatch'),
    calls(0, { function: { arguments: '{"input":"a"}' } }),
    calls(1, { function: { arguments: '{"input":"*** Be' } }),
    calls(1, { function: { arguments: 'gin\\n"}' } }),
    calls(2, { function: { arguments: '{"patch":"odd"}' } }),
    { finish: 'tool_calls' },
    { usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } },
  ]);
  const events = text.slice(0, -2).split('\n\n');
  expect(events.pop()).toBe('data: [DONE]');
  const chunks = events.map((event) => JSON.parse(event.slice('data: '.length)));
  expect(chunks[0]).toEqual(chunkOf({ role: 'assistant', content: 'On it.' }));
  const args = new Map<number, string>();
  for (const delta of chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? [])) {
    args.set(delta.index, (args.get(delta.index) ?? '') + delta.function.arguments);
  }
  expect([...args.values()]).toEqual(['{"input":"a"}', '*** Begin\n', 'odd']);
  expect(chunks.at(-2).choices[0]).toEqual({ index: 0, delta: {}, finish_reason: 'tool_calls' });
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 3 } });
});

it('a custom call reaches Cursor once from a server that leaves finish reasons out', () => {
  let told = '';
  const stream = createCursorFormat(AS_RESPONSES).createStream((events) => (told += events));
  const call = (part: object): ChatChunk => {
    const { choices, ...chunk } = chunkOf({ tool_calls: [{ index: 0, ...part }] } as never);
    const { finish_reason: _none, ...choice } = choices[0]!;
    return { ...chunk, choices: [choice as ChunkChoice] };
  };
  stream.writeChunk(call({ id: 'c', type: 'function', function: { name: 'ApplyPatch', arguments: '{"patch":"o' } }));
  for (const args of ['d', 'd', '"}']) stream.writeChunk(call({ function: { arguments: args } }));
  stream.writeChunk(chunkOf({ finish: 'tool_calls' }));
  stream.end();
  const pieces = told.matchAll(/"arguments":"([^"]*)"/g);
  expect([...pieces].map(([, piece]) => piece).join('')).toBe('odd');
});

it('a whole response reaches Cursor as a Chat completion', () => {
  const message = {
    role: 'assistant' as const,
    content: null,
    refusal: null,
    tool_calls: [{ id: 'c1', type: 'function' as const, function: WRAPPED }],
  };
  const completion = completionOf({ choices: [{ index: 0, message, finish_reason: 'tool_calls', logprobs: null }] });
  const told = JSON.parse(createCursorFormat(AS_RESPONSES).renderResponse(completion));
  expect(told.choices[0].message.tool_calls[0].function).toEqual({ name: 'ApplyPatch', arguments: '*** Begin Patch' });
});
