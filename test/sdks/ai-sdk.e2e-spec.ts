/**
 * Promise: the AI SDK works against the gateway with each of its providers: OpenAI (both APIs), compatible, Anthropic,
 * Google, Cohere.
 */
import { createAnthropic } from '@ai-sdk/anthropic';
import { createCohere } from '@ai-sdk/cohere';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, generateText, RetryError, streamText, type LanguageModel } from 'ai';
import { dying, inTurn, openStream, replay, wireJson } from '../support/providers/recorded-responses.js';
import { BROKEN_OFF, expectRefused, rejection, REFUSALS } from '../support/gateway/scenario-refusals.js';
import { Scenario, AUTH_METHODS, type Target } from '../support/gateway/scenario.js';

interface Case {
  name: string;
  provider: string;
  providerName: string;
  modelId: string;
  model: (target: Target) => LanguageModel;
  /** The provider's paths, whole and streamed. */
  path: string;
  streamPath?: string;
  header: (key: string) => object;
  whole: string;
  text: string;
  streamed: string;
  streamedText: string;
  /** The usage that the AI SDK reports, whole and streamed: input, output, cached and reasoning tokens. */
  usage: readonly (number | undefined)[];
  streamedUsage: readonly (number | undefined)[];
}

const bearer = (key: string): object => ({ authorization: `Bearer ${key}` });
const OPENAI_CHAT = {
  provider: 'openai',
  providerName: 'OpenAI',
  modelId: 'gpt-5.4',
  path: '/v1/chat/completions',
  header: bearer,
  whole: 'chat.json',
  text: 'Grüß Gott! The gate is open: “welcome” 👋',
  streamed: 'chat-stream.sse',
  streamedText: 'Grüß Gott! The gate says \\"usage\\": {\n 👋 data: [].',
  usage: [57, 18, 32, 0],
  streamedUsage: [57, 24, 32, 0],
};
const CASES: readonly Case[] = [
  {
    ...OPENAI_CHAT,
    name: 'OpenAI, on the Responses API',
    model: ({ baseUrl, key }) => createOpenAI({ baseURL: baseUrl, apiKey: key })('gpt-5.4'),
    path: '/v1/responses',
    whole: 'responses.json',
    text: 'Servus, Welt',
    streamed: 'responses-stream.sse',
    streamedText: 'Servus, Welt',
    usage: [88, 31, 64, 20],
    streamedUsage: [88, 31, 64, 20],
  },
  {
    ...OPENAI_CHAT,
    name: 'OpenAI, on Chat Completions',
    model: ({ baseUrl, key }) => createOpenAI({ baseURL: baseUrl, apiKey: key }).chat('gpt-5.4'),
  },
  {
    ...OPENAI_CHAT,
    name: 'OpenAI-compatible',
    model: ({ baseUrl, key }) =>
      createOpenAICompatible({ name: 'gate', baseURL: baseUrl, apiKey: key, includeUsage: true })('gpt-5.4'),
  },
  {
    name: 'Anthropic',
    provider: 'anthropic',
    providerName: 'Anthropic',
    modelId: 'claude-sonnet-4-5-20250929',
    model: ({ baseUrl, key }) =>
      createAnthropic({ baseURL: `${baseUrl}/v1`, apiKey: key })('claude-sonnet-4-5-20250929'),
    path: '/v1/messages',
    header: (key) => ({ 'x-api-key': key }),
    whole: 'chat.json',
    text: 'Grüß Gott! {"usage":{"input_tokens":9}}',
    streamed: 'chat-stream.sse',
    streamedText: 'Grüß Gott! \\"usage\\": { 👋',
    usage: [1031, 42, 900, undefined],
    streamedUsage: [1031, 42, 900, undefined],
  },
  {
    name: 'Google',
    provider: 'gemini',
    providerName: 'Google Gemini',
    modelId: 'gemini-2.5-flash',
    model: ({ baseUrl, key }) =>
      createGoogleGenerativeAI({ baseURL: `${baseUrl}/v1beta`, apiKey: key })('gemini-2.5-flash'),
    path: '/v1beta/models/gemini-2.5-flash:generateContent',
    streamPath: '/v1beta/models/gemini-2.5-flash:streamGenerateContent',
    header: (key) => ({ 'x-goog-api-key': key }),
    whole: 'chat.json',
    text: 'Grüß Gott!',
    streamed: 'chat-stream.sse',
    streamedText: 'Grüß Gott! \\"usageMetadata\\": 👋',
    usage: [8, 31, 2, 27],
    streamedUsage: [8, 36, 0, 27],
  },
  {
    name: 'Cohere',
    provider: 'cohere',
    providerName: 'Cohere',
    modelId: 'command-a-03-2025',
    model: ({ baseUrl, key }) => createCohere({ baseURL: `${baseUrl}/v2`, apiKey: key })('command-a-03-2025'),
    path: '/v2/chat',
    header: bearer,
    whole: 'chat.json',
    text: 'Grüß Gott!',
    streamed: 'chat-stream.sse',
    streamedText: 'Grüß Gott! 👋',
    usage: [215, 14, undefined, undefined],
    streamedUsage: [215, 14, undefined, undefined],
  },
];
const ASK = { prompt: 'Grüß Gott! 👋' };

let scenario: Scenario;
beforeAll(async () => void (scenario = await Scenario.start('openai', 'anthropic', 'gemini', 'cohere')));
afterAll(() => scenario.close());
beforeEach(() => scenario.forget());

