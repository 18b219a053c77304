/**
 * Every authentication method × the Model Router: access, the key that is used, refusals and their format, and records.
 */
import { json } from '../../support/providers/fake-provider.js';
import { mintToken } from '../../../src/platform/crypto/token-mint.js';
import { createId } from '../../../src/platform/ids.js';
import type { AdminClient, Json } from '../../support/http/admin-client.js';
import { FakeIdp } from '../../support/oauth/fake-idp.js';
import { LibraryApps, type CreatedClient, type Newcomer } from '../../support/oauth/openid-client-app.js';
import { expectRefusal } from '../../support/http/llm-errors.js';
import { everythingSent, fromAnyone, startStage, storedSecret, type Stage } from '../../support/gateway/stage.js';
import type { HeaderList, WireResponse } from '../../support/http/wire-client.js';

const messages = [{ role: 'user', content: 'Say hello.' }];
const OPENAI = { path: 'chat/completions', body: { model: 'openai:gpt-5.4', messages } };
const ANTHROPIC = { path: 'chat/completions', body: { model: 'anthropic:claude-sonnet-4-5', messages } };
const CLIENT_FORMAT = { path: 'v1/messages', body: { model: 'openai:gpt-5.4', max_tokens: 50, messages } };
/** A vendor of OpenAI's dialect, another one, and one of another dialect. */
const EACH = [
  ['openai', OPENAI],
  ['anthropic', ANTHROPIC],
  ['openai', CLIENT_FORMAT],
] as const;
const KEYS = '/api/llm-provider-api-keys';
/** The origin of a page whose browser may call. */
const PAGE = 'https://app.example.com';
const OWN_KEY = 'sk-callers-own-0123456789';

interface Asked {
  path: string;
  body?: object | undefined;
}

let stage: Stage;
let apps: LibraryApps;
beforeAll(async () => {
  stage = await startStage({ CORS_ALLOWED_ORIGINS: PAGE });
  apps = new LibraryApps(stage);
}, 60_000);
afterAll(() => stage.close());
beforeEach(() => stage.fake.forget());

const addressOf = (path: string, proxyId?: string): string =>
  `/v1/model-router${proxyId === undefined ? '' : `/${proxyId}`}${path && `/${path}`}`;
const bearer = (value: string): readonly [string, string] => ['authorization', `Bearer ${value}`];

function ask(
  credential: string,
  { path, body }: Asked = OPENAI,
  { proxyId, headers = [] }: { proxyId?: string | undefined; headers?: HeaderList } = {},
): Promise<WireResponse> {
  const all = [fromAnyone(), ...(credential === '' ? [] : [bearer(credential)]), ...headers];
  const text = body === undefined ? undefined : JSON.stringify(body);
  const typed = text === undefined ? all : ([...all, ['content-type', 'application/json']] as const);
  return stage.wire.call(body === undefined ? 'GET' : 'POST', addressOf(path, proxyId), typed, text);
}

/** Expects a response by the named provider key. Returns the call's record. */
async function expectServed(answer: WireResponse, provider: string, secret = storedSecret(provider)): Promise<Json> {
  expect({ status: answer.status, text: answer.status === 200 ? '' : answer.text }).toEqual({ status: 200, text: '' });
  const seen = stage.fake.received.at(-1)!;
  const shown = provider === 'anthropic' ? seen.headers['x-api-key'] : seen.headers.authorization;
  expect(shown).toBe(provider === 'anthropic' ? secret : `Bearer ${secret}`);
  expect(everythingSent(stage.fake)).not.toMatch(/arch_|llm_|eyJ/);
  const record = await stage.recordOf(answer);
  expect(record).toMatchObject({ surface: 'model-router', provider, status: 200, outcome: 'success' });
  return record;
}

/** Expects a refusal before anything was sent to a provider, and its record. */
async function expectRefused(
  answer: WireResponse,
  status: number,
  code: string,
  family: 'openai' | 'anthropic' = 'openai',
) {
  expectRefusal(family, answer, { status, code });
  expect(stage.fake.started).toBe(0);
  const record = await stage.recordOf(answer);
  expect(record).toMatchObject({ surface: 'model-router', status, error_code: code, outcome: 'refused' });
  return record;
}

