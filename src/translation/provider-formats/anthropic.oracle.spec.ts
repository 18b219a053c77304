/**
 * Promise: the translator agrees with @ai-sdk/anthropic. A Chat request through either means the same to the vendor,
 * and both convert the vendor's responses and streams to the same result. `test/support/translation/differences` explains the
 * differences.
 */
import { createAnthropic } from '@ai-sdk/anthropic';
import { anthropicDifferences as known } from '../../../test/support/translation/differences/anthropic.js';
import { goldenCases, streamed } from '../../../test/support/translation/golden.js';
import {
  callOptions,
  type Difference,
  differences,
  recordingFetch,
  readChunks,
  readCompletion,
  readResult,
  readStream,
  unexplained,
  type VendorOptions,
} from '../../../test/support/translation/oracle.js';
import type { ChatRequest, ChatTool, JsonObject } from '../pivot/chat.js';
import { anthropicTranslator } from './anthropic.translator.js';
import { findClaudeModel } from './anthropic/claude-models.js';
import { CLAUDE_FORMAT } from './anthropic/reasoning-replay.js';
import { BUDGETS } from './anthropic/request/thinking.js';
import { JSON_RESPONSE_TOOL } from './anthropic/request/tools.js';

const ANSWER = JSON.stringify({
  type: 'message',
  id: 'msg_1',
  model: 'claude',
  role: 'assistant',
  content: [],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 1 },
});

const contextOf = (model: string, streaming: boolean) => ({ model, id: 'chatcmpl-1', created: 1, streaming });

const oracleFor = (model: string, { fetch }: ReturnType<typeof recordingFetch>) =>
  createAnthropic({ apiKey: 'k', fetch }).languageModel(model);

/** Options that the SDK takes beside the prompt. */
function optionsFor(chat: ChatRequest, model: string): VendorOptions {
  const anthropic = {
    ...thinkingFor(chat, model),
    ...(chat.parallel_tool_calls === false ? { disableParallelToolUse: true } : {}),
    ...(chat.user ? { metadata: { userId: chat.user } } : {}),
  };
  return {
    call: { anthropic },
    reasoning: (detail) => {
      if (detail.format !== CLAUDE_FORMAT) return undefined;
      if (detail.type === 'reasoning.encrypted')
        return { text: '', providerOptions: { anthropic: { redactedData: detail.data } } };
      if (detail.type !== 'reasoning.text') return undefined;
      return { text: detail.text, providerOptions: { anthropic: { signature: detail.signature! } } };
    },
    part: (part) => {
      const cacheControl = (part as JsonObject)['cache_control'] as { type: string } | undefined;
      return cacheControl && { anthropic: { cacheControl } };
    },
  };
}

function thinkingFor({ reasoning_effort: effort }: ChatRequest, model: string) {
  const { thinking, hidesThinking } = findClaudeModel(model);
  if (!effort || thinking === 'never') return {};
  if (effort === 'none') return thinking === 'budget' ? {} : { thinking: { type: 'disabled' } };
  if (thinking === 'budget') return { thinking: { type: 'enabled', budgetTokens: BUDGETS[effort] } };
  return { thinking: { type: 'adaptive', ...(hidesThinking ? { display: 'summarized' } : {}) }, effort };
}

async function bothBodies(chat: ChatRequest, model: string, path: string): Promise<Difference[]> {
  const streaming = chat.stream === true;
  const ours = anthropicTranslator.translateRequest(chat, contextOf(model, streaming));
  const recorder = streaming ? recordingFetch('', 'text/event-stream') : recordingFetch(ANSWER, 'application/json');
  const oracle = oracleFor(model, recorder);
  const options = callOptions(chat, optionsFor(chat, model));
  if (streaming) await oracle.doStream(options);
  else await oracle.doGenerate(options);
  const [sent] = recorder.sent;
  expect(sent!.url).toBe(`https://api.anthropic.com/${ours.path}`);
  expect(sent!.headers.get('anthropic-version')).toBe(ours.headers[1]);
  return differences(JSON.parse(JSON.stringify(ours.body)), sent!.body, path);
}

const TOOLS: ChatTool[] = [
  {
    type: 'function',
    function: {
      name: 'weather',
      description: 'Tells the weather of a town',
      parameters: { type: 'object', properties: { town: { type: 'string' } }, required: ['town'] },
    },
  },
];

const HELLO: ChatRequest = { model: 'claude', messages: [{ role: 'user', content: 'Hello' }] };

