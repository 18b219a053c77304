/**
 * Promise: for a failed call or stream, the AI SDK shows the message of the party that failed, with each of its
 * providers.
 */
import { createAnthropic } from '@ai-sdk/anthropic';
import { createCerebras } from '@ai-sdk/cerebras';
import { createMistral } from '@ai-sdk/mistral';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { createPerplexity } from '@ai-sdk/perplexity';
import { APICallError, generateText, streamText, type LanguageModel } from 'ai';
import { type Responder, json } from '../support/providers/fake-provider.js';
import { ControlledResponses } from '../support/providers/controlled-responses.js';
import { firstEvents, torn, wire } from '../support/providers/recorded-responses.js';
import { Scenario, type Target } from '../support/gateway/scenario.js';

/** Rules of a proxy that blocks all recorded responses. */
const GUARDED = {
  name: 'Guarded',
  policy: {
    guardrails: [{ name: 'texts', detector: 'pattern', pattern: 'Half|Gr', on: 'answer', action: 'block' }],
  },
};
const OPENAI = 'The server had an error while processing your request. Sorry about that!';

interface Case {
  name: string;
  model: (target: Target) => LanguageModel;
  provider: string;
  vendorPath: string;
  answer: Responder;
  message: string;
}

const compatible = (model: string) => (target: Target) =>
  createOpenAICompatible({ name: 'gate', baseURL: target.baseUrl, apiKey: target.key })(model);
const chat = (model: string) => (target: Target) =>
  createOpenAI({ baseURL: target.baseUrl, apiKey: target.key }).chat(model);
const responses = (model: string) => (target: Target) =>
  createOpenAI({ baseURL: target.baseUrl, apiKey: target.key })(model);
const messages = (model: string) => (target: Target) =>
  createAnthropic({ baseURL: `${target.baseUrl}/v1`, apiKey: target.key })(model);

const mistral = ({ baseUrl, key }: Target) => createMistral({ baseURL: baseUrl, apiKey: key })('mistral-small');
const cerebras = ({ baseUrl, key }: Target) => createCerebras({ baseURL: baseUrl, apiKey: key })('llama3.1-8b');
const perplexity = ({ baseUrl, key }: Target) => createPerplexity({ baseURL: baseUrl, apiKey: key })('sonar');

const CLAUDE = {
  vendorPath: '/v1/messages',
  answer: torn(wire('anthropic', 'stream-error.sse')),
  message: 'Overloaded',
};
const GPT = { vendorPath: '/v1/chat/completions', answer: torn(wire('openai', 'stream-error.sse')), message: OPENAI };
const CASES: readonly Case[] = [
  { name: 'Chat on the router', model: compatible('anthropic:c'), provider: 'model-router', ...CLAUDE },
  { name: 'OpenAI’s Chat on the router', model: chat('anthropic:c'), provider: 'model-router', ...CLAUDE },
  { name: 'Responses on the router', model: responses('anthropic:c'), provider: 'model-router', ...CLAUDE },
  { name: 'Messages on the router', model: messages('openai:gpt-5.4'), provider: 'model-router', ...GPT },
  { name: 'OpenAI’s route', model: chat('gpt-5.4'), provider: 'openai', ...GPT },
  { name: 'Anthropic’s route', model: messages('c'), provider: 'anthropic', ...CLAUDE },
  { name: 'Mistral’s route', model: mistral, provider: 'mistral', ...GPT },
  { name: 'Cerebras’ route', model: cerebras, provider: 'cerebras', ...GPT, vendorPath: '/chat/completions' },
  { name: 'Perplexity’s route', model: perplexity, provider: 'perplexity', ...GPT, vendorPath: '/chat/completions' },
];

let scenario: Scenario;
let guardedId: string;
beforeAll(async () => {
  scenario = await Scenario.start('openai', 'anthropic', 'mistral', 'cerebras', 'perplexity');
  guardedId = (await scenario.gateway.admin.create('/api/llm-proxies', GUARDED)).id;
}, 60_000);
afterAll(() => scenario.close());
beforeEach(() => scenario.forget());

