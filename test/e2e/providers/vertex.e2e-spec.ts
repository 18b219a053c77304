/** Vertex AI: one token for many calls, two vendors' dialects on one provider, and the key file that is never sent. */
import { generateKeyPairSync } from 'node:crypto';
import { GoogleGenAI } from '@google/genai';
import { jwtVerify } from 'jose';
import { events, FakeProvider, json } from '../../support/providers/fake-provider.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { hangUp } from '../../support/providers/recorded-responses.js';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' });
const PROJECT = '/v1/projects/p/locations/europe-west4';
const GOOGLE = 'publishers/google/models/gemini-2.5-flash';
const CLAUDE = 'publishers/anthropic/models/claude-sonnet-4-5@20250929';
const HOUR_MS = 3_600_000;

let gateway: TestGateway;
let vertex: FakeProvider;
let google: FakeProvider;
let virtualKey: string;
let keyId: string;
let fetched = 0;

const account = (changes: object = {}): string =>
  JSON.stringify(
    {
      type: 'service_account',
      private_key_id: 'c0ffee0123456789',
      private_key: PEM,
      client_email: 'gateway@p.iam.gserviceaccount.com',
      token_uri: `${google.url}/token`,
      ...changes,
    },
    null,
    2,
  );

const storing = (apiKey: string) => ({
  name: 'k',
  provider: 'vertex',
  apiKey,
  scope: 'org',
  baseUrl: vertex.url + PROJECT,
});

const givesTokens = (): void =>
  void google.on('POST', '/token', (seen, response) =>
    json(200, { access_token: `ya29.token-${++fetched}`, expires_in: 3600, token_type: 'Bearer' })(seen, response),
  );

beforeAll(async () => {
  vertex = await FakeProvider.start();
  google = await FakeProvider.start();
  gateway = await startGateway({ LLM_VERTEX_BASE_URL: `${vertex.url}/v1/projects/deployment/locations/global` });
  const stored = await gateway.admin.create('/api/llm-provider-api-keys', storing(account()));
  keyId = stored.id;
  expect(stored.last4).toBe('6789');
  const made = await gateway.admin.create('/api/llm-virtual-keys', {
    name: 'v',
    providerApiKeys: [{ provider: 'vertex', providerApiKeyId: keyId }],
  });
  virtualKey = made.value;
});
afterAll(async () => {
  await gateway.close();
  await vertex.close();
  await google.close();
});