/** Common requests, each sent to every generation of models. */
const CHATS: Record<string, ChatRequest> = {
  plain: HELLO,
  sampling: { ...HELLO, temperature: 0.5, top_p: 0.9, top_k: 5, max_tokens: 200, stop: 'END' },
  tools: { ...HELLO, tools: TOOLS, tool_choice: 'auto', parallel_tool_calls: false },
  forced: { ...HELLO, tools: TOOLS, tool_choice: 'required' },
  named: { ...HELLO, tools: TOOLS, tool_choice: { type: 'function', function: { name: 'weather' } } },
  none: { ...HELLO, tools: TOOLS, tool_choice: 'none' },
  schema: {
    ...HELLO,
    response_format: {
      type: 'json_schema',
      json_schema: {
        name: 'buoy',
        schema: {
          type: 'object',
          properties: { name: { type: 'string' } },
          required: ['name'],
          additionalProperties: false,
        },
      },
    },
  },
  thinking: { ...HELLO, reasoning_effort: 'low', max_tokens: 4000 },
  unthinking: { ...HELLO, reasoning_effort: 'none' },
  loop: {
    ...HELLO,
    messages: [
      { role: 'system', content: 'You are a pilot.' },
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'The weather' },
          { type: 'text', text: 'in Husum and Bremen?' },
        ],
      },
      {
        role: 'assistant',
        content: 'I will look.',
        reasoning_details: [
          { type: 'reasoning.text', text: 'Two towns.', signature: 'S', format: CLAUDE_FORMAT, index: 0 },
          { type: 'reasoning.encrypted', data: 'E', format: CLAUDE_FORMAT, index: 1 },
        ],
        tool_calls: [
          { id: 'toolu_1', type: 'function', function: { name: 'weather', arguments: '{"town":"Husum"}' } },
          { id: 'toolu_2', type: 'function', function: { name: 'weather', arguments: '{"town":"Bremen"}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'toolu_1', content: 'Fog' },
      { role: 'tool', tool_call_id: 'toolu_2', content: [{ type: 'text', text: 'Rain' }] },
      { role: 'user', content: 'And tomorrow?' },
      { role: 'assistant', content: 'The same.' },
      { role: 'user', content: 'Thank you.' },
    ],
    tools: TOOLS,
    reasoning_effort: 'high',
    max_completion_tokens: 64_000,
  },
};

const MODELS = [
  'claude-3-haiku-20240307',
  'claude-sonnet-4-20250514',
  'claude-opus-4-1-20250805',
  'claude-haiku-4-5-20251001',
  'claude-opus-4-5',
  'claude-sonnet-4-6',
  'claude-opus-4-7',
  'claude-opus-4-8',
  'claude-sonnet-5',
  'claude-opus-5',
  'claude-fable-5',
  'claude-fable-5-1',
  'claude-haiku-5-5',
  'claude-sonnet-5-5',
  'claude-opus-5-5',
];

const goldens = goldenCases('anthropic').map(([file, golden]) => [file.replace('.json', ''), golden] as const);

describe('requests', () => {
  it.each(goldens.filter(([, { request }]) => request))(
    'the golden request %s means the same as that of the AI SDK',
    async (name, { chat, model }) => {
      const compared = bothBodies(chat!, model, name);
      if (name in known.refusedByThem) await expect(compared).rejects.toThrow('not supported');
      else expect(unexplained(await compared, known.requests)).toEqual([]);
    },
  );

  it.each(Object.entries(CHATS))(
    'the common request %s means the same as that of the AI SDK for every model',
    async (name, chat) => {
      const found = await Promise.all(MODELS.map((model) => bothBodies(chat, model, `${name}/${model}`)));
      expect(unexplained(found.flat(), known.requests)).toEqual([]);
    },
  );

  it('every explained difference between requests occurs', async () => {
    const ofGoldens = goldens.filter(([name, { request }]) => request && !(name in known.refusedByThem));
    const ofChats = Object.entries(CHATS).flatMap(([name, chat]) =>
      MODELS.map((model) => [name, chat, model] as const),
    );
    const found = await Promise.all([
      ...ofGoldens.map(([name, { chat, model }]) => bothBodies(chat!, model, name)),
      ...ofChats.map(([name, chat, model]) => bothBodies(chat, model, `${name}/${model}`)),
    ]);
    const idle = known.requests.filter((row) => unexplained(found.flat(), [row]).length === found.flat().length);
    expect(idle).toEqual([]);
  });
});

/** Renames the JSON answer tool in a recorded response to the name that the SDK expects. */
const asTheirs = (recorded: string): string => recorded.replaceAll(JSON_RESPONSE_TOOL, 'json');

describe('responses', () => {
  it.each(goldens.filter(([, { answer }]) => answer))(
    'the golden response %s converts to the same result as in the AI SDK',
    async (name, { chat = HELLO, model, answer }) => {
      const recorded = JSON.stringify(answer!.vendor);
      const oracle = oracleFor(model, recordingFetch(asTheirs(recorded), 'application/json'));
      const theirs = readResult(await oracle.doGenerate(callOptions(chat, optionsFor(chat, model))));
      const ours = readCompletion(
        anthropicTranslator.translateResponse(Buffer.from(recorded), contextOf(model, false)),
      );
      expect(unexplained(differences(ours, theirs, name), known.answers)).toEqual([]);
    },
  );

  const streams = goldens.filter(([, { stream }]) => stream && !stream.isCut && !stream.error);
  it.each(streams)(
    'the golden stream %s converts to the same result as in the AI SDK',
    async (name, { chat = HELLO, model, stream }) => {
      const recorded = (stream!.vendor as string[]).join('');
      const oracle = oracleFor(model, recordingFetch(asTheirs(recorded), 'text/event-stream'));
      const { stream: parts } = await oracle.doStream(callOptions(chat, optionsFor(chat, model)));
      const theirs = await readStream(parts);
      const ours = readChunks(streamed(anthropicTranslator, contextOf(model, true), [Buffer.from(recorded)]).chunks);
      expect(unexplained(differences(ours, theirs, name), known.answers)).toEqual([]);
    },
  );

  it('the AI SDK fails amid a stream with the same message', async () => {
    const { model, stream } = goldens.find(([name]) => name === 'stream-error')![1];
    const oracle = oracleFor(model, recordingFetch((stream!.vendor as string[]).join(''), 'text/event-stream'));
    const { stream: parts } = await oracle.doStream(callOptions(HELLO));
    await expect(readStream(parts)).rejects.toMatchObject({ message: stream!.error!.message });
  });

  it('the AI SDK throws an error with the same message', async () => {
    const { model, error } = goldens.find(([name]) => name === 'error')![1];
    const recorder = recordingFetch(JSON.stringify(error!.vendor), 'application/json', error!.status);
    const asked = oracleFor(model, recorder).doGenerate(callOptions(HELLO));
    await expect(asked).rejects.toThrow(error!.chat.message);
  });
});
