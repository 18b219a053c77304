/** Promise: AWS's own SDK works against the gateway as against Bedrock, with bearer keys and access keys behind it. */
import {
  AccessDeniedException,
  BedrockRuntimeClient,
  type BedrockRuntimeClientConfig,
  ConverseCommand,
  ConverseStreamCommand,
  CountTokensCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
  ResourceNotFoundException,
  ThrottlingException,
  ValidationException,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { FakeProvider, json, type Responder } from '../support/providers/fake-provider.js';
import type { Json } from '../support/http/admin-client.js';
import { framesOf } from '../support/providers/bedrock-event-stream.js';
import { startGateway, type TestGateway } from '../support/gateway/gateway.js';
import { replay, wireJson } from '../support/providers/recorded-responses.js';
import { readSignature } from '../support/providers/sigv4.js';

const MODEL = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';
const PROFILE = 'arn:aws:bedrock:eu-west-3:123456789012:application-inference-profile/ab12cd34ef56';
const CALL = '/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0';
const BEARER = 'ABSKQmVkcm9ja0FQSUtleS1zdG9yZWQ';
const ACCESS_KEY = {
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  sessionToken: 'FwoGZXIvYXdzEXAMPLE==',
  region: 'eu-west-3',
};
const QUESTION = { modelId: MODEL, messages: [{ role: 'user' as const, content: [{ text: 'Hello — 👋' }] }] };
const SIGNED = ['host', 'x-amz-content-sha256', 'x-amz-date', 'x-amz-security-token'];
const KEYS = '/api/llm-provider-api-keys';

let gateway: TestGateway;
let provider: FakeProvider;
let byBearer: string;
let byAccessKey: string;
let accessKeyId: string;

beforeAll(async () => {
  provider = await FakeProvider.start();
  gateway = await startGateway({ LLM_BEDROCK_BASE_URL: provider.url });
  [byBearer] = await keysFor(BEARER);
  [byAccessKey, accessKeyId] = await keysFor(JSON.stringify(ACCESS_KEY, null, 2));
});
afterAll(async () => {
  await gateway.close();
  await provider.close();
});
beforeEach(() => provider.forget());

/** Creates a virtual key mapped to this secret; returns it and the id of the stored key. */
async function keysFor(apiKey: string): Promise<[virtual: string, stored: string]> {
  const { id } = await gateway.admin.create(KEYS, { name: 'aws', provider: 'bedrock', apiKey });
  const providerApiKeys = [{ provider: 'bedrock', providerApiKeyId: id }];
  const { value } = await gateway.admin.create('/api/llm-virtual-keys', { name: 'client', providerApiKeys });
  return [value, id];
}

const client = (token: string, more: BedrockRuntimeClientConfig = {}): BedrockRuntimeClient =>
  new BedrockRuntimeClient({
    endpoint: `${gateway.url}/v1/bedrock`,
    region: 'us-east-1',
    token: { token },
    authSchemePreference: ['httpBearerAuth'],
    requestHandler: new NodeHttpHandler(),
    maxAttempts: 1,
    ...more,
  });

/** The recorded stream, split at odd positions. */
const stream = (file: string): Responder => framed(Buffer.concat(framesOf(wireJson('bedrock', file))));

function framed(bytes: Buffer, end: 'end' | 'destroy' = 'end'): Responder {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream', 'x-amzn-requestid': 'r-1' });
    for (let at = 0; at < bytes.length; at += 97) response.write(bytes.subarray(at, at + 97));
    if (end === 'end') response.end();
    else response.write('', () => response.destroy());
  };
}

async function record(): Promise<Json> {
  await gateway.flushRecords();
  return (await gateway.admin.get('/api/interactions?limit=1')).body.data[0];
}

async function failure(attempt: Promise<unknown>): Promise<Json> {
  return attempt.then(
    () => {
      throw new Error('it went well');
    },
    (error: unknown) => error,
  );
}