beforeEach(() => {
  vertex.forget();
  google.forget();
  givesTokens();
  vertex.on(
    'POST',
    `${PROJECT}/${GOOGLE}:generateContent`,
    json(200, {
      candidates: [{ content: { parts: [{ text: 'Hi' }] }, finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 2, thoughtsTokenCount: 3 },
      modelVersion: 'gemini-2.5-flash',
    }),
  );
});

const call = (path: string, body: object, key = virtualKey): Promise<Response> =>
  fetch(`${gateway.url}/v1/vertex/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const tokensSent = (): string[] => vertex.received.map(({ headers }) => headers.authorization ?? 'none');

async function lastRecord(): Promise<Record<string, unknown>> {
  await gateway.flushRecords();
  return (await gateway.admin.get('/api/interactions?limit=1')).body.data[0];
}

describe('a service account', () => {
  it('a service account buys one token for concurrent and later calls', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => call(`${GOOGLE}:generateContent`, { contents: [] })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    await call(`v1beta1/projects/mine/locations/us-east1/${GOOGLE}:generateContent`, { contents: [] });
    expect(google.received).toHaveLength(1);
    expect(tokensSent()).toEqual(Array(9).fill(`Bearer ya29.token-${fetched}`));
    expect(vertex.received.every(({ url }) => url === `${PROJECT}/${GOOGLE}:generateContent`)).toBe(true);
    const form = new URLSearchParams(google.received[0]!.body.toString());
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    const { payload } = await jwtVerify(form.get('assertion')!, publicKey, { audience: `${google.url}/token` });
    expect(payload.iss).toBe('gateway@p.iam.gserviceaccount.com');
  });

  it('a service account gets a new token five minutes before the old one expires', async () => {
    await call(`${GOOGLE}:generateContent`, {});
    const before = tokensSent()[0];
    gateway.clock.advance(HOUR_MS - 6 * 60_000);
    await call(`${GOOGLE}:generateContent`, {});
    gateway.clock.advance(2 * 60_000);
    await call(`${GOOGLE}:generateContent`, {});
    expect(tokensSent()).toEqual([before, before, `Bearer ya29.token-${fetched}`]);
    expect(tokensSent()[2]).not.toBe(before);
  });

  it('a token is used until it expires while no new one is available', async () => {
    await call(`${GOOGLE}:generateContent`, {});
    gateway.clock.advance(HOUR_MS - 4 * 60_000);
    google.on('POST', '/token', json(503, {}));
    expect((await call(`${GOOGLE}:generateContent`, {})).status).toBe(200);
    expect(new Set(tokensSent()).size).toBe(1);
    gateway.clock.advance(4 * 60_000);
    expect((await call(`${GOOGLE}:generateContent`, {})).status).toBe(503);
    expect(vertex.received).toHaveLength(2);
  });

  it('a refused service account is a 503 in the form of the path, and no call is sent', async () => {
    gateway.clock.advance(2 * HOUR_MS);
    google.on('POST', '/token', json(400, { error: 'invalid_grant', error_description: 'Invalid JWT: eyJ' }));
    const asGoogle = await (await call(`${GOOGLE}:generateContent`, {})).json();
    expect(asGoogle.error).toMatchObject({ code: 503, status: 'UNAVAILABLE' });
    expect(asGoogle.error.message).toContain('invalid_grant');
    const asClaude = await (await call(`${CLAUDE}:rawPredict`, { messages: [] })).json();
    expect(asClaude).toMatchObject({ type: 'error', error: { type: 'api_error' } });
    expect(JSON.stringify([asGoogle, asClaude])).not.toContain('eyJ');
    expect(vertex.received).toHaveLength(0);
  });

  it('rotating a key replaces its token too', async () => {
    await call(`${GOOGLE}:generateContent`, {});
    const other = account({ client_email: 'other@p.iam.gserviceaccount.com' });
    const { status } = await gateway.admin.post(`/api/llm-provider-api-keys/${keyId}/rotate`, { apiKey: other });
    expect(status).toBe(200);
    await call(`${GOOGLE}:generateContent`, {});
    expect(tokensSent()[1]).toBe(`Bearer ya29.token-${fetched}`);
    expect(tokensSent()[1]).not.toBe(tokensSent()[0]);
  });

  it('neither the key file nor its token is sent elsewhere or logged', async () => {
    await call(`${GOOGLE}:generateContent`, {});
    const sent = [...vertex.received, ...google.received].map(
      (seen) => JSON.stringify(seen.rawHeaders) + seen.body.toString(),
    );
    const secret = PEM.toString().split('\n')[3]!;
    for (const text of [...sent, ...gateway.log]) expect(text).not.toContain(secret);
    expect(gateway.log.join('\n')).not.toContain('ya29.');
    expect(google.received.every(({ url }) => url === '/token')).toBe(true);
  });

  it('a token that the provider quotes is masked in the response', async () => {
    vertex.on('POST', `${PROJECT}/${GOOGLE}:generateContent`, (seen, response) =>
      json(401, { error: { code: 401, message: `Bad: ${seen.headers.authorization}`, status: 'UNAUTHENTICATED' } })(
        seen,
        response,
      ),
    );
    const answer = await (await call(`${GOOGLE}:generateContent`, {})).json();
    expect(answer.error.message).toBe('Bad: Bearer [provider key]');
  });
});

describe('metering of Vertex AI', () => {
  const CLAUDE_USAGE = { input_tokens: 7, output_tokens: 5, cache_read_input_tokens: 2 };

  it('Gemini on Vertex AI is metered, whole and streamed', async () => {
    await call(`${GOOGLE}:generateContent`, { generationConfig: { maxOutputTokens: 9 } });
    expect(await lastRecord()).toMatchObject({
      provider: 'vertex',
      operation: 'generate_content',
      requestedModel: 'gemini-2.5-flash',
      inputTokens: 10,
      outputTokens: 5,
    });
    vertex.on(
      'POST',
      `${PROJECT}/${GOOGLE}:streamGenerateContent`,
      events(['data: {"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":6}}\n\n']),
    );
    await (await call(`${GOOGLE}:streamGenerateContent?alt=sse`, {})).text();
    expect(vertex.received.at(-1)!.url).toBe(`${PROJECT}/${GOOGLE}:streamGenerateContent?alt=sse`);
    expect(await lastRecord()).toMatchObject({ inputTokens: 4, outputTokens: 6, streaming: true });
  });

  it('embeddings on Vertex AI are metered by the tokens of each text', async () => {
    const path = 'publishers/google/models/text-embedding-005:predict';
    const predictions = [3, 4].map((n) => ({ embeddings: { values: [0.5], statistics: { token_count: n } } }));
    vertex.on('POST', `${PROJECT}/${path}`, json(200, { predictions }));
    await call(path, { instances: [{ content: 'a' }, { content: 'b' }] });
    expect(await lastRecord()).toMatchObject({ operation: 'embeddings', inputTokens: 7, estimated: false });
  });

  it('Claude on Vertex AI is metered, whole and streamed, but not token counting', async () => {
    const model = 'claude-sonnet-4-5-20250929';
    vertex.on('POST', `${PROJECT}/${CLAUDE}:rawPredict`, json(200, { type: 'message', model, usage: CLAUDE_USAGE }));
    const answer = await call(`${CLAUDE}:rawPredict`, { anthropic_version: 'vertex-2023-10-16', max_tokens: 9 });
    expect(answer.headers.get('x-gateway-cost-usd')).not.toBeNull();
    expect(await lastRecord()).toMatchObject({
      operation: 'chat',
      requestedModel: 'claude-sonnet-4-5@20250929',
      servedModel: model,
      inputTokens: 9,
      outputTokens: 5,
    });
    vertex.on(
      'POST',
      `${PROJECT}/${CLAUDE}:streamRawPredict`,
      events([
        `event: message_start\ndata: ${JSON.stringify({ type: 'message_start', message: { model, usage: { input_tokens: 3, output_tokens: 1 } } })}\n\n`,
        `event: message_delta\ndata: {"type":"message_delta","usage":{"output_tokens":8}}\n\n`,
      ]),
    );
    await (await call(`${CLAUDE}:streamRawPredict`, { stream: true })).text();
    expect(await lastRecord()).toMatchObject({ inputTokens: 3, outputTokens: 8, streaming: true });
    vertex.on(
      'POST',
      `${PROJECT}/publishers/anthropic/models/count-tokens:rawPredict`,
      json(200, { input_tokens: 70 }),
    );
    await call('publishers/anthropic/models/count-tokens:rawPredict', { model: 'claude-sonnet-4-5@20250929' });
    expect(await lastRecord()).toMatchObject({
      operation: 'count_tokens',
      requestedModel: 'claude-sonnet-4-5@20250929',
      inputTokens: 0,
    });
  });
});

describe('the Model Router', () => {
  const ask = async (model: string): Promise<{ status: number; text: string }> => {
    const answer = await fetch(`${gateway.url}/v1/model-router/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${virtualKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi' }] }),
    });
    return { status: answer.status, text: await answer.text() };
  };

  it("the Model Router sends each Vertex model its publisher's format", async () => {
    const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', stop_reason: 'end_turn' };
    const content = [{ type: 'text', text: 'Bonjour' }];
    const usage = { input_tokens: 7, output_tokens: 5 };
    vertex.on('POST', `${PROJECT}/${CLAUDE}:rawPredict`, json(200, { ...message, content, usage }));
    const google = await ask('vertex/gemini-2.5-flash');
    expect(JSON.parse(google.text).choices[0].message.content).toBe('Hi');
    expect(await lastRecord()).toMatchObject({ provider: 'vertex', inputTokens: 10, outputTokens: 5 });
    const claude = await ask('vertex/claude-sonnet-4-5@20250929');
    expect(JSON.parse(claude.text).choices[0].message.content).toBe('Bonjour');
    expect(JSON.parse(vertex.received.at(-1)!.body.toString())).toMatchObject({
      anthropic_version: 'vertex-2023-10-16',
    });
    expect(await lastRecord()).toMatchObject({ provider: 'vertex', inputTokens: 7, outputTokens: 5 });
    expect(new Set(tokensSent())).toEqual(new Set([`Bearer ya29.token-${fetched}`]));
  });
});

