/** Promise: a client that speaks OpenAI's dialect reaches Bedrock's models through the Model Router. */
import OpenAI from 'openai';
import { FakeProvider, json, type Responder } from '../../support/providers/fake-provider.js';
import type { Json } from '../../support/http/admin-client.js';
import { framesOf } from '../../support/providers/bedrock-event-stream.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { replay, wireJson } from '../../support/providers/recorded-responses.js';
import { readSignature } from '../../support/providers/sigv4.js';

const MODEL = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';
const CALL = '/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0';
const ACCESS_KEY = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
const ASK = { model: `bedrock:${MODEL}`, messages: [{ role: 'user' as const, content: 'Hello — 👋' }], seed: 7 };

let gateway: TestGateway;
let provider: FakeProvider;
let openai: OpenAI;

beforeAll(async () => {
  provider = await FakeProvider.start();
  gateway = await startGateway({ LLM_BEDROCK_BASE_URL: provider.url });
  const { id } = await gateway.admin.create('/api/llm-provider-api-keys', {
    name: 'aws',
    provider: 'bedrock',
    apiKey: JSON.stringify(ACCESS_KEY),
  });
  const { value } = await gateway.admin.create('/api/llm-virtual-keys', {
    name: 'client',
    providerApiKeys: [{ provider: 'bedrock', providerApiKeyId: id }],
  });
  openai = new OpenAI({ apiKey: value, baseURL: `${gateway.url}/v1/model-router`, maxRetries: 0 });
});
afterAll(async () => {
  await gateway.close();
  await provider.close();
});
beforeEach(() => provider.forget());

/** Frames split at odd positions; then the end, or a broken connection. */
function stream(frames: readonly Buffer[], end: 'end' | 'destroy' = 'end'): Responder {
  const bytes = Buffer.concat(frames);
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
    for (let at = 0; at < bytes.length; at += 97) response.write(bytes.subarray(at, at + 97));
    if (end === 'end') response.end();
    else response.write('', () => response.destroy());
  };
}

const recorded = (file: string): Buffer[] => framesOf(wireJson('bedrock', file));

async function record(): Promise<Json> {
  await gateway.flushRecords();
  return (await gateway.admin.get('/api/interactions?limit=1')).body.data[0];
}

it('a Chat call to Bedrock is signed, metered and priced, and dropped members are named', async () => {
  provider.on('POST', `${CALL}/converse`, replay('bedrock', 'converse-tools.json'));
  const { data, response } = await openai.chat.completions.create(ASK).withResponse();
  expect(data.choices[0]).toMatchObject({
    finish_reason: 'tool_calls',
    message: { content: 'I look at the timetable.', tool_calls: [{ function: { name: 'departures' } }] },
  });
  expect(data.usage).toMatchObject({ prompt_tokens: 402, completion_tokens: 58 });
  expect(response.headers.get('x-gateway-dropped')).toBe('seed');
  const seen = provider.received.at(-1)!;
  expect(readSignature(seen, ACCESS_KEY.secretAccessKey)).toMatchObject({ isGood: true, region: 'us-east-1' });
  expect(JSON.parse(seen.body.toString())).toEqual({ messages: [{ role: 'user', content: [{ text: 'Hello — 👋' }] }] });
  expect(await record()).toMatchObject({ provider: 'bedrock', inputTokens: 402, outputTokens: 58, outcome: 'success' });
});

it('a Chat stream from Bedrock arrives with its usage', async () => {
  provider.on('POST', `${CALL}/converse-stream`, stream(recorded('converse-stream.frames')));
  let text = '';
  let usage: unknown;
  const chunks = await openai.chat.completions.create({
    ...ASK,
    stream: true,
    stream_options: { include_usage: true },
  });
  for await (const chunk of chunks) {
    text += chunk.choices[0]?.delta.content ?? '';
    usage = chunk.usage ?? usage;
  }
  expect(text).toBe('Hello, tråveller “far” 🚂');
  expect(usage).toMatchObject({ prompt_tokens: 1214, prompt_tokens_details: { cached_tokens: 1200 } });
  expect(await record()).toMatchObject({
    inputTokens: 1214,
    cachedInputTokens: 1200,
    outputTokens: 11,
    streaming: true,
  });
});