describe('a virtual key', () => {
  it('a virtual key reaches all mapped providers and is in the record', async () => {
    const key = await stage.virtualKey();
    for (const [provider, asked] of EACH) {
      const record = await expectServed(await ask(key.value, asked), provider);
      const { model } = asked.body;
      expect(record).toMatchObject({
        auth_method: 'virtual-key',
        virtual_key_id: key.id,
        provider_key_id: stage.providerKeyIds[provider],
        proxy_id: stage.defaultProxyId,
        organization_id: stage.organizationId,
        requested_model: model,
        operation: 'chat',
        path: asked.path,
        method: 'POST',
        streaming: false,
        estimated: false,
        error_code: null,
        attempts: [{ model, providerKeyId: stage.providerKeyIds[provider], status: 200, errorCode: null }],
      });
      expect(record.served_model).toMatch(/^(?:gpt|claude)-/);
      for (const figure of ['input_tokens', 'output_tokens', 'cost_micro_usd', 'duration_ms'])
        expect([figure, Number(record[figure]) > 0]).toEqual([figure, true]);
    }
  });

  it.each(['authorization', 'x-api-key', 'x-goog-api-key', 'api-key'])(
    'a virtual key is accepted in the header %s',
    async (name) => {
      const key = await stage.virtualKey();
      const value = name === 'authorization' ? `Bearer ${key.value}` : key.value;
      const record = await expectServed(await ask('', OPENAI, { headers: [[name, value]] }), 'openai');
      expect(record.virtual_key_id).toBe(key.id);
    },
  );

  it('a virtual key reaches only the LLM proxies that it allows', async () => {
    const [open, other] = [await stage.llmProxy(), await stage.llmProxy()];
    const { value } = await stage.virtualKey({ allowedProxyIds: [open] });
    const record = await expectServed(await ask(value, OPENAI, { proxyId: open }), 'openai');
    expect(record.proxy_id).toBe(open);
    stage.fake.forget();
    await expectRefused(await ask(value, OPENAI, { proxyId: other }), 403, 'proxy_not_allowed');
    await expectRefused(await ask(value), 403, 'proxy_not_allowed');
    await expectRefused(await ask(value, OPENAI, { proxyId: createId() }), 404, 'proxy_not_found');
  });

  it('a virtual key reaches only its allowed models, under any spelling', async () => {
    const { value } = await stage.virtualKey({ allowedModels: ['openai:gpt-5*'] });
    await expectServed(await ask(value), 'openai');
    await expectServed(await ask(value, { ...OPENAI, body: { model: 'openai/GPT-5.4', messages } }), 'openai');
    stage.fake.forget();
    await expectRefused(await ask(value, ANTHROPIC), 403, 'policy_denied');
    await expectRefused(await ask(value, { ...OPENAI, body: { model: 'openai:o5', messages } }), 403, 'policy_denied');
    await expectRefused(
      await ask(value, { ...CLIENT_FORMAT, body: { ...CLIENT_FORMAT.body, model: 'openai:o5' } }),
      403,
      'policy_denied',
      'anthropic',
    );
  });

  it('a virtual key with one provider needs no provider prefix in the model name', async () => {
    const only = [{ provider: 'anthropic', providerApiKeyId: stage.providerKeyIds.anthropic }];
    const { value } = await stage.virtualKey({ providerApiKeys: only });
    const record = await expectServed(
      await ask(value, { ...ANTHROPIC, body: { model: 'claude-sonnet-4-5', messages } }),
      'anthropic',
    );
    expect(record.requested_model).toBe('claude-sonnet-4-5');
    stage.fake.forget();
    await expectRefused(await ask(value), 400, 'provider_not_mapped');
  });

  it('a virtual key skips targets of an alias that its allowedModels exclude', async () => {
    const { id } = await stage.gateway.admin.create('/api/model-aliases', {
      name: 'first-choice',
      targets: [{ model: 'openai:gpt-5.4' }, { model: 'anthropic:claude-sonnet-4-5' }],
    });
    const { value } = await stage.virtualKey({ allowedModels: ['anthropic:*'] });
    const answer = await ask(value, { ...OPENAI, body: { model: 'first-choice', messages } });
    const record = await expectServed(answer, 'anthropic');
    expect(record.attempts).toMatchObject([
      { model: 'openai:gpt-5.4', status: null, errorCode: 'policy_denied' },
      { model: 'anthropic:claude-sonnet-4-5', status: 200, errorCode: null },
    ]);
    expect(answer.headers['x-gateway-attempts']).toBe(
      'openai:gpt-5.4;error=policy_denied, anthropic:claude-sonnet-4-5;status=200',
    );
    await stage.gateway.admin.delete(`/api/model-aliases/${id}`);
  });
});

