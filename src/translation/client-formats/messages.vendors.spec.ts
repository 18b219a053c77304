/**
 * Promise: a client of Messages receives the same from every vendor's recorded streams, and returns the data that the
 * vendor requires.
 */
import { goldenCases } from '../../../test/support/translation/golden.js';
import { accumulated } from '../../../test/support/translation/message-events.js';
import { readChunks } from '../../../test/support/translation/oracle.js';
import type { AssistantMessage, ChatChunk, JsonObject, ReasoningDetail, ToolCall } from '../pivot/chat.js';
import { createMessagesFormat } from './messages.client-format.js';

const REQUEST: JsonObject = {
  model: 'm',
  max_tokens: 9,
  thinking: { type: 'adaptive' },
  messages: [{ role: 'user', content: 'Hello.' }],
};
const frontOf = (body: JsonObject) => createMessagesFormat(body, { id: 'msg_1', created: 1 });

const joined = (blocks: readonly JsonObject[], kind: string): string =>
  blocks.map((block) => (block[kind] as string | undefined) ?? '').join('');

const firstChoice = (chunks: readonly ChatChunk[]): ChatChunk[] =>
  chunks.map((chunk) => ({ ...chunk, choices: chunk.choices.filter(({ index }) => index === 0) }));

/** Returns the text of the refusal, which is sent as text too, for clients that do not know `stop_details`. */
function refusalOf(chunks: readonly ChatChunk[]): string {
  return chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta.refusal ?? '')).join('');
}

function detailsOf(chunks: readonly ChatChunk[]): ReasoningDetail[] {
  return chunks.flatMap(({ choices }) => choices.flatMap(({ delta }) => delta.reasoning_details ?? []));
}

function extrasOf(chunks: readonly ChatChunk[]): unknown[] {
  return chunks.flatMap(({ choices }) =>
    choices.flatMap(({ delta }) => (delta.tool_calls ?? []).flatMap((call) => call.extra_content ?? [])),
  );
}

const streams = ['anthropic', 'bedrock', 'cohere', 'gemini'].flatMap((vendor) =>
  goldenCases(vendor).flatMap(([file, { stream }]) =>
    stream && !stream.error && !stream.isCut ? [[`${vendor}/${file}`, firstChoice(stream.chat)] as const] : [],
  ),
);

it('the golden streams number at least twenty', () => {
  expect(streams.length).toBeGreaterThanOrEqual(20);
});

it.each(streams)('the stream %s reaches a Messages client with its replay data', (_file, chunks) => {
  let told = '';
  const stream = frontOf(REQUEST).createStream((events) => (told += events));
  for (const chunk of chunks) stream.writeChunk(chunk);
  stream.end();
  const blocks = accumulated(told);
  const { text, reasoning, calls } = readChunks(chunks);
  expect([joined(blocks, 'text'), joined(blocks, 'thinking')]).toEqual([text + refusalOf(chunks), reasoning]);
  const used = blocks.filter(({ type }) => type === 'tool_use');
  expect(used.map(({ id, name, input }) => ({ id, name, arguments: input }))).toEqual(calls);

  const turns = [...(REQUEST['messages'] as unknown[]), { role: 'assistant', content: blocks }];
  const { chat, dropped } = frontOf({ ...REQUEST, messages: turns });
  expect(dropped).toEqual([]);
  const returned = chat.messages.at(-1) as AssistantMessage;
  expect(returned.reasoning_details ?? []).toEqual(detailsOf(chunks));
  expect((returned.tool_calls ?? []).flatMap((call: ToolCall) => call.extra_content ?? [])).toEqual(extrasOf(chunks));
});
