/**
 * Promise: the AI SDK's own loops of tools and reasoning work through the Model Router on vendors of another dialect.
 */
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import {
  APICallError,
  generateObject,
  generateText,
  jsonSchema,
  stepCountIs,
  streamText,
  tool,
  type LanguageModel,
  type ModelMessage,
} from 'ai';
import { RouterScenario, routed } from '../support/router/router-scenario.js';
import { rejection } from '../support/gateway/scenario-refusals.js';
import { anthropicVendor } from '../support/router/anthropic.vendor.js';
import { geminiVendor } from '../support/router/gemini.vendor.js';
import { begins, INPUT_TOKENS, OUTPUT_TOKENS, type Turn, type VendorWire } from '../support/router/scripted-vendor.js';

const VENDORS = [anthropicVendor, geminiVendor] as const;
const SIGNATURE = 'EqQBCgIYAhIMc2NyaXB0ZWQ=';
const THOUGHT = { text: 'The gate is in Graz.', signature: SIGNATURE };
const CALL: Turn = {
  thought: THOUGHT,
  calls: [{ id: 'toolu_weather_1', name: 'get_weather', input: { town: 'Graz' } }],
};
const RAIN: Turn = { text: 'Rain in Graz.' };
const ASK = { system: 'Be brief.', prompt: 'What is the weather at the gate?' };

let router: RouterScenario;
beforeAll(async () => void (router = await RouterScenario.start(...VENDORS)), 60_000);
afterAll(() => router.close());
beforeEach(() => router.forget());

/** It replays no signatures but Gemini's, and these only for a provider of this name. */
const compatible = (vendor: VendorWire): LanguageModel => {
  const { baseUrl, key } = router.target();
  return createOpenAICompatible({
    name: 'google',
    baseURL: baseUrl,
    apiKey: key,
    includeUsage: true,
    supportsStructuredOutputs: true,
  })(routed(vendor));
};
/** Does not store its model's output, so reasoning returns in the next request. */
const responses = (vendor: VendorWire): LanguageModel => {
  const { baseUrl, key } = router.target();
  return createOpenAI({ baseURL: baseUrl, apiKey: key })(routed(vendor));
};
/** Options of the AI SDK for OpenAI: treat an unknown model as a reasoning one, and store nothing at the vendor. */
const STATELESS = {
  openai: { store: false, forceReasoning: true, reasoningEffort: 'low', reasoningSummary: 'auto' },
};

const WAYS = [
  {
    way: 'openai-compatible',
    model: compatible,
    providerOptions: { google: { reasoningEffort: 'low' } },
    signed: [geminiVendor],
  },
  { way: 'openai (Responses)', model: responses, providerOptions: STATELESS, signed: VENDORS },
];
const CASES = VENDORS.flatMap((vendor) =>
  WAYS.map(({ signed, ...way }) => {
    const signatures = signed.includes(vendor) ? [SIGNATURE] : [];
    return { ...way, vendor, name: vendor.displayName, signatures };
  }),
);

