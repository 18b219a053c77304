/**
 * Promise: the translator agrees with @ai-sdk/google. A Chat request through either means the same to Gemini, and both
 * convert Gemini's responses and streams to the same result. `test/support/translation/differences` explains the differences.
 */
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { geminiDifferences as known } from '../../../test/support/translation/differences/gemini.js';
import { goldenCases, streamed, type GoldenCase } from '../../../test/support/translation/golden.js';
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
import { GEMINI_FORMAT } from './gemini/signatures.js';
import { toThinking } from './gemini/request/thinking.js';
import { geminiTranslator } from './gemini.translator.js';

const ANSWER = JSON.stringify({ candidates: [{ content: { parts: [{ text: 'Hi' }] }, finishReason: 'STOP' }] });

const contextOf = (model: string, streaming: boolean) => ({ model, id: 'chatcmpl-golden', created: 1, streaming });

function oracleFor(model: string, { fetch }: ReturnType<typeof recordingFetch>) {
  let made = 0;
  return createGoogleGenerativeAI({ apiKey: 'k', fetch, generateId: () => `call_golden_${made++}` }).languageModel(
    model,
  );
}

/**
 * Options that the SDK takes beside the prompt. It has no efforts, so the thinking configuration is the translator's.
 */
function optionsFor({ reasoning_effort: effort }: ChatRequest, model: string): VendorOptions {
  const thinkingConfig = effort && toThinking(effort, model).config;
  const level = thinkingConfig?.['thinkingLevel'] as string | undefined;
  const forSdk = thinkingConfig && { ...thinkingConfig, ...(level && { thinkingLevel: level.toLowerCase() }) };
  return {
    ...(forSdk && { call: { google: { thinkingConfig: forSdk } } }),
    reasoning: (detail) =>
      detail.format === GEMINI_FORMAT && detail.type === 'reasoning.text'
        ? { text: detail.text, providerOptions: { google: { thoughtSignature: detail.signature! } } }
        : undefined,
    toolCall: (call) => {
      const signature = call.extra_content?.google?.thought_signature;
      return signature === undefined ? undefined : { google: { thoughtSignature: signature } };
    },
  };
}

async function bodyDifferences(chat: ChatRequest, model: string): Promise<Difference[]> {
  const streaming = chat.stream === true;
  const ours = geminiTranslator.translateRequest(chat, contextOf(model, streaming));
  const recorder = streaming ? recordingFetch('', 'text/event-stream') : recordingFetch(ANSWER, 'application/json');
  const oracle = oracleFor(model, recorder);
  const options = callOptions(chat, optionsFor(chat, model));
  await (streaming ? oracle.doStream(options) : oracle.doGenerate(options));
  const [sent] = recorder.sent;
  expect(sent!.url).toBe(`https://generativelanguage.googleapis.com/${ours.path}`);
  return differences(JSON.parse(JSON.stringify(ours.body)), sent!.body);
}

const TOOLS: ChatTool[] = [
  {
    type: 'function',
    function: {
      name: 'weather',
      description: 'Tells the weather',
      parameters: { type: 'object', properties: { town: { type: 'string' } } },
    },
  },
];
const HELLO: ChatRequest = { model: 'm', messages: [{ role: 'user', content: 'Hello' }] };

