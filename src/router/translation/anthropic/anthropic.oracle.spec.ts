/**
 * @ai-sdk/anthropic says the same: a Chat request through theirs and ours means the same to the vendor, and the vendor's
 * answers and streams tell the same through both. What differs is explained in the tables below.
 */
import { createAnthropic } from '@ai-sdk/anthropic';
import { goldenCases, streamed } from '../../../../test/support/golden.js';
import {
  callOptions,
  type Difference,
  differences,
  type Explained,
  recordingFetch,
  toldByChunks,
  toldByCompletion,
  toldByResult,
  toldByStream,
  unexplained,
  type VendorOptions,
} from '../../../../test/support/oracle.js';
import type { ChatRequest, ChatTool, JsonObject } from '../chat.js';
import { anthropicTranslator } from './anthropic.translator.js';
import { claudeModel } from './claude-models.js';
import { CLAUDE_FORMAT } from './reasoning-replay.js';
import { BUDGETS } from './thinking.js';
import { JSON_ANSWER_TOOL } from './tools.js';

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

/** What the SDK is told apart from the prompt. */
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
  const { thinking, hidesThinking } = claudeModel(model);
  if (!effort || thinking === 'never') return {};
  if (effort === 'none') return thinking === 'budget' ? {} : { thinking: { type: 'disabled' } };
  if (thinking === 'budget') return { thinking: { type: 'enabled', budgetTokens: BUDGETS[effort] } };
  return { thinking: { type: 'adaptive', ...(hidesThinking ? { display: 'summarized' } : {}) }, effort };
}