it('a response_format schema on Bedrock gives a JSON response', async () => {
  const json_schema = { name: 'town', schema: { type: 'object', properties: { name: { type: 'string' } } } };
  const toolUse = { toolUseId: 't', name: 'json_answer', input: { name: 'Oslo' } };
  provider.on(
    'POST',
    `${CALL}/converse`,
    json(200, { ...wireJson('bedrock', 'converse.json'), output: { message: { content: [{ toolUse }] } } }),
  );
  const answer = await openai.chat.completions.create({
    ...ASK,
    response_format: { type: 'json_schema', json_schema },
  });
  expect(answer.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: '{"name":"Oslo"}' } });
});

it("an AWS error reaches the client in OpenAI's form", async () => {
  const type = { 'x-amzn-errortype': 'ThrottlingException:http://internal.amazon.com/' };
  provider.on('POST', `${CALL}/converse`, json(429, { message: 'Too many requests.' }, type));
  await expect(openai.chat.completions.create(ASK)).rejects.toMatchObject({
    status: 429,
    code: 'ThrottlingException',
    message: expect.stringContaining('Too many requests.'),
  });
});

it('a Bedrock stream that ends with an exception or is cut fails at the client', async () => {
  const endings = [
    stream(recorded('stream-error.frames')),
    stream(recorded('converse-stream.frames').slice(0, 3)),
    stream(recorded('converse-stream.frames').slice(0, 3), 'destroy'),
  ];
  for (const ending of endings) {
    provider.on('POST', `${CALL}/converse-stream`, ending);
    let text = '';
    const reading = (async () => {
      for await (const chunk of await openai.chat.completions.create({ ...ASK, stream: true }))
        text += chunk.choices[0]?.delta.content ?? '';
    })();
    await expect(reading).rejects.toThrow();
    expect(text).toMatch(/^Hel/);
    expect((await record()).outcome).not.toBe('success');
  }
});

it('an embeddings call to Bedrock is metered', async () => {
  provider.on('POST', '/model/amazon.titan-embed-text-v2%3A0/invoke', replay('bedrock', 'embeddings.json'));
  const answer = await openai.embeddings.create({ model: 'bedrock:amazon.titan-embed-text-v2:0', input: 'hello' });
  expect(answer.data[0]!.embedding).toHaveLength(3);
  expect(await record()).toMatchObject({ inputTokens: 4, outputTokens: 0 });
});

describe('a model that calls tools only in whole responses', () => {
  const LLAMA = 'us.meta.llama3-3-70b-instruct-v1:0';
  const WHOLE = `/model/${encodeURIComponent(LLAMA)}/converse`;
  const tools = [{ type: 'function' as const, function: { name: 'departures' } }];

  it('a streamed call gets a whole Bedrock response as a stream', async () => {
    provider.on('POST', WHOLE, replay('bedrock', 'converse-tools.json'));
    const chunks = await openai.chat.completions.create({
      ...ASK,
      model: `bedrock:${LLAMA}`,
      tools,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let calls = '';
    let finish: string | null = null;
    let tokens = 0;
    for await (const { choices, usage } of chunks) {
      text += choices[0]?.delta.content ?? '';
      for (const call of choices[0]?.delta.tool_calls ?? []) calls += call.function?.name;
      finish = choices[0]?.finish_reason ?? finish;
      tokens = usage?.completion_tokens ?? tokens;
    }
    expect({ text, calls, finish, tokens }).toEqual({
      text: 'I look at the timetable.',
      calls: 'departures',
      finish: 'tool_calls',
      tokens: 58,
    });
    expect(await record()).toMatchObject({ streaming: true, inputTokens: 402, outputTokens: 58, outcome: 'success' });
  });

  it('a vendor error for a streamed call is an error, not a stream', async () => {
    provider.on('POST', WHOLE, json(400, { message: 'The model is not ready.' }));
    const call = openai.chat.completions.create({ ...ASK, model: `bedrock:${LLAMA}`, tools, stream: true });
    await expect(call).rejects.toMatchObject({ status: 400, message: expect.stringContaining('not ready') });
  });
});