/** Common requests, each sent to every generation of models. */
const CHATS: Record<string, ChatRequest> = {
  plain: HELLO,
  streamed: { ...HELLO, stream: true },
  sampling: { ...HELLO, temperature: 0.5, top_p: 0.9, top_k: 5, max_tokens: 200, stop: 'END', seed: 4 },
  tools: { ...HELLO, tools: TOOLS, tool_choice: 'auto' },
  strict: { ...HELLO, tools: [{ type: 'function', function: { name: 'now', strict: true } }] },
  forced: { ...HELLO, tools: TOOLS, tool_choice: 'required' },
  named: { ...HELLO, tools: TOOLS, tool_choice: { type: 'function', function: { name: 'weather' } } },
  none: { ...HELLO, tools: TOOLS, tool_choice: 'none' },
  json: { ...HELLO, response_format: { type: 'json_object' } },
  thinking: { ...HELLO, reasoning_effort: 'high' },
  unthinking: { ...HELLO, reasoning_effort: 'none' },
  penalties: { ...HELLO, presence_penalty: 0.5, frequency_penalty: 0.25 },
  media: {
    ...HELLO,
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Compare' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } },
          { type: 'image_url', image_url: { url: 'https://example.com/cat' } },
          { type: 'file', file: { file_data: 'data:application/pdf;base64,JVBERg==' } },
          { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } },
        ],
      },
    ],
  },
  loop: {
    ...HELLO,
    messages: [
      { role: 'system', content: 'You are a pilot.' },
      { role: 'system', content: 'Be quick.' },
      { role: 'user', content: 'Weather in Husum and Bremen?' },
      {
        role: 'assistant',
        content: 'I look.',
        tool_calls: [
          { id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"town":"Husum"}' } },
          { id: 'c2', type: 'function', function: { name: 'weather', arguments: '{"town":"Bremen"}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'rain' },
      { role: 'tool', tool_call_id: 'c2', content: 'sun' },
      { role: 'assistant', content: 'Stay in Bremen.' },
      { role: 'user', content: 'Thanks' },
    ],
    tools: TOOLS,
  },
};

const MODELS = [
  'gemini-2.0-flash',
  'gemini-2.5-flash',
  'gemini-2.5-pro',
  'gemini-3-flash-preview',
  'gemini-3.1-pro-preview',
  'gemini-flash-latest',
];

describe.each(MODELS)('requests to %s', (model) => {
  it.each(Object.entries(CHATS))(
    `the %s request to ${model} means the same as that of the AI SDK`,
    async (_name, chat) => {
      expect(unexplained(await bodyDifferences(chat, model), known.requests)).toEqual([]);
    },
  );
});

const CASES = goldenCases('gemini');
const having = (part: keyof GoldenCase, without: Readonly<Record<string, string>>) =>
  CASES.filter(([file, golden]) => golden[part] !== undefined && !(file in without));

it.each(having('request', known.refusedByThem))(
  'the golden request %s means the same as that of the AI SDK',
  async (_file, { chat, model }) => {
    expect(unexplained(await bodyDifferences(chat!, model), known.requests)).toEqual([]);
  },
);

it.each(having('answer', known.unreadByThem))(
  'the golden response %s converts to the same result as in the AI SDK',
  async (_file, { answer, model, chat }) => {
    const text = JSON.stringify(answer!.vendor);
    const recorder = recordingFetch(text, 'application/json');
    const theirs = readResult(await oracleFor(model, recorder).doGenerate(callOptions(chat ?? HELLO)));
    const ours = readCompletion(geminiTranslator.translateResponse(Buffer.from(text), contextOf(model, false)));
    expect(unexplained(differences(ours, theirs), known.answers)).toEqual([]);
  },
);

const STREAMS = having('stream', known.unreadByThem).filter(([, { stream }]) => !stream!.error && !stream!.isCut);

it.each(STREAMS)(
  'the golden stream %s converts to the same result as in the AI SDK',
  async (_file, { stream, model }) => {
    const text = (stream!.vendor as string[]).join('');
    const { stream: parts } = await oracleFor(model, recordingFetch(text, 'text/event-stream')).doStream(
      callOptions(HELLO),
    );
    const theirs = await readStream(parts);
    const ours = readChunks(streamed(geminiTranslator, contextOf(model, true), [Buffer.from(text)]).chunks);
    expect(unexplained(differences(ours, theirs), known.answers)).toEqual([]);
  },
);

it('a stream with calls converts to the same result as in the AI SDK', async () => {
  const parts: JsonObject[] = [
    { functionCall: { name: 'weather', args: { town: 'Köln' } }, thoughtSignature: 's' },
    { functionCall: { id: 'fc-2', name: 'now', args: {} } },
  ];
  const events = [
    { candidates: [{ content: { parts: [{ text: 'Hm', thought: true }] }, index: 0 }] },
    { candidates: [{ content: { parts }, index: 0 }] },
    {
      candidates: [{ content: { parts: [{ text: '' }] }, finishReason: 'STOP', index: 0 }],
      usageMetadata: {
        promptTokenCount: 4,
        candidatesTokenCount: 6,
        cachedContentTokenCount: 1,
        thoughtsTokenCount: 2,
      },
    },
  ];
  const text = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
  const model = 'gemini-3-flash-preview';
  const { stream } = await oracleFor(model, recordingFetch(text, 'text/event-stream')).doStream(callOptions(HELLO));
  const theirs = await readStream(stream);
  const ours = readChunks(streamed(geminiTranslator, contextOf(model, true), [Buffer.from(text)]).chunks);
  expect(theirs.calls).toHaveLength(2);
  expect(unexplained(differences(ours, theirs), known.answers)).toEqual([]);
});

describe('embeddings', () => {
  it('the embeddings request equals that of the AI SDK', async () => {
    const recorder = recordingFetch('{"embeddings":[{"values":[1]},{"values":[2]}]}', 'application/json');
    const model = createGoogleGenerativeAI({ apiKey: 'k', fetch: recorder.fetch }).embeddingModel(
      'gemini-embedding-001',
    );
    await model.doEmbed({ values: ['a', 'b'], providerOptions: { google: { outputDimensionality: 64 } } });
    const [sent] = recorder.sent;
    const embeddings = { model: 'm', input: ['a', 'b'], dimensions: 64 };
    const ours = geminiTranslator.embeddings!.translateRequest(embeddings, contextOf('gemini-embedding-001', false));
    expect(sent!.url).toBe(`https://generativelanguage.googleapis.com/${ours.path}`);
    const found = differences(JSON.parse(JSON.stringify(ours.body)), sent!.body);
    // the content of a text to embed has no role
    expect(found.filter(({ path }) => !path.endsWith('.content.role'))).toEqual([]);
  });
});
