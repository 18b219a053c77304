import type { ChatChunk, ChatCompletion } from './chat.js';
import { WholeResponseStream } from './whole-response.stream.js';

const COMPLETION: ChatCompletion = {
  id: 'x',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content: 'Found.',
        refusal: null,
        reasoning_content: 'Hm.',
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
      },
      finish_reason: 'tool_calls',
      logprobs: null,
    },
  ],
  usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
};

function streamOf(read: (body: Uint8Array) => ChatCompletion): { chunks: ChatChunk[]; isWhole: boolean } {
  const chunks: ChatChunk[] = [];
  const stream = new WholeResponseStream(read, { writeChunk: (chunk) => chunks.push(chunk), writeError: () => {} });
  for (const piece of ['{"who', 'le":true}']) stream.push(Buffer.from(piece));
  return { chunks, isWhole: stream.end() };
}

it('a whole response becomes chunks in the order reasoning, text, calls, finish reason, usage', () => {
  let body = '';
  const { chunks, isWhole } = streamOf((bytes) => {
    body = Buffer.from(bytes).toString();
    return COMPLETION;
  });
  expect(isWhole).toBe(true);
  expect(body).toBe('{"whole":true}');
  expect(chunks.map(({ choices }) => choices[0]?.delta)).toEqual([
    { role: 'assistant' },
    { reasoning_content: 'Hm.' },
    { content: 'Found.' },
    { tool_calls: [{ index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }] },
    {},
    undefined,
  ]);
  expect(chunks.map(({ choices }) => choices[0]?.finish_reason)).toEqual([
    null,
    null,
    null,
    null,
    'tool_calls',
    undefined,
  ]);
  expect(chunks.at(-1)!.usage).toEqual(COMPLETION.usage);
});

it('a stream whose whole response cannot be read is reported as cut', () => {
  const isWhole = streamOf(() => {
    throw new TypeError('no completion');
  }).isWhole;
  expect(isWhole).toBe(false);
});