async function bothBodies(chat: ChatRequest, model: string, path: string): Promise<Difference[]> {
  const streaming = chat.stream === true;
  const ours = anthropicTranslator.request(chat, contextOf(model, streaming));
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

/** What comes up every day, asked of every generation. */
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

/** Of requests. Paths begin with the golden case's name, or with that of the chat and the model's. */
const EXPLAINED: Explained[] = [
  {
    at: /\.tools\[\d\]\.eager_input_streaming$/,
    because: 'theirs takes arguments that the vendor has not checked yet, to have them sooner; Chat promises JSON',
  },
  {
    at: /^(forced|named)\S+\.messages\[0\]\.content\[1\]$/,
    because: 'the caller asked for a call: where it cannot be forced we ask for it in words, theirs warns',
  },
  {
    at: /^forced-newest\.tools\[1\]$/,
    because: 'we keep all tools, as the vendor binds thinking to them and caches them; theirs takes the others away',
  },
  {
    at: /^schema\S+\.(tools\[\d\]\.(name|description)|tool_choice\.(type|name))$/,
    because: 'our JSON answer has a name that no client has, and is named in the choice where it is the only tool',
  },
  {
    at: /^schema-by-call\.thinking$/,
    because:
      'a budget of thinking lets no call be forced: the schema goes before the effort with us, after it with theirs',
  },
  {
    at: /^schema-in-words\.(system\[1\]|tools|tool_choice)$/,
    because: 'theirs offers a tool that need not be called, and may get text; we ask for the text',
  },
  {
    at: /^schema\.\S+\.description$/,
    because: 'limits that the vendor cannot keep are told to the model in our own words, and so is what the answer is',
  },
  { at: /^json-object\.system$/, because: 'theirs ignores JSON without a schema, with a warning' },
  {
    at: /^allowed-tools\.(tools\[[12]\]|tool_choice)/,
    because: 'theirs knows no allowed tools, and calls a schema strict that the vendor would close to nothing',
  },
  {
    at: /^text\.system\[1\]\.cache_control$/,
    because: 'the oracle is told of it for parts of user messages and tools alone',
  },
  { at: /^text\.stop_sequences\[1\]$/, because: 'the vendor refuses white space' },
  { at: /^media\.\S+\.media_type$/, because: 'image/jpg is no media type: the vendor knows image/jpeg' },
  {
    at: /\.max_tokens$/,
    because: 'thinking is part of max_completion_tokens in Chat; theirs adds it on top',
    when: ({ ours, theirs, path }) => /^(thinking|loop)/.test(path) && (theirs as number) > (ours as number),
  },
  {
    at: /^thinking-budget\.thinking\.budget_tokens$/,
    because: 'with 4000 tokens in all, a fifth is kept for the answer',
  },
  {
    at: /^(thinking-least|unthinking\/\S+)\.output_config$/,
    because: 'thinking that cannot be off is made small; theirs leaves the default',
    when: ({ ours }) => JSON.stringify(ours) === '{"effort":"low"}',
  },
  {
    at: /^thinking-lost\.(tools|tool_choice|temperature|thinking)$/,
    because: 'theirs asks for thinking that the vendor refuses in this place, and leaves the call without its tool',
  },
  {
    at: /^thinking-replayed\.messages\[1\]\.content\[[012]\]/,
    because:
      'Chat keeps no order between reasoning and text: ours is in reasoning_details, theirs puts all of it first',
  },
  {
    at: /\.thinking\.block_binding$/,
    because: 'clients of Chat edit what went before: the vendor then leaves the thinking out instead of refusing',
  },
  {
    at: /^turns\.messages\[0\]\.content\[2\]$/,
    because: 'the vendor refuses empty texts',
  },
  { at: /^turns\.messages\[1\]\.content\[1\]\.id$/, because: 'the vendor refuses ids with other characters' },
  {
    at: /^turns\.messages\[[2-5]\]/,
    because:
      'later system messages are part of the user turn: only the newest models know them, and not in every place',
  },
];

/** What theirs refuses, and why ours does not. */
const THEY_REFUSE: Record<string, string> = {
  'text-file': 'text of any kind can be shown as plain text',
};

const goldens = goldenCases('anthropic').map(([file, golden]) => [file.replace('.json', ''), golden] as const);

describe('requests mean the same', () => {
  it.each(goldens.filter(([, { request }]) => request))('%s', async (name, { chat, model }) => {
    const compared = bothBodies(chat!, model, name);
    if (name in THEY_REFUSE) await expect(compared).rejects.toThrow('not supported');
    else expect(unexplained(await compared, EXPLAINED)).toEqual([]);
  });

  it.each(Object.entries(CHATS))('%s, by every generation', async (name, chat) => {
    const found = await Promise.all(MODELS.map((model) => bothBodies(chat, model, `${name}/${model}`)));
    expect(unexplained(found.flat(), EXPLAINED)).toEqual([]);
  });

  it('explains nothing that does not differ', async () => {
    const ofGoldens = goldens.filter(([name, { request }]) => request && !(name in THEY_REFUSE));
    const ofChats = Object.entries(CHATS).flatMap(([name, chat]) =>
      MODELS.map((model) => [name, chat, model] as const),
    );
    const found = await Promise.all([
      ...ofGoldens.map(([name, { chat, model }]) => bothBodies(chat!, model, name)),
      ...ofChats.map(([name, chat, model]) => bothBodies(chat, model, `${name}/${model}`)),
    ]);
    const idle = EXPLAINED.filter((row) => unexplained(found.flat(), [row]).length === found.flat().length);
    expect(idle).toEqual([]);
  });
});

/** Of answers. */
const EXPLAINED_ANSWERS: Explained[] = [
  { at: /^length\.text$/, because: 'theirs passes over text that comes with the beginning of its block' },
];

/** The recorded answer as theirs expects it: the call that stands for a JSON answer has another name there. */
const asTheirs = (recorded: string): string => recorded.replaceAll(JSON_ANSWER_TOOL, 'json');

describe('answers tell the same', () => {
  it.each(goldens.filter(([, { answer }]) => answer))('%s', async (name, { chat = HELLO, model, answer }) => {
    const recorded = JSON.stringify(answer!.vendor);
    const oracle = oracleFor(model, recordingFetch(asTheirs(recorded), 'application/json'));
    const theirs = toldByResult(await oracle.doGenerate(callOptions(chat, optionsFor(chat, model))));
    const ours = toldByCompletion(anthropicTranslator.answer(Buffer.from(recorded), contextOf(model, false)));
    expect(unexplained(differences(ours, theirs, name), EXPLAINED_ANSWERS)).toEqual([]);
  });

  const streams = goldens.filter(([, { stream }]) => stream && !stream.isCut && !stream.error);
  it.each(streams)('%s, as a stream', async (name, { chat = HELLO, model, stream }) => {
    const recorded = (stream!.vendor as string[]).join('');
    const oracle = oracleFor(model, recordingFetch(asTheirs(recorded), 'text/event-stream'));
    const { stream: parts } = await oracle.doStream(callOptions(chat, optionsFor(chat, model)));
    const theirs = await toldByStream(parts);
    const ours = toldByChunks(streamed(anthropicTranslator, contextOf(model, true), [Buffer.from(recorded)]).chunks);
    expect(unexplained(differences(ours, theirs, name), EXPLAINED_ANSWERS)).toEqual([]);
  });

  it('fails in the middle of a stream where theirs does, in the same words', async () => {
    const { model, stream } = goldens.find(([name]) => name === 'stream-error')![1];
    const oracle = oracleFor(model, recordingFetch((stream!.vendor as string[]).join(''), 'text/event-stream'));
    const { stream: parts } = await oracle.doStream(callOptions(HELLO));
    await expect(toldByStream(parts)).rejects.toMatchObject({ message: stream!.error!.message });
  });

  it('tells an error in the same words', async () => {
    const { model, error } = goldens.find(([name]) => name === 'error')![1];
    const recorder = recordingFetch(JSON.stringify(error!.vendor), 'application/json', error!.status);
    const asked = oracleFor(model, recorder).doGenerate(callOptions(HELLO));
    await expect(asked).rejects.toThrow(error!.chat.message);
  });
});