const mapped = () =>
  ['openai', 'anthropic'].map((provider) => ({ provider, providerApiKeyId: stage.providerKeyIds[provider] }));
const tokenOfApp = async (client: CreatedClient): Promise<string> =>
  (await apps.oauth.clientToken({ ...client, clientSecret: client.clientSecret! })).body.access_token;
const tokenOfUser = async (person: Newcomer, scope = 'openid llm:proxy') => {
  const client = await apps.app({ tokenEndpointAuthMethod: 'none' });
  const { access_token: token } = await apps.authorize(await apps.configure(client), { person, over: { scope } });
  return { token, clientId: client.id };
};

describe("an application's token", () => {
  it("an application's token reaches all providers mapped to its client", async () => {
    const client = await apps.service({ providerApiKeys: mapped() });
    const token = await tokenOfApp(client);
    expect(token).toMatch(/^llm_at_/);
    for (const [provider, asked] of EACH) {
      const record = await expectServed(await ask(token, asked), provider);
      expect(record).toMatchObject({
        auth_method: 'oauth-client',
        oauth_client_id: client.id,
        user_id: null,
        provider_key_id: stage.providerKeyIds[provider],
      });
    }
    stage.fake.forget();
    const other = { ...OPENAI, body: { model: 'gemini:gemini-2.5-flash', messages } };
    await expectRefused(await ask(token, other), 400, 'provider_not_mapped');
  });

  it("an application's token reaches the client's LLM proxies until the client is disabled", async () => {
    const proxy = await stage.llmProxy();
    const client = await apps.service({ allowedLlmProxyIds: [proxy] });
    const token = await tokenOfApp(client);
    await expectServed(await ask(token, OPENAI, { proxyId: proxy }), 'openai');
    stage.fake.forget();
    await expectRefused(await ask(token), 403, 'proxy_not_allowed');
    await stage.gateway.admin.patch(`/api/llm-oauth-clients/${client.id}`, { isDisabled: true });
    await expectRefused(await ask(token, OPENAI, { proxyId: proxy }), 401, 'credential_invalid');
  });
});

/** Keys of their own, of their teams, and the organization's: in this order. */
async function expectKeyOrder(
  person: { id: string; admin: AdminClient },
  call: (headers?: HeaderList) => Promise<WireResponse>,
) {
  const teams: string[] = [];
  await expectServed(await call(), 'openai');
  for (const name of ['first', 'second']) {
    const { id: teamId } = await stage.gateway.admin.create('/api/teams', { name: createId() });
    await stage.gateway.admin.create(`/api/teams/${teamId}/members`, { userId: person.id });
    const key = { name, provider: 'openai', scope: 'team', teamId, apiKey: `sk-${name}-team-0123456789` };
    await stage.gateway.admin.create(KEYS, key);
    teams.push(teamId);
  }
  await expectServed(await call(), 'openai', 'sk-first-team-0123456789');
  await expectServed(await call([['x-archestra-team-id', teams[1]!]]), 'openai', 'sk-second-team-0123456789');
  await person.admin.create(KEYS, { name: 'own', provider: 'openai', apiKey: 'sk-own-0123456789' });
  await expectServed(await call(), 'openai', 'sk-own-0123456789');
  const { id: strange } = await stage.gateway.admin.create('/api/teams', { name: createId() });
  stage.fake.forget();
  await expectRefused(await call([['x-archestra-team-id', strange]]), 403, 'team_not_allowed');
}