describe.each(['a bearer key', 'an access key'])("AWS's SDK and %s", (kind) => {
  const key = () => (kind === 'a bearer key' ? byBearer : byAccessKey);

  function expectAuthorised(): void {
    const seen = provider.received.at(-1)!;
    if (kind === 'a bearer key') return expect(seen.headers.authorization).toBe(`Bearer ${BEARER}`);
    expect(readSignature(seen, ACCESS_KEY.secretAccessKey)).toEqual({
      accessKeyId: ACCESS_KEY.accessKeyId,
      region: 'eu-west-3',
      service: 'bedrock',
      signedHeaders: seen.method === 'GET' ? SIGNED : ['content-type', ...SIGNED, 'x-amz-user-agent'], // the SDK's own header
      isGood: true,
    });
    expect(seen.headers['x-amz-security-token']).toBe(ACCESS_KEY.sessionToken);
  }

  it("AWS's SDK receives a Converse response", async () => {
    provider.on('POST', `${CALL}/converse`, replay('bedrock', 'converse.json'));
    const answer = await client(key()).send(new ConverseCommand(QUESTION));
    expect(answer.output?.message?.content?.[1]).toEqual({ text: 'Hello, traveller. Where are you bound?' });
    expect(answer.usage).toMatchObject({ inputTokens: 14, cacheReadInputTokens: 1200 });
    expectAuthorised();
    expect(JSON.parse(provider.received[0]!.body.toString())).toEqual({ messages: QUESTION.messages });
    expect(await record()).toMatchObject({
      provider: 'bedrock',
      operation: 'chat',
      requestedModel: MODEL,
      inputTokens: 1514,
      cachedInputTokens: 1200,
      outputTokens: 23,
      streaming: false,
      estimated: false,
      status: 200,
      outcome: 'success',
    });
    expect(Number((await record()).costUsd)).toBeGreaterThan(0);
  });

  it("AWS's SDK receives a ConverseStream response", async () => {
    provider.on('POST', `${CALL}/converse-stream`, stream('converse-stream.frames'));
    const answer = await client(key()).send(new ConverseStreamCommand(QUESTION));
    let text = '';
    let usage: unknown;
    for await (const event of answer.stream!) {
      text += event.contentBlockDelta?.delta?.text ?? '';
      usage = event.metadata?.usage ?? usage;
    }
    expect(text).toBe('Hello, tråveller “far” 🚂');
    expect(usage).toMatchObject({ inputTokens: 14, outputTokens: 11 });
    expectAuthorised();
    expect(await record()).toMatchObject({
      operation: 'chat',
      requestedModel: MODEL,
      inputTokens: 1214,
      outputTokens: 11,
      streaming: true,
      status: 200,
      outcome: 'success',
    });
  });

  it("InvokeModel of AWS's SDK passes the vendor's own format through", async () => {
    const metrics = { 'x-amzn-bedrock-input-token-count': '14', 'x-amzn-bedrock-output-token-count': '5' };
    provider.on('POST', `${CALL}/invoke`, replay('bedrock', 'invoke-claude.json', 200, metrics));
    const body = JSON.stringify({ anthropic_version: 'bedrock-2023-05-31', max_tokens: 9, messages: [] });
    const answer = await client(key()).send(
      new InvokeModelCommand({ modelId: MODEL, body, contentType: 'application/json' }),
    );
    expect(JSON.parse(answer.body.transformToString())).toEqual(wireJson('bedrock', 'invoke-claude.json'));
    expectAuthorised();
    expect(provider.received[0]!.body.toString()).toBe(body);
    expect(await record()).toMatchObject({ operation: 'generate_content', inputTokens: 1514, outputTokens: 5 });
  });

  it("InvokeModelWithResponseStream passes the vendor's own events through", async () => {
    provider.on('POST', `${CALL}/invoke-with-response-stream`, stream('invoke-stream.frames'));
    const answer = await client(key()).send(
      new InvokeModelWithResponseStreamCommand({
        modelId: MODEL,
        body: '{"max_tokens":9}',
        contentType: 'application/json',
      }),
    );
    const events: Json[] = [];
    for await (const { chunk } of answer.body!) events.push(JSON.parse(Buffer.from(chunk!.bytes!).toString()));
    expect(events).toEqual(wireJson('bedrock', 'invoke-stream.frames').map((frame: Json) => frame.chunk));
    expectAuthorised();
    expect(await record()).toMatchObject({
      inputTokens: 1214,
      cachedInputTokens: 1200,
      outputTokens: 9,
      streaming: true,
    });
  });

  it('an inference profile is accepted by its ARN', async () => {
    const path = `/model/${encodeURIComponent(PROFILE)}/converse`;
    provider.on('POST', path, replay('bedrock', 'converse-tools.json'));
    const { stopReason } = await client(key()).send(new ConverseCommand({ ...QUESTION, modelId: PROFILE }));
    expect(stopReason).toBe('tool_use');
    expect(provider.received[0]!.url).toBe(path);
    expectAuthorised();
    expect(await record()).toMatchObject({ requestedModel: PROFILE, inputTokens: 402 });
  });

  it('CountTokens and the list of inference profiles work', async () => {
    provider.on('POST', `${CALL}/count-tokens`, replay('bedrock', 'count-tokens.json'));
    const input = { converse: { messages: QUESTION.messages } };
    expect((await client(key()).send(new CountTokensCommand({ modelId: MODEL, input }))).inputTokens).toBe(321);
    expectAuthorised();
    provider.on('GET', '/inference-profiles', json(200, { inferenceProfileSummaries: [] }));
    const list = await fetch(`${gateway.url}/v1/bedrock/inference-profiles?type=SYSTEM_DEFINED&maxResults=5`, {
      headers: { authorization: `Bearer ${key()}` },
    });
    expect(list.status).toBe(200);
    expectAuthorised();
    expect(await record()).toMatchObject({ operation: 'list_models', status: 200 });
  });
});

