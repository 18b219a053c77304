/** Promise: in any conversation, nothing gets lost between a Responses client and the pivot, in both directions. */
import fc from 'fast-check';
import {
  completionOf,
  CONTEXT,
  eventsOf,
  type ScriptedChunk,
  streamedText,
} from '../../../test/support/translation/responses-golden.js';
import type { ChatChoice, ChatMessage, JsonObject, ReasoningDetail, ToolCall } from '../pivot/chat.js';
import { createResponsesFormat } from './responses.client-format.js';

const TOOLS = [
  { type: 'function', name: 'look', parameters: { type: 'object' } },
  { type: 'custom', name: 'patch' },
  { type: 'namespace', name: 'files', description: '', tools: [{ type: 'function', name: 'look' }] },
];
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const detail: fc.Arbitrary<ReasoningDetail> = fc.oneof(
  fc.record({
    type: fc.constant('reasoning.text' as const),
    text,
    signature: text,
    format: fc.constant('anthropic-claude-v1'),
  }),
  fc.record({ type: fc.constant('reasoning.encrypted' as const), data: text, format: fc.constant('google-gemini-v1') }),
);
const call = fc.oneof(
  fc.record({
    name: fc.constantFrom('look', 'files__look'),
    arguments: fc.json(),
    extra: fc.option(text, { nil: undefined }),
  }),
  fc.record({
    name: fc.constant('patch'),
    arguments: text.map((input) => JSON.stringify({ input })),
    extra: fc.constant(undefined),
  }),
);
const turn = fc
  .record({
    thought: fc.option(text, { nil: '' }),
    details: fc.array(detail, { maxLength: 2 }),
    said: fc.option(text, { nil: '' }),
    calls: fc.array(call, { maxLength: 3 }),
  })
  .filter(({ said, calls }) => said !== '' || calls.length > 0);
type Turn = typeof turn extends fc.Arbitrary<infer T> ? T : never;

/**
 * Returns the messages of a client's next request: its first input, the output that it received, and another question.
 */
function nextMessages(output: JsonObject[], question: string): ChatMessage[] {
  const input = [{ role: 'user', content: 'first' }, ...output, { role: 'user', content: question }];
  const { chat, dropped } = createResponsesFormat({ model: 'm', tools: TOOLS, input }, CONTEXT);
  expect(dropped).toEqual([]);
  return chat.messages;
}

const callsOf = (calls: Turn['calls']): ToolCall[] =>
  calls.map(({ name, arguments: args, extra }, i) => ({
    id: `call_${i}`,
    type: 'function',
    function: { name, arguments: args },
    ...(extra !== undefined && { extra_content: { google: { thought_signature: extra } } }),
  }));

function expectedMessages({ thought, details, said, calls }: Turn, question: string): ChatMessage[] {
  return [
    { role: 'user', content: 'first' },
    {
      role: 'assistant',
      content: said === '' ? null : said,
      ...(calls.length > 0 && { tool_calls: callsOf(calls) }),
      ...(thought !== '' && { reasoning_content: thought }),
      ...(details.length > 0 && { reasoning_details: details }),
    },
    { role: 'user', content: question },
  ];
}

/** Returns the deltas of a turn: texts are cut anywhere and calls are interleaved. */
function chunksOf({ thought, details, said, calls }: Turn, cuts: number[]): ScriptedChunk[] {
  const cut = (whole: string): string[] => {
    const at = cuts.map((n) => n % (whole.length + 1)).sort((a, b) => a - b);
    return [0, ...at].map((from, i) => whole.slice(from, at[i] ?? whole.length));
  };
  const told = callsOf(calls).map(({ function: called, ...head }, index) => ({
    head,
    index,
    called,
    pieces: cut(called.arguments),
  }));
  return [
    { role: 'assistant', content: '' },
    ...cut(thought).map((piece) => ({ reasoning_content: piece })),
    ...(details.length > 0 ? [{ reasoning_details: details }] : []),
    ...cut(said).map((piece) => ({ content: piece })),
    ...told.map(({ head, index, called }) => ({
      tool_calls: [{ index, ...head, function: { name: called.name, arguments: '' } }],
    })),
    ...cuts
      .concat(0)
      .flatMap((_, i) =>
        told.map(({ index, pieces }) => ({ tool_calls: [{ index, function: { arguments: pieces[i]! } }] })),
      ),
    { finish: calls.length > 0 ? 'tool_calls' : 'stop' },
  ];
}

