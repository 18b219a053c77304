import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createId } from '../../../src/platform/ids.js';
import type { Json } from '../../support/http/admin-client.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { castOf, sql, type Cast } from '../../support/gateway/people.js';

const PATH = '/api/interactions';
const DAY_MS = 86_400_000;
const ANSWER = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  model: 'gpt-4o-2024-08-06',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
  usage: {
    prompt_tokens: 1000,
    completion_tokens: 100,
    total_tokens: 1100,
    prompt_tokens_details: { cached_tokens: 200 },
    completion_tokens_details: { reasoning_tokens: 30 },
  },
};

describe('interactions', () => {
  let gateway: TestGateway;
  let cast: Cast;
  let upstream: Server;
  let key: Json;

  beforeAll(async () => {
    upstream = createServer((request, response) => {
      request
        .resume()
        .on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(ANSWER)));
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    gateway = await startGateway({
      LLM_OPENAI_BASE_URL: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/v1`,
    });
    cast = await castOf(gateway);
    const stored = await cast.owner.client.create('/api/llm-provider-api-keys', {
      name: 'x',
      provider: 'openai',
      apiKey: 'sk-x-000000000',
      scope: 'org',
    });
    key = await cast.member.client.create('/api/llm-virtual-keys', {
      name: 'x',
      providerApiKeys: [{ provider: 'openai', providerApiKeyId: stored.id }],
    });
  });
  afterAll(async () => {
    await gateway.close();
    upstream.close();
  });

  /** Inserts a record into the database, `minutesAgo` old. */
  async function insert(over: Record<string, unknown> = {}, minutesAgo = 0): Promise<string> {
    const at = Date.now() - minutesAgo * 60_000;
    const row: Record<string, unknown> = {
      id: createId(at),
      organization_id: cast.organizationId,
      created_at: new Date(at).toISOString(),
      request_id: 'r',
      surface: 'provider-route',
      method: 'POST',
      path: 'chat/completions',
      duration_ms: 1.5,
      status: 200,
      outcome: 'success',
      ...over,
    };
    const names = Object.keys(row);
    await sql(
      gateway,
      `INSERT INTO interaction (${names.join(', ')}) VALUES (${names.map((_, i) => `$${i + 1}`).join(', ')})`,
      Object.values(row),
    );
    return row.id as string;
  }
  const ids = async (query: string, who = cast.owner): Promise<string[]> =>
    (await who.client.get(`${PATH}?${query}`)).body.data.map((row: Json) => row.id);

  it('a record shows caller, client, models, tokens and cost of its call', async () => {
    const call = await fetch(`${gateway.url}/v1/openai/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key.value}`,
        'content-type': 'application/json',
        'x-archestra-agent-id': 'agent-7',
        'x-archestra-user-id': 'somebody',
        'user-agent': 'OpenAI/JS 6.49.0',
      },
      body: JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hi' }] }),
    });
    expect(call.status).toBe(200);
    await call.text();
    await gateway.flushRecords();
    const { status, body } = await cast.owner.client.get(`${PATH}?virtualKeyId=${key.id}`);
    expect(status).toBe(200);
    expect(body).toEqual({ data: [expect.any(Object)], nextCursor: null });
    const proxy = (
      await sql<{ id: string }>(gateway, 'SELECT id FROM llm_proxy WHERE is_default AND organization_id = $1', [
        cast.organizationId,
      ])
    )[0]!;
    expect(body.data[0]).toEqual({
      id: expect.any(String),
      createdAt: expect.any(String),
      requestId: call.headers.get('x-request-id'),
      surface: 'provider-route',
      authMethod: 'virtual-key',
      virtualKeyId: key.id,
      oauthClientId: null,
      oauthClientName: null,
      userId: cast.member.id,
      keyFingerprint: null,
      providerKeyId: key.providerApiKeys[0].providerApiKeyId,
      proxyId: proxy.id,
      provider: 'openai',
      operation: 'chat',
      method: 'POST',
      path: expect.any(String),
      requestedModel: 'gpt-4o',
      servedModel: 'gpt-4o-2024-08-06',
      inputTokens: 1000,
      cachedInputTokens: 200,
      cacheWriteTokens: 0,
      outputTokens: 100,
      reasoningTokens: 30,
      estimated: false,
      costUsd: Number(call.headers.get('x-gateway-cost-usd')),
      priceVersion: expect.stringMatching(/^list:[\w-]{16}$/),
      billing: 'metered',
      durationMs: expect.any(Number),
      firstByteMs: expect.any(Number),
      streaming: false,
      status: 200,
      outcome: 'success',
      errorCode: null,
      errorReason: null,
      agentId: 'agent-7',
      claimedUserId: 'somebody',
      sessionId: null,
      runId: null,
      clientName: 'openai-sdk',
      clientVersion: '6.49.0',
      attempts: null,
      guardrails: null,
      isContentKept: false,
      clientAddress: expect.any(String),
    });
    expect(body.data[0].costUsd).toBeGreaterThan(0);
    const one = await cast.owner.client.get(`${PATH}/${body.data[0].id}`);
    expect([one.status, one.body]).toEqual([200, body.data[0]]);
  });

  it('the interaction list pages newest first by an opaque cursor while new records arrive', async () => {
    const agent = 'paged';
    const made: string[] = [];
    for (let i = 5; i > 0; i--) made.unshift(await insert({ agent_id: agent }, i));
    const first = (await cast.owner.client.get(`${PATH}?agentId=${agent}&limit=2`)).body;
    await insert({ agent_id: agent });
    const second = (await cast.owner.client.get(`${PATH}?agentId=${agent}&limit=2&cursor=${first.nextCursor}`)).body;
    const third = (await cast.owner.client.get(`${PATH}?agentId=${agent}&limit=2&cursor=${second.nextCursor}`)).body;
    expect([first, second, third].flatMap((page) => page.data.map((row: Json) => row.id))).toEqual(made);
    expect(third.nextCursor).toBeNull();
    expect(first.nextCursor).not.toContain('-');
  });

  it('the interaction list filters by caller, client, session, status and time', async () => {
    const values: Record<string, string> = {
      proxyId: createId(),
      userId: createId(),
      virtualKeyId: createId(),
      oauthClientId: 'llm_oauth_x',
      sessionId: 's 1',
      clientName: 'claude-code',
      authMethod: 'idp-jwt',
    };
    const columns = {
      proxy_id: values.proxyId,
      user_id: values.userId,
      virtual_key_id: values.virtualKeyId,
      oauth_client_id: values.oauthClientId,
      session_id: values.sessionId,
      client_name: values.clientName,
      auth_method: values.authMethod,
    };
    const id = await insert({ ...columns, status: 429, agent_id: 'filtered' }, 3);
    await insert({ agent_id: 'filtered', status: 500 }, 1);
    for (const [name, value] of Object.entries(values))
      expect(await ids(`${name}=${encodeURIComponent(value)}`)).toEqual([id]);
    expect(await ids('agentId=filtered&status=429')).toEqual([id]);
    expect(await ids('agentId=filtered&status=4xx')).toEqual([id]);
    expect(await ids('agentId=filtered&status=404')).toEqual([]);
    const at = (minutes: number): string => encodeURIComponent(new Date(Date.now() - minutes * 60_000).toISOString());
    expect(await ids(`agentId=filtered&from=${at(4)}&to=${at(2)}`)).toEqual([id]);
    expect(await ids(`agentId=filtered&to=${at(4)}`)).toEqual([]);
    expect(
      await ids(`agentId=filtered&from=${encodeURIComponent(new Date(Date.now() + DAY_MS).toISOString())}`),
    ).toEqual([]);
  });

  it.each([
    'limit=0',
    'limit=101',
    'cursor=nonsense',
    'userId=x',
    'status=abc',
    'status=999',
    'from=yesterday',
    'agentId=%00',
    'colour=red',
    'offset=1',
  ])('GET /api/interactions?%s is refused with 400', async (query) => {
    const { status, body } = await cast.owner.client.get(`${PATH}?${query}`);
    expect([status, body.code]).toEqual([400, 'validation_failed']);
  });

  it('callers without interaction:read see only their own records, without errorReason', async () => {
    const own = await insert({ user_id: cast.other.id, session_id: 'mine', error_reason: 'jwt_expired' });
    const others = await insert({ user_id: cast.member.id, session_id: 'mine', error_reason: 'jwt_expired' });
    const claimed = await insert({ claimed_user_id: cast.other.id, session_id: 'mine' });
    expect(await ids('session_id=mine'.replace('session_id', 'sessionId'), cast.other)).toEqual([own]);
    expect(await ids(`userId=${cast.member.id}`, cast.other)).toEqual([]);
    expect((await cast.other.client.get(`${PATH}/${own}`)).body).not.toHaveProperty('errorReason');
    for (const id of [others, claimed]) expect((await cast.other.client.get(`${PATH}/${id}`)).status).toBe(404);
    expect((await cast.editor.client.get(`${PATH}/${others}`)).body.errorReason).toBe('jwt_expired');
  });

  it('the list of interactions and single records are separate for each organization', async () => {
    const id = await insert();
    const theirs = await insert({ organization_id: cast.stranger.organizationId });
    expect(await ids('', cast.stranger)).toEqual([theirs]);
    expect((await cast.stranger.client.get(`${PATH}/${id}`)).status).toBe(404);
    for (const unknown of [createId(), 'nothing'])
      expect((await cast.owner.client.get(`${PATH}/${unknown}`)).status).toBe(404);
    expect((await gateway.admin.as(null).get(PATH)).status).toBe(401);
    expect((await gateway.admin.as(null).get(`${PATH}/${id}`)).status).toBe(401);
  });
});
