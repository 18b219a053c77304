/**
 * Promise: for any vendor's stream, Anthropic's grammar holds, nothing is lost, and the next turn returns all of it.
 */
import fc from 'fast-check';
import { accumulated } from '../../../test/support/translation/message-events.js';
import type {
  AssistantMessage,
  ChatChunk,
  ChatCompletion,
  ChatDelta,
  JsonObject,
  ReasoningDetail,
  ToolCall,
} from '../pivot/chat.js';
import { createMessagesFormat } from './messages.client-format.js';

const context = { id: 'msg_1', created: 1_790_000_000 };
const frontOf = (body: JsonObject) =>
  createMessagesFormat(
    { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'Hello.' }], ...body },
    context,
  );

const words = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });
const calls = fc
  .array(
    fc.record({
      name: fc.constantFrom('find', 'read'),
      input: fc.dictionary(fc.string({ maxLength: 6 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }),
      signature: fc.option(words, { nil: undefined }),
    }),
    { maxLength: 4 },
  )
  .map((list) =>
    list.map<ToolCall>(({ name, input, signature }, i) => ({
      id: `call_${i}`,
      type: 'function',
      function: { name, arguments: JSON.stringify(input) },
      ...(signature === undefined ? {} : { extra_content: { google: { thought_signature: signature } } }),
    })),
  );
const format = fc.constantFrom('anthropic-claude-v1', 'google-gemini-v1', 'openai-responses-v1', 'bedrock-converse-v1');
const details = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('reasoning.text' as const), text: words, signature: words, format }),
    fc.record({ type: fc.constant('reasoning.encrypted' as const), data: words, format }),
  ),
  { maxLength: 3 },
);
const message = fc.record({ text: fc.option(words, { nil: null }), calls, details });

/** Cuts a text in two or three pieces without splitting a character. */
const pieces = (text: string, at: number): string[] => {
  const characters = [...text];
  const middle = characters.length === 0 ? 0 : at % (characters.length + 1);
  return [characters.slice(0, middle).join(''), characters.slice(middle).join('')];
};

/** Returns the deltas of the calls interleaved, each call's in their order. */
function callDeltas(list: readonly ToolCall[], order: readonly number[]): ChatDelta[] {
  const queues = list.map(({ id, type, function: { name, arguments: text }, extra_content }, index) => {
    const [first = '', second = ''] = pieces(text, order[index] ?? 0);
    return [
      { index, id, type, function: { name, arguments: first }, ...(extra_content && { extra_content }) },
      { index, function: { arguments: second } },
    ];
  });
  const deltas: ChatDelta[] = [];
  for (let turn = 0; queues.some((queue) => queue.length > 0); turn++) {
    const left = queues.filter((queue) => queue.length > 0);
    deltas.push({ tool_calls: [left[(order[turn % order.length] ?? 0) % left.length]!.shift()!] });
  }
  return deltas;
}

function chunksOf({ text, calls: list, details: replay }: Made, order: readonly number[]): ChatChunk[] {
  const deltas: ChatDelta[] = [{ role: 'assistant', content: '' }];
  for (const detail of replay) {
    if (detail.type === 'reasoning.text')
      deltas.push(...pieces(detail.text, order[0] ?? 0).map((reasoning_content) => ({ reasoning_content })));
    deltas.push({ reasoning_details: [detail] });
  }
  if (text !== null) deltas.push(...pieces(text, order[1] ?? 0).map((content) => ({ content })));
  deltas.push(...callDeltas(list, order));
  const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk' as const, created: 1, model: 'm' };
  return [
    ...deltas.map((delta) => ({ ...head, choices: [{ index: 0, delta, finish_reason: null }] })),
    { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop' as const }] },
    { ...head, choices: [], usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 } },
  ];
}

interface Made {
  text: string | null;
  calls: ToolCall[];
  details: ReasoningDetail[];
}

const ORDER = fc.array(fc.nat(50), { minLength: 2, maxLength: 8 });

const streamed = (made: Made, order: readonly number[], body: JsonObject): JsonObject[] => {
  let told = '';
  const stream = frontOf(body).createStream((events) => (told += events));
  for (const chunk of chunksOf(made, order)) stream.writeChunk(chunk);
  stream.end();
  return accumulated(told);
};