describe('a stored key for Bedrock', () => {
  it('testing an access key lists the foundation models with a valid signature', async () => {
    provider.on('GET', '/foundation-models', replay('bedrock', 'models.json'));
    const { status, body } = await gateway.admin.post(`${KEYS}/${accessKeyId}/test`);
    expect([status, body.ok, body.status]).toEqual([200, true, 200]);
    expect(readSignature(provider.received.at(-1)!, ACCESS_KEY.secretAccessKey).isGood).toBe(true);
  });

  it('an incomplete access key gets 400, and a stored one shows the end of its id', async () => {
    const broken = JSON.stringify({ accessKeyId: ACCESS_KEY.accessKeyId });
    const refusal = await gateway.admin.post(KEYS, { name: 'x', provider: 'bedrock', apiKey: broken });
    expect(refusal.status).toBe(400);
    expect(refusal.body.errors[0]).toMatchObject({
      pointer: '/apiKey',
      detail: expect.stringContaining('secretAccessKey'),
    });
    expect(JSON.stringify(refusal.body)).not.toContain(ACCESS_KEY.accessKeyId);
    expect((await gateway.admin.get(`${KEYS}/${accessKeyId}`)).body.last4).toBe('MPLE');
  });

  it("a caller's own bearer key is passed on, and a SigV4 signature is refused with 401", async () => {
    provider.on('POST', `${CALL}/converse`, replay('bedrock', 'converse.json'));
    await client('ABSKcallers-own').send(new ConverseCommand(QUESTION));
    expect(provider.received.at(-1)!.headers.authorization).toBe('Bearer ABSKcallers-own');
    provider.forget();
    const signing = client('', { credentials: ACCESS_KEY, authSchemePreference: ['sigv4'] });
    const error = await failure(signing.send(new ConverseCommand(QUESTION)));
    expect(error).toBeInstanceOf(AccessDeniedException);
    expect(error.$metadata.httpStatusCode).toBe(401);
    expect(error.message).toContain('SigV4');
    expect(provider.started).toBe(0);
  });
});