describe.each(CASES)('$way on $name', ({ vendor, model, providerOptions, signatures }) => {
  const towns: string[] = [];
  beforeEach(() => void (towns.length = 0));
  const tools = {
    get_weather: tool({
      description: 'Tells the weather of a town.',
      inputSchema: jsonSchema<{ town: string }>({
        type: 'object',
        properties: { town: { type: 'string' } },
        required: ['town'],
      }),
      execute: async ({ town }) => {
        towns.push(town);
        return '12 °C, rain';
      },
    }),
  };
  const loop = () => ({ ...ASK, model: model(vendor), tools, providerOptions, stopWhen: stepCountIs(3) });

  it('the AI SDK generates a text', async () => {
    router.script(vendor, RAIN);
    const { text, usage, finishReason } = await generateText({ ...ASK, model: model(vendor) });
    expect([text, finishReason]).toEqual([RAIN.text, 'stop']);
    expect(usage).toMatchObject({ inputTokens: INPUT_TOKENS, outputTokens: OUTPUT_TOKENS });
    expect(router.requests(vendor)[0]).toMatchObject({ model: vendor.model, system: 'Be brief.' });
    await router.expectMetered(vendor, { streaming: false });
  });

  it('the AI SDK streams a text', async () => {
    router.script(vendor, RAIN);
    const { textStream, text, usage } = streamText({ ...ASK, model: model(vendor) });
    const pieces: string[] = [];
    for await (const piece of textStream) pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(1);
    expect([pieces.join(''), await text]).toEqual([RAIN.text, RAIN.text]);
    expect(await usage).toMatchObject({ inputTokens: INPUT_TOKENS, outputTokens: OUTPUT_TOKENS });
    await router.expectMetered(vendor, { streaming: true });
  });

  it("the AI SDK runs a tool loop and returns the model's reasoning signatures", async () => {
    router.script(vendor, CALL, RAIN);
    const { text, steps } = await generateText(loop());
    expect([text, towns]).toEqual([RAIN.text, ['Graz']]);
    expect(steps[0]).toMatchObject({ finishReason: 'tool-calls', reasoningText: THOUGHT.text });
    expectToldAgain();
  });

  it("the AI SDK runs a streamed tool loop and returns the model's reasoning signatures", async () => {
    router.script(vendor, CALL, RAIN);
    const { text, steps } = streamText(loop());
    expect([await text, towns]).toEqual([RAIN.text, ['Graz']]);
    expect((await steps)[0]).toMatchObject({ finishReason: 'tool-calls', reasoningText: THOUGHT.text });
    expectToldAgain();
  });

  function expectToldAgain(): void {
    const [first, second] = router.requests(vendor);
    expect(first).toMatchObject({ tools: ['get_weather'], results: [], signatures: [] });
    expect(second).toMatchObject({ tools: ['get_weather'], system: 'Be brief.' });
    expect(second!.results.map(([, text]) => text)).toEqual(['12 °C, rain']);
    expect(second!.signatures).toEqual(signatures);
  }

  it('the AI SDK continues a conversation with its earlier tool calls and signatures', async () => {
    router.script(vendor, CALL, RAIN, { text: 'It still rains.' });
    const { response } = await generateText(loop());
    const messages: ModelMessage[] = [
      { role: 'user', content: ASK.prompt },
      ...response.messages,
      { role: 'user', content: 'And now?' },
    ];
    const { system } = ASK;
    const { text } = await generateText({ system, messages, model: model(vendor), tools, providerOptions });
    expect(text).toBe('It still rains.');
    const asked = router.requests(vendor).at(-1)!;
    expect(asked.results.map(([, told]) => told)).toEqual(['12 °C, rain']);
    expect(asked.signatures).toEqual(signatures);
  });

  it('the AI SDK generates an object', async () => {
    const town = { name: 'Graz', inhabitants: 305_000 };
    router.script(vendor, { document: town });
    const schema = jsonSchema<typeof town>({
      type: 'object',
      properties: { name: { type: 'string' }, inhabitants: { type: 'integer' } },
      required: ['name', 'inhabitants'],
      additionalProperties: false,
    });
    const { object } = await generateObject({ ...ASK, schema, model: model(vendor) });
    expect(object).toEqual(town);
    expect(router.seen[0]!.body.toString()).toContain('inhabitants');
  });

  it('a stream that the AI SDK aborts is canceled at the vendor and recorded as client_aborted', async () => {
    const open = begins(vendor, RAIN);
    router.on(vendor, open.answer);
    const abort = new AbortController();
    const { fullStream } = streamText({ ...ASK, model: model(vendor), abortSignal: abort.signal });
    for await (const part of fullStream) if (part.type === 'text-delta') abort.abort();
    await open.closed;
    expect(await router.record()).toMatchObject({ outcome: 'client_aborted', streaming: true });
  });

  it("a vendor error reaches the AI SDK in the vendor's words with retry-after", async () => {
    router.fails(vendor, 429, 'Slow down, please.', { 'retry-after': '7' });
    const error = await rejection(generateText({ ...ASK, model: model(vendor), maxRetries: 0 }));
    expect(APICallError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ message: 'Slow down, please.', statusCode: 429, isRetryable: true });
    expect(error.responseHeaders['retry-after']).toBe('7');
  });
});