describe("a user's token", () => {
  it("a user's token calls on behalf of the user and the app on every provider with a key", async () => {
    const person = await apps.newcomer();
    const { token, clientId } = await tokenOfUser(person);
    for (const [provider, asked] of EACH) {
      const record = await expectServed(await ask(token, asked), provider);
      expect(record).toMatchObject({ auth_method: 'oauth-user', user_id: person.id, oauth_client_id: clientId });
    }
    stage.fake.forget();
    const none = { ...OPENAI, body: { model: 'mistral:mistral-large-latest', messages } };
    await expectRefused(await ask(token, none), 400, 'provider_not_mapped');
  });

  it("a user's token uses the user's key before the team's and the organization's", async () => {
    const person = await apps.newcomer();
    const { token } = await tokenOfUser(person);
    await expectKeyOrder(person, (headers = []) => ask(token, OPENAI, { headers }));
  });

  it("a user's token without the scope llm:proxy is refused with 403 insufficient_scope", async () => {
    const { token } = await tokenOfUser(await apps.newcomer(), 'openid');
    await expectRefused(await ask(token), 403, 'insufficient_scope');
  });
});

it('the model list contains the models that the caller reaches', async () => {
  const models = (ids: readonly string[]) =>
    json(200, { object: 'list', data: ids.map((id) => ({ id, object: 'model' })) });
  stage.fake.on('GET', '/v1/models', (request, response) =>
    models(request.headers['anthropic-version'] ? ['claude-sonnet-4-5'] : ['gpt-5.4', 'o5'])(request, response),
  );
  const listed = async (credential: string): Promise<string[]> => {
    const answer = await ask(credential, { path: 'models' });
    expect(await stage.recordOf(answer)).toMatchObject({ surface: 'model-router', operation: 'list_models' });
    return answer.json.data.map(({ id }: Json) => id);
  };
  const all = ['anthropic:claude-sonnet-4-5', 'openai:gpt-5.4', 'openai:o5'];
  const providerApiKeys = mapped();
  expect((await listed((await stage.virtualKey({ providerApiKeys })).value)).sort()).toEqual(all);
  const narrow = await stage.virtualKey({ providerApiKeys, allowedModels: ['openai:gpt*'] });
  expect(await listed(narrow.value)).toEqual(['openai:gpt-5.4']);
  expect((await listed(await tokenOfApp(await apps.service({ providerApiKeys })))).sort()).toEqual(all);
  const { token } = await tokenOfUser(await apps.newcomer());
  expect(await listed(token)).toEqual(expect.arrayContaining(all));
});