const front = () => createResponsesFormat({ model: 'm', tools: TOOLS, input: 'first', stream: true }, CONTEXT);

it('the next request returns any whole response unchanged', () => {
  fc.assert(
    fc.property(turn, text, (turn, question) => {
      const message: ChatChoice['message'] = {
        role: 'assistant',
        content: turn.said,
        refusal: null,
        tool_calls: callsOf(turn.calls),
        reasoning_content: turn.thought,
        reasoning_details: turn.details,
      };
      const choice: ChatChoice = { index: 0, message, finish_reason: 'stop', logprobs: null };
      const { output } = JSON.parse(front().renderResponse(completionOf({ choices: [choice] })));
      expect(nextMessages(output, question)).toEqual(expectedMessages(turn, question));
    }),
    { numRuns: 80 },
  );
});

it('the next request returns any streamed response unchanged, and its items equal the final output', () => {
  fc.assert(
    fc.property(turn, text, fc.array(fc.nat(30), { maxLength: 4 }), (turn, question, cuts) => {
      const events = eventsOf(streamedText(front(), chunksOf(turn, cuts)));
      const [type, last] = events.at(-1)!;
      expect(type).toBe('response.completed');
      const { output } = last['response'] as { output: JsonObject[] };
      const done: JsonObject[] = [];
      for (const [name, event] of events) {
        if (name === 'response.output_item.done') done[event['output_index'] as number] = event['item'] as JsonObject;
      }
      expect(done).toEqual(output);
      expect(nextMessages(output, question)).toEqual(expectedMessages(turn, question));
    }),
    { numRuns: 80 },
  );
});

it('any history keeps its texts, calls and outputs in order', () => {
  const said = fc.record({
    type: fc.constant('message'),
    role: fc.constantFrom('user', 'assistant', 'developer'),
    content: text,
  });
  const exchange = fc.record({ name: text, args: fc.json(), output: text });
  fc.assert(
    fc.property(
      fc.array(fc.oneof(said, fc.array(exchange, { minLength: 1, maxLength: 3 })), { minLength: 1 }),
      (history) => {
        let n = 0;
        const input = history.flatMap((entry): JsonObject[] => {
          if (!Array.isArray(entry)) return [entry];
          const numbered = entry.map((one) => ({ ...one, id: `call_${n++}` }));
          return [
            ...numbered.map(({ id, name, args }) => ({ type: 'function_call', call_id: id, name, arguments: args })),
            ...numbered.map(({ id, output }) => ({ type: 'function_call_output', call_id: id, output })),
          ];
        });
        const { chat } = createResponsesFormat({ model: 'm', input }, CONTEXT);
        expect(chat.messages.flatMap(sayings)).toEqual(input.map(sayingOf));
        for (const [i, message] of chat.messages.entries()) {
          if (message.role === 'tool') expect(['tool', 'assistant']).toContain(chat.messages[i - 1]!.role);
        }
      },
    ),
    { numRuns: 80 },
  );
});

function sayingOf(item: JsonObject): unknown[] {
  if (item['type'] === 'function_call') return [item['call_id'], item['name'], item['arguments']];
  if (item['type'] === 'function_call_output') return ['tool', item['call_id'], item['output']];
  return [item['role'], item['content']];
}

function sayings(message: ChatMessage): unknown[][] {
  if (message.role === 'tool') return [['tool', message.tool_call_id, message.content]];
  const calls = message.role === 'assistant' ? (message.tool_calls ?? []) : [];
  const told = calls.map(({ id, function: { name, arguments: args } }) => [id, name, args]);
  return message.content === null ? told : [[message.role, message.content], ...told];
}

it('unknown members of items are named as dropped, except in items that are left out', () => {
  const input = [
    { type: 'message', role: 'user', content: 'Hi', id: 'msg_1', status: 'completed', x_mood: 'good', x_none: null },
    { type: 'web_search_call', id: 'ws_1', status: 'completed', query: 'q' },
    { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}', x_speed: 1 },
    { type: 'function_call_output', call_id: 'c', output: 'done' },
  ];
  const { dropped } = createResponsesFormat({ model: 'm', tools: TOOLS, input }, CONTEXT);
  expect([...dropped].sort()).toEqual(['input.web_search_call', 'input.x_mood', 'input.x_speed']);
});