describe('errors', () => {
  it("an error of the gateway is an exception class of AWS's SDK", async () => {
    const gone = await failure(client(`arch_${'x'.repeat(49)}`).send(new ConverseCommand(QUESTION)));
    expect(gone).toBeInstanceOf(AccessDeniedException);
    expect(gone.$metadata.httpStatusCode).toBe(401);
    const nowhere = client(byBearer, { endpoint: `${gateway.url}/v1/bedrock/01890000-0000-7000-8000-000000000000` });
    expect(await failure(nowhere.send(new ConverseCommand(QUESTION)))).toBeInstanceOf(ResourceNotFoundException);
    expect(provider.started).toBe(0);
  });

  it("an error of AWS reaches AWS's SDK unchanged", async () => {
    const refuse = (status: number, type: string) =>
      provider.on(
        'POST',
        `${CALL}/converse`,
        json(status, { message: 'As AWS says.' }, { 'x-amzn-errortype': `${type}:http://internal.amazon.com/` }),
      );
    refuse(400, 'ValidationException');
    const invalid = await failure(client(byBearer).send(new ConverseCommand(QUESTION)));
    expect(invalid).toBeInstanceOf(ValidationException);
    expect(invalid.message).toBe('As AWS says.');
    expect(await record()).toMatchObject({ status: 400, outcome: 'upstream_error', inputTokens: null });
    refuse(429, 'ThrottlingException');
    expect(await failure(client(byAccessKey).send(new ConverseCommand(QUESTION)))).toBeInstanceOf(ThrottlingException);
  });

  it('an exception frame of AWS ends the stream with that exception', async () => {
    provider.on('POST', `${CALL}/converse-stream`, stream('stream-error.frames'));
    const { text, error } = await readToEnd();
    expect(text).toBe('Hel');
    expect(error.name).toBe('ModelStreamErrorException');
    expect(await record()).toMatchObject({ outcome: 'upstream_error', status: 200 });
  });

  it('a connection that breaks between frames ends the stream with ServiceUnavailableException', async () => {
    const frames = framesOf(wireJson('bedrock', 'converse-stream.frames'));
    provider.on('POST', `${CALL}/converse-stream`, framed(Buffer.concat(frames.slice(0, 3)), 'destroy'));
    const { text, error } = await readToEnd();
    expect(text).toBe('Hello, tråveller “far” 🚂');
    expect(error.name).toBe('ServiceUnavailableException');
    expect(await record()).toMatchObject({ outcome: 'error', estimated: true, streaming: true });
  });

  it('a connection that breaks inside a frame ends the stream with an error', async () => {
    const [first, second] = framesOf(wireJson('bedrock', 'converse-stream.frames'));
    const bytes = Buffer.concat([first!, second!.subarray(0, 30)]);
    provider.on('POST', `${CALL}/converse-stream`, framed(bytes, 'destroy'));
    expect((await readToEnd()).error).toBeInstanceOf(Error);
  });

  async function readToEnd(): Promise<{ text: string; error: Json }> {
    let text = '';
    try {
      const answer = await client(byBearer).send(new ConverseStreamCommand(QUESTION));
      for await (const event of answer.stream!) text += event.contentBlockDelta?.delta?.text ?? '';
    } catch (error) {
      return { text, error };
    }
    throw new Error(`it went well: ${text}`);
  }
});

it("AWS's SDK receives each frame before the next is sent", async () => {
  let finish!: () => void;
  const frames = framesOf(wireJson('bedrock', 'converse-stream.frames'));
  provider.on('POST', `${CALL}/converse-stream`, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
    response.write(Buffer.concat(frames.slice(0, 2)));
    finish = () => response.end(Buffer.concat(frames.slice(2)));
  });
  const answer = await client(byBearer).send(new ConverseStreamCommand(QUESTION));
  const events = answer.stream![Symbol.asyncIterator]();
  expect((await events.next()).value.messageStart).toBeDefined();
  expect((await events.next()).value.contentBlockDelta.delta.text).toBe('Hello, ');
  finish();
  let rest = 0;
  while (!(await events.next()).done) rest++;
  expect(rest).toBe(4);
});