describe('a token of an identity provider', () => {
  let idp: FakeIdp;
  let person: Newcomer;
  let proxyId: string;
  beforeAll(async () => {
    idp = await FakeIdp.start();
    idp.now = () => stage.gateway.clock.now();
    const trust = await stage.gateway.admin.create('/api/identity-providers', {
      providerId: 'acme',
      issuer: idp.issuer,
      audiences: ['gatehouse'],
      emailLinkPolicy: 'verified_domain',
      verifiedDomains: ['example.com'],
    });
    proxyId = await stage.llmProxy({ identityProviderIds: [trust.id] });
    person = await apps.newcomer();
  });
  afterAll(() => idp.close());
  const token = (): string => idp.token({ email: person.email, email_verified: true });
  const call = (asked: Asked = OPENAI, headers: HeaderList = []) => ask(token(), asked, { proxyId, headers });

  it('a token of an identity provider is refused with 401 by the router but not by provider routes', async () => {
    await expectRefused(await call(), 401, 'method_not_accepted');
    await expectRefused(await call(CLIENT_FORMAT), 401, 'method_not_accepted', 'anthropic');
    expectRefusal('openai', await call({ path: 'models' }), { status: 401, code: 'method_not_accepted' });
    const answer = await stage.wire.call(
      'POST',
      `/v1/openai/${proxyId}/chat/completions`,
      [bearer(token()), ['content-type', 'application/json']],
      JSON.stringify({ model: 'gpt-5.4', messages }),
    );
    expect(answer.status).toBe(200);
  });

  it("allowJwtOnRouter admits a token of an identity provider with its user's keys", async () => {
    await stage.gateway.admin.patch(`/api/llm-proxies/${proxyId}`, { allowJwtOnRouter: true });
    const record = await expectServed(await call(ANTHROPIC), 'anthropic');
    expect(record).toMatchObject({ auth_method: 'idp-jwt', user_id: person.id, proxy_id: proxyId });
    await expectKeyOrder(person, (headers) => call(OPENAI, headers));
    await expectRefused(await ask(token()), 401, 'method_not_accepted');
    await stage.gateway.admin.patch(`/api/llm-proxies/${proxyId}`, { allowJwtOnRouter: false });
    await expectRefused(await call(), 401, 'method_not_accepted');
  });

  it('a token with another audience is refused with 401 credential_invalid', async () => {
    await stage.gateway.admin.patch(`/api/llm-proxies/${proxyId}`, { allowJwtOnRouter: true });
    const bad = await ask(idp.token({ email: person.email, aud: 'elsewhere' }), OPENAI, { proxyId });
    const record = await expectRefused(bad, 401, 'credential_invalid');
    expect(record.error_reason).toBe('jwt_audience');
  });
});

describe('invalid credentials', () => {
  const REFUSED: readonly [what: string, credential: () => string, code: string][] = [
    ['no credential', () => '', 'credential_missing'],
    ['a provider’s own key', () => OWN_KEY, 'method_not_accepted'],
    ['an admin API key', () => stage.gateway.adminKey, 'method_not_accepted'],
    ['an unknown virtual key', () => mintToken('arch_').expose(), 'credential_invalid'],
    ['an access token that was never issued', () => mintToken('llm_at_').expose(), 'credential_invalid'],
    ['a refresh token', () => mintToken('llm_rt_').expose(), 'credential_invalid'],
  ];

  it.each(REFUSED)('a call with %s is refused with 401 on every path', async (_what, credential, code) => {
    await expectRefused(await ask(credential()), 401, code);
    await expectRefused(await ask(credential(), CLIENT_FORMAT), 401, code, 'anthropic');
    for (const path of ['models', 'responses', '', 'v1/anything'])
      expectRefusal('openai', await ask(credential(), { path }), { status: 401, code });
    expect(stage.fake.started).toBe(0);
  });

  it('a 401 response leads to the authorization server by its resource metadata', async () => {
    const answer = await ask('');
    const [, address] = /resource_metadata="([^"]+)"/.exec(answer.headers['www-authenticate']!)!;
    const metadata = await (await fetch(address!)).json();
    expect(metadata.authorization_servers).toEqual([stage.gateway.url]);
    expect(metadata.scopes_supported).toContain('llm:proxy');
    const base = `${stage.gateway.url}${addressOf('', stage.defaultProxyId)}`;
    expect(base.startsWith(metadata.resource)).toBe(true);
    const own = await fetch(base.replace('/v1/', '/.well-known/oauth-protected-resource/v1/'));
    expect(await own.json()).toMatchObject({ resource: base, authorization_servers: [stage.gateway.url] });
  });
});