function whole({ text, calls: list, details: replay }: Made, body: JsonObject): JsonObject[] {
  const completion: ChatCompletion = {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: text, refusal: null, tool_calls: list, reasoning_details: replay },
        finish_reason: 'stop',
        logprobs: null,
      },
    ],
  };
  return (JSON.parse(frontOf(body).renderResponse(completion)) as { content: JsonObject[] }).content;
}

/**
 * Returns the data that the vendor receives of this content in the next turn. Calls are in the order in which they
 * began; the positions of Claude's thinking are not compared.
 */
function returned(content: JsonObject[]): Made {
  const turns = [
    { role: 'user', content: 'Hello.' },
    { role: 'assistant', content },
  ];
  const front = frontOf({ messages: turns });
  expect(front.dropped).toEqual([]);
  const assistant = front.chat.messages.at(-1) as AssistantMessage;
  if (assistant.role !== 'assistant') return { text: null, calls: [], details: [] };
  return {
    text: assistant.content as string | null,
    calls: (assistant.tool_calls ?? []).sort((a, b) => a.id.localeCompare(b.id)),
    details: (assistant.reasoning_details ?? []).map(({ index: _index, ...detail }) => detail as ReasoningDetail),
  };
}

const THINKING: JsonObject = { thinking: { type: 'adaptive' } };

it('the next turn returns all content of a response, streamed or whole', () => {
  fc.assert(
    fc.property(message, ORDER, (made, order) => {
      expect(returned(streamed(made, order, THINKING))).toEqual(made);
      expect(returned(whole(made, THINKING))).toEqual(made);
    }),
    { numRuns: 100 },
  );
});

it('a client without thinking gets no thinking blocks, and a call still returns the reasoning', () => {
  fc.assert(
    fc.property(message, ORDER, (made, order) => {
      const expected = made.calls.length > 0 ? made : { ...made, details: [] };
      for (const content of [streamed(made, order, {}), whole(made, {})]) {
        expect(content.map(({ type }) => type)).not.toContain('thinking');
        if (made.text !== null) expect(content[0]).toEqual({ type: 'text', text: made.text });
        expect(returned(content)).toEqual(expected);
      }
    }),
    { numRuns: 100 },
  );
});

const anything = fc.jsonValue({ maxDepth: 3 });
const block = fc.record(
  {
    type: fc.constantFrom('text', 'image', 'document', 'tool_use', 'tool_result', 'thinking', 'redacted_thinking'),
    text: anything,
    source: fc.oneof(
      anything,
      fc.record({ type: fc.constantFrom('base64', 'url', 'text', 'content'), data: anything }),
    ),
    content: anything,
    id: anything,
    signature: fc.constantFrom('', 'gatehouse.1.', 'gatehouse.1.e30', 'gatehouse.1.W10', 'Eq'),
    data: fc.constantFrom(7, 'gatehouse.1.bnVsbA', 'gatehouse.1.eyJkZXRhaWwiOjF9', 'gatehouse.1.eyJjYWxsIjp7fX0'),
  },
  { requiredKeys: ['type'] },
);
const turn = fc.record({
  role: fc.constantFrom('user', 'assistant', 'system'),
  content: fc.oneof(anything, fc.array(block, { maxLength: 3 })),
});
const shapes = fc.record(
  {
    messages: fc.array(turn, { minLength: 1, maxLength: 3 }),
    system: anything,
    tools: anything,
    tool_choice: anything,
    thinking: anything,
    output_config: anything,
    metadata: anything,
    stop_sequences: anything,
    temperature: anything,
  },
  { requiredKeys: [] },
);

it('a request of any shape is translated or refused with invalid_body or unsupported_parameter', () => {
  fc.assert(
    fc.property(shapes, (body) => {
      try {
        expect(frontOf(body).chat.messages).toBeInstanceOf(Array);
      } catch (error) {
        expect(['invalid_body', 'unsupported_parameter']).toContain((error as { code?: string }).code);
      }
    }),
    { numRuns: 1000 },
  );
});