describe.each(CASES)('$name', (kind) => {
  const { provider, path, streamPath = path } = kind;
  const vendor = (at: string, answer: Parameters<typeof scenario.vendor.on>[2]): void =>
    void scenario.vendor.on('POST', at, answer);
  const virtual = (): LanguageModel => kind.model(scenario.target(scenario.keys.virtual, { provider }));

  describe.each(AUTH_METHODS)('%s', (name) => {
    const wayIn = () => scenario.authMethod(name, provider);
    const model = () => kind.model(wayIn().target);

    it('the AI SDK generates a text', async () => {
      vendor(path, replay(provider, kind.whole));
      const { text, usage, response } = await generateText({ ...ASK, model: model() });
      expect(text).toBe(kind.text);
      expect(counted(usage)).toEqual(kind.usage);
      const arrived = scenario.arrived();
      expect(arrived.line).toBe(`POST ${path}`);
      expect(arrived.credentials).toEqual(kind.header(wayIn().providerKey));
      await scenario.expectMetered(wayIn(), kind.whole, { requestedModel: kind.modelId }, provider);
      expect(response.headers?.['x-request-id']).toBe((await scenario.record()).requestId);
    });

    it('the AI SDK streams a text', async () => {
      vendor(streamPath, replay(provider, kind.streamed));
      const { text, usage } = streamText({ ...ASK, model: model() });
      expect(await text).toBe(kind.streamedText);
      expect(counted(await usage)).toEqual(kind.streamedUsage);
      expect(scenario.arrived().credentials).toEqual(kind.header(wayIn().providerKey));
      await scenario.expectMetered(wayIn(), kind.streamed, { requestedModel: kind.modelId }, provider);
    });
  });

  it('a stream that the AI SDK aborts is canceled at the provider and recorded as client_aborted', async () => {
    const open = openStream(provider, kind.streamed, 5);
    vendor(streamPath, open.answer);
    const abort = new AbortController();
    const { fullStream } = streamText({ ...ASK, model: virtual(), abortSignal: abort.signal });
    let last = '';
    for await (const part of fullStream) {
      last = part.type;
      if (part.type === 'start-step') abort.abort();
    }
    expect(last).toBe('abort');
    await open.closed;
    expect(await scenario.record()).toMatchObject({ outcome: 'client_aborted', streaming: true });
  });

  it("the AI SDK reports an error and no text when the provider's connection breaks in mid-stream", async () => {
    vendor(streamPath, dying(provider, kind.streamed, provider === 'gemini' ? 2 : 4));
    const errors: unknown[] = [];
    const { text } = streamText({ ...ASK, model: virtual(), onError: ({ error }) => void errors.push(error) });
    await rejection(text);
    expect((errors[0] as Error).message).toContain(BROKEN_OFF);
    expect(scenario.vendor.started).toBe(1);
    expect(await scenario.record()).toMatchObject({ outcome: 'error', errorCode: 'upstream_unreachable' });
  });

  it.each(REFUSALS)('the refusal for $name reaches the AI SDK as a non-retryable APICallError', async (refusal) => {
    const { status, code } = refusal;
    const model = kind.model(refusal.target(scenario, provider));
    const error = await rejection(generateText({ ...ASK, model }));
    expect(APICallError.isInstance(error)).toBe(true);
    expect(error.message).toBe(refusal.sentence(scenario, { providerName: kind.providerName, model: kind.modelId }));
    expect(error).toMatchObject({ statusCode: status, isRetryable: false });
    const told = error.data?.error?.code;
    expect(typeof told === 'string' ? told : error.responseHeaders['x-gateway-error']).toBe(code);
    await expectRefused(scenario, refusal);
    expect(error.responseHeaders['x-request-id']).toBe((await scenario.record()).requestId);
  });

  it.each([400, 429, 500])("a provider error %i reaches the AI SDK in the provider's words", async (status) => {
    vendor(path, replay(provider, 'error.json', status));
    const error = await rejection(generateText({ ...ASK, model: virtual(), maxRetries: 0 }));
    expect(APICallError.isInstance(error)).toBe(true);
    const recorded = wireJson(provider, 'error.json');
    expect(error.message).toBe(recorded.message ?? recorded.error.message);
    expect(error).toMatchObject({ statusCode: status, isRetryable: status !== 400 });
    expect(scenario.vendor.started).toBe(1);
    expect(await scenario.record()).toMatchObject({ status, outcome: 'upstream_error', errorCode: null });
  });

  it('the AI SDK retries a provider error 429 up to three attempts, or until it succeeds', async () => {
    const limited = replay(provider, 'error.json', 429, { 'retry-after-ms': '1' });
    vendor(path, limited);
    const error = await rejection(generateText({ ...ASK, model: virtual() }));
    expect(RetryError.isInstance(error)).toBe(true);
    expect(error.message).toMatch(/^Failed after 3 attempts\. Last error: /);
    expect(scenario.vendor.started).toBe(3);
    vendor(path, inTurn(limited, replay(provider, kind.whole)));
    expect((await generateText({ ...ASK, model: virtual() })).text).toBe(kind.text);
    expect(scenario.vendor.started).toBe(5);
  });
});

interface Counted {
  inputTokens: number | undefined;
  outputTokens: number | undefined;
  inputTokenDetails: { cacheReadTokens: number | undefined };
  outputTokenDetails: { reasoningTokens: number | undefined };
}

const counted = (usage: Counted): (number | undefined)[] => [
  usage.inputTokens,
  usage.outputTokens,
  usage.inputTokenDetails.cacheReadTokens,
  usage.outputTokenDetails.reasoningTokens,
];