describe('a model alias with a Vertex target', () => {
  const chat = (model: string): Promise<Response> =>
    fetch(`${gateway.url}/v1/model-router/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${aliasKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi' }] }),
    });
  let aliasKey: string;

  beforeAll(async () => {
    const openai = { name: 'o', provider: 'openai', apiKey: 'sk-0123456789', scope: 'org', baseUrl: vertex.url };
    const { id } = await gateway.admin.create('/api/llm-provider-api-keys', openai);
    const providerApiKeys = [
      { provider: 'vertex', providerApiKeyId: keyId },
      { provider: 'openai', providerApiKeyId: id },
    ];
    aliasKey = (await gateway.admin.create('/api/llm-virtual-keys', { name: 'both', providerApiKeys })).value;
    const place = (model: string, priority: number) => ({ model, priority });
    const [gemini, gpt] = ['vertex:gemini-2.5-flash', 'openai:gpt-5.4'] as const;
    for (const [name, ...models] of [
      ['google-last', gpt, gemini],
      ['google-first', gemini, gpt],
    ] as const)
      await gateway.admin.create('/api/model-aliases', { name, targets: models.map(place) });
    vertex.on('POST', '/chat/completions', json(200, { object: 'chat.completion', choices: [] }));
  });
  beforeEach(() => gateway.clock.advance(2 * HOUR_MS));

  it('an alias buys no token for a target that is not tried', async () => {
    expect((await chat('google-last')).status).toBe(200);
    expect(google.received).toHaveLength(0);
    expect((await chat('google-first')).status).toBe(200);
    expect(google.received).toHaveLength(1);
  });

  it.each([
    ['refused', json(400, { error: 'invalid_grant' }), 'provider_key_unavailable'],
    ['unavailable', hangUp, 'upstream_unreachable'],
  ])('an alias fails over when a token is %s', async (_how, answer, code) => {
    google.on('POST', '/token', answer);
    const { status, headers } = await chat('google-first');
    expect([status, headers.get('x-gateway-attempts')]).toEqual([
      200,
      `vertex:gemini-2.5-flash;error=${code}, openai:gpt-5.4;status=200`,
    ]);
  });
});

describe("Google's own SDK", () => {
  it("Google's SDK reaches Vertex AI with a virtual key, in the project of the stored key", async () => {
    const httpOptions = { baseUrl: `${gateway.url}/v1/vertex` };
    const ai = new GoogleGenAI({ vertexai: true, apiKey: virtualKey, httpOptions });
    const answer = await ai.models.generateContent({ model: 'gemini-2.5-flash', contents: 'Hi' });
    expect(answer.text).toBe('Hi');
    expect(vertex.received[0]!.url).toBe(`${PROJECT}/${GOOGLE}:generateContent`);
    expect(vertex.received[0]!.headers['x-goog-api-key']).toBeUndefined();
    expect(tokensSent()).toEqual([`Bearer ya29.token-${fetched}`]);
  });
});

describe('other keys', () => {
  it('an authorized_user key buys a token and names the project that pays', async () => {
    const user = {
      type: 'authorized_user',
      client_id: 'i',
      client_secret: 's',
      refresh_token: '1//r',
      token_uri: `${google.url}/token`,
    };
    const apiKey = JSON.stringify({ ...user, quota_project_id: 'payer' });
    const { id } = await gateway.admin.create('/api/llm-provider-api-keys', storing(apiKey));
    const { value } = await gateway.admin.create('/api/llm-virtual-keys', {
      name: 'u',
      providerApiKeys: [{ provider: 'vertex', providerApiKeyId: id }],
    });
    await call(`${GOOGLE}:generateContent`, {}, value);
    expect(Object.fromEntries(new URLSearchParams(google.received[0]!.body.toString()))).toEqual({
      grant_type: 'refresh_token',
      client_id: 'i',
      client_secret: 's',
      refresh_token: '1//r',
    });
    expect(vertex.received[0]!.headers['x-goog-user-project']).toBe('payer');
    expect(tokensSent()).toEqual([`Bearer ya29.token-${fetched}`]);
  });

  it("a caller's own token passes unchanged to the deployment's project", async () => {
    vertex.on('POST', /generateContent$/, json(200, {}));
    await call(`${GOOGLE}:generateContent`, {}, 'ya29.of-the-caller');
    expect(tokensSent()).toEqual(['Bearer ya29.of-the-caller']);
    expect(vertex.received[0]!.url).toBe(`/v1/projects/deployment/locations/global/${GOOGLE}:generateContent`);
    expect(google.received).toHaveLength(0);
  });

  it('an invalid key file is refused with 400 when it is stored', async () => {
    for (const [apiKey, says] of [
      ['{"type": "service_account"', 'cannot be read'],
      [account({ private_key: 'gone' }), 'not an RSA key'],
      ['{"type": "external_account"}', 'service account'],
    ] as const) {
      const { status, body } = await gateway.admin.post('/api/llm-provider-api-keys', storing(apiKey));
      expect([status, body.detail]).toEqual([400, expect.stringContaining(says)]);
    }
    const noAddress = { ...storing(account()), baseUrl: undefined };
    expect((await gateway.admin.post('/api/llm-provider-api-keys', noAddress)).status).toBe(201);
  });

  it('the test of a key calls Vertex AI with its token', async () => {
    vertex.on('GET', `${PROJECT}/models`, json(200, { models: [] }));
    const { body } = await gateway.admin.post(`/api/llm-provider-api-keys/${keyId}/test`, {});
    expect(body).toMatchObject({ ok: true, status: 200 });
    expect(tokensSent()).toEqual([expect.stringMatching(/^Bearer ya29\.token-\d+$/)]);
  });
});