/** Returns the messages of the stream's errors, in order. */
async function failures(model: LanguageModel): Promise<string[]> {
  const { fullStream } = streamText({
    model,
    prompt: 'Hello',
    maxRetries: 0,
    maxOutputTokens: 99,
    onError: () => undefined,
  });
  const found: string[] = [];
  for await (const part of fullStream) if (part.type === 'error') found.push(messageOf(part.error));
  return found;
}
const messageOf = (error: unknown): string =>
  typeof error === 'string' ? error : error instanceof Error ? error.message : JSON.stringify(error);

/** Providers whose SDKs validate errors, in forms of their own. */
const VALIDATED = CASES.filter(({ provider }) => ['mistral', 'cerebras', 'perplexity'].includes(provider));

describe.each(VALIDATED)('a refused call on $name', ({ model, provider, vendorPath }) => {
  async function refusal(key: string, proxyId = ''): Promise<APICallError> {
    const asked = generateText({
      model: model(scenario.target(key, { provider, proxyId })),
      prompt: 'Hi',
      maxRetries: 0,
    });
    const error: unknown = await asked.then(String, (thrown: unknown) => thrown);
    if (!APICallError.isInstance(error)) throw error;
    return error;
  }

  it.each([
    ['an unknown key', 401, 'credential_invalid', () => refusal(scenario.keys.unknown)],
    ['a missing mapping', 400, 'provider_not_mapped', () => refusal(scenario.keys.unmapped)],
    ['a denied model', 403, 'policy_denied', () => refusal(scenario.keys.virtual, scenario.closedProxyId)],
  ])('the refusal for %s reaches the AI SDK with status, message and code', async (_why, status, code, call) => {
    const { statusCode, message, responseBody, responseHeaders } = await call();
    const { error } = JSON.parse(responseBody!);
    expect({ statusCode, message }).toEqual({ statusCode: status, message: error.message });
    expect(responseHeaders?.['x-gateway-error'] ?? error.code).toBe(code);
    if (provider === 'perplexity') expect(error.code).toBe(status);
  });

  it('the AI SDK reports a blocked response with the name of the guardrail', async () => {
    const message = { role: 'assistant', content: 'Half' };
    const whole = { id: 'x', created: 1, model: 'm', choices: [{ index: 0, message, finish_reason: 'stop' }] };
    scenario.vendor.on('POST', vendorPath, json(200, whole));
    expect((await refusal(scenario.keys.virtual, guardedId)).message).toMatch(/guardrail.*texts/);
  });
});

describe.each(CASES)('stream errors of $name', ({ model, provider, vendorPath, answer, message }) => {
  it("a stream error reaches the AI SDK in the vendor's words", async () => {
    scenario.vendor.on('POST', vendorPath, answer);
    const told = await failures(model(scenario.target(scenario.keys.virtual, { provider })));
    expect(told[0]).toContain(message);
    expect(told.join()).not.toContain('terminated');
    expect(await scenario.record()).toMatchObject({ outcome: 'upstream_error', status: 200 });
  });

  it('the AI SDK reports a blocked stream with the name of the guardrail', async () => {
    scenario.vendor.on('POST', vendorPath, answer);
    const told = await failures(model(scenario.target(scenario.keys.virtual, { provider, proxyId: guardedId })));
    expect(told[0]).toMatch(/guardrail.*texts/);
    expect(told.join()).not.toContain('terminated');
    expect(await scenario.record()).toMatchObject({ errorCode: 'guardrail_blocked', status: 200 });
  });

  it('the AI SDK reports a stream whose key is revoked as revoked', async () => {
    const held = new ControlledResponses();
    scenario.vendor.on('POST', vendorPath, held.respond);
    const providerApiKeys = Object.entries(scenario.ids.storedKeys).map(([id, providerApiKeyId]) => ({
      provider: id,
      providerApiKeyId,
    }));
    const key = await scenario.gateway.admin.create('/api/llm-virtual-keys', { name: 'revoked', providerApiKeys });
    const telling = failures(model(scenario.target(key.value, { provider })));
    const { response } = await held.next();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(firstEvents(vendorPath === CLAUDE.vendorPath ? 'anthropic' : 'openai', 'stream-error.sse', 2));
    await scenario.gateway.admin.post(`/api/llm-virtual-keys/${key.id}/revoke`);
    const told = await telling;
    expect(told[0]).toContain('revoked');
    expect(told.join()).not.toContain('terminated');
  });
});