describe('requests without a credential', () => {
  it.each([undefined, 'by id'])('HEAD of the base URL returns 200 without a credential (proxy: %s)', async (by) => {
    const answer = await stage.wire.call('HEAD', addressOf('', by && stage.defaultProxyId));
    expect([answer.status, answer.text]).toEqual([200, '']);
  });

  it('CORS headers are sent to an allowed origin and to no other', async () => {
    const preflight = (origin: string): Promise<WireResponse> =>
      stage.wire.call('OPTIONS', addressOf('chat/completions'), [
        ['origin', origin],
        ['access-control-request-method', 'POST'],
        ['access-control-request-headers', 'authorization, content-type'],
      ]);
    const ours = await preflight(PAGE);
    expect([ours.status, ours.headers.allow]).toEqual([204, expect.stringContaining('POST')]);
    expect(ours.headers).toMatchObject({
      'access-control-allow-origin': PAGE,
      'access-control-allow-headers': 'authorization, content-type',
    });
    expect((await preflight('https://elsewhere.example')).headers['access-control-allow-origin']).toBeUndefined();
    const { value } = await stage.virtualKey();
    const { headers } = await ask(value, OPENAI, { headers: [['origin', PAGE]] });
    expect(headers['access-control-allow-origin']).toBe(PAGE);
    for (const name of ['x-gateway-attempts', 'x-gateway-dropped', 'x-gateway-explain'])
      expect(headers['access-control-expose-headers']).toContain(name);
  });

  it.each([
    ['responses', 'openai'],
    ['v1/messages', 'anthropic'],
  ] as const)('a WebSocket upgrade on %s is refused with 426 upgrade_required', async (path, family) => {
    const { value } = await stage.virtualKey();
    const answer = await stage.wire.call('GET', addressOf(path), [
      ['connection', 'Upgrade'],
      ['upgrade', 'websocket'],
      ['sec-websocket-version', '13'],
      ['sec-websocket-key', 'dGhlIHNhbXBsZSBub25jZQ=='],
      bearer(value),
    ]);
    expectRefusal(family, answer, { status: 426, code: 'upgrade_required' });
  });
});

describe('invalid requests', () => {
  const wrong = (path: string, text: string, status: number, code: string, more: { param?: string } = {}) => ({
    path,
    text,
    refusal: { status, code, ...more },
  });
  it.each([
    wrong('chat/completions', '{"model":', 400, 'invalid_body'),
    wrong('chat/completions', '[]', 400, 'invalid_body'),
    wrong('chat/completions', '{"model":7}', 400, 'invalid_body', { param: 'model' }),
    wrong('responses', '{"input":"Hi"}', 400, 'invalid_body', { param: 'model' }),
    wrong('embeddings', '{"model":"nobody-knows","input":"Hi"}', 404, 'model_not_found'),
    wrong(
      'chat/completions',
      '{"model":"gemini:../../files","messages":[{"role":"user","content":"Hi"}]}',
      404,
      'model_not_found',
    ),
    wrong('embeddings', '{"model":"gemini:a?b","input":"Hi"}', 404, 'model_not_found'),
    wrong('images/generations', '{"model":"openai:x"}', 404, 'path_not_found'),
    wrong('v1/messages', '{"model":', 400, 'invalid_body'),
    wrong('v1/messages', '{"model":"nobody-knows","messages":[]}', 404, 'model_not_found'),
    wrong('v1/messages/count_tokens', '{}', 400, 'invalid_body'),
    wrong('v1/messages/batches', '{"requests":[]}', 404, 'path_not_found'),
  ])('$path with the body $text is refused with $refusal.status $refusal.code', async ({ path, text, refusal }) => {
    const { value } = await stage.virtualKey();
    const headers = [bearer(value), ['content-type', 'application/json']] as const;
    const answer = await stage.wire.call('POST', addressOf(path), headers, text);
    expectRefusal(path.startsWith('v1/messages') ? 'anthropic' : 'openai', answer, refusal);
    expect(stage.fake.started).toBe(0);
  });

  it("a vendor error keeps its message in the client's format", async () => {
    const { value } = await stage.virtualKey();
    const full = { type: 'error', error: { type: 'invalid_request_error', message: 'prompt is too long' } };
    stage.fake.on('POST', '/v1/messages', json(400, full));
    const answer = await ask(value, ANTHROPIC);
    expect([answer.status, answer.json.error.message]).toEqual([400, 'prompt is too long']);
    expect(await stage.recordOf(answer)).toMatchObject({ status: 400, outcome: 'upstream_error', error_code: null });
  });
});
