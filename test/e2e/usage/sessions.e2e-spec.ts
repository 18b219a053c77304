/** Sessions: the calls that name the same session, for readers of all records and of their own. */
import type { Caller } from '../../../src/auth/callers/caller.js';
import type { OAuthClientId, OrgId, UserId } from '../../../src/platform/ids.js';
import type { InteractionRecord } from '../../../src/usage/recording/interaction-record.js';
import { UsageRecorder } from '../../../src/usage/recording/usage-recorder.js';
import type { Json } from '../../support/http/admin-client.js';
import { callRecord } from '../../support/gateway/call-record.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { castOf, type Cast, type Person } from '../../support/gateway/people.js';

const PATH = '/api/sessions';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let gateway: TestGateway;
let cast: Cast;
let clientId: string;
let now: number;

beforeAll(async () => {
  gateway = await startGateway();
  cast = await castOf(gateway);
  const client = { name: 'Reporter', grantType: 'client_credentials', scope: 'org' };
  clientId = (await cast.owner.client.create('/api/llm-oauth-clients', client)).id as string;
  now = Date.now();
  const recorder = gateway.app.nest.get(UsageRecorder);
  const record = (sessionId: string | null, agoMs: number, who: Person | null, over: Partial<InteractionRecord> = {}) =>
    recorder.record(
      callRecord({
        sessionId,
        createdAt: now - agoMs,
        organizationId: cast.organizationId as OrgId,
        caller: who && userCaller(who),
        ...over,
      }),
    );
  record('shared', 3 * HOUR_MS, cast.member, {
    servedModel: 'gpt-5.4',
    clientName: 'codex',
    costMicroUsd: 2_000_000,
    usage: usage(100, 10),
  });
  record('shared', 2 * HOUR_MS, cast.other, {
    servedModel: 'gpt-5.4',
    clientName: 'openai-sdk',
    costMicroUsd: 500_000,
    billing: 'subscription',
    usage: usage(50, 5),
  });
  record('shared', HOUR_MS, null, { requestedModel: 'o9', outcome: 'refused', status: 403 });
  record('newest', 0, cast.member);
  record('Ünïcode · 会话', 4 * HOUR_MS, cast.member);
  record('last week', 10 * DAY_MS, cast.member);
  record(null, 0, cast.member);
  record('shared', 0, null, { organizationId: cast.stranger.organizationId as OrgId });
  await recorder.flush();
});
afterAll(() => gateway.close());

const userCaller = (who: Person): Caller =>
  ({
    credentialId: 'x',
    subject: { type: 'user', id: who.id as UserId, viaClient: clientId as OAuthClientId },
  }) as Caller;

const usage = (inputTokens: number, outputTokens: number): InteractionRecord['usage'] => ({
  inputTokens,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens,
  reasoningTokens: 0,
});

const ask = async (query = '', who: Person = cast.owner): Promise<Json> => {
  const { status, body } = await who.client.get(`${PATH}?${query}`);
  expect([query, status]).toEqual([query, 200]);
  return body;
};
const idsOf = async (query = '', who: Person = cast.owner): Promise<string[]> =>
  (await ask(query, who)).data.map(({ sessionId }: Json) => sessionId);

describe('sessions', () => {
  it('a session has the usage, times, models, users and applications of its calls', async () => {
    const { data, nextCursor } = await ask();
    expect(data.map(({ sessionId }: Json) => sessionId)).toEqual(['newest', 'shared', 'Ünïcode · 会话']);
    expect(nextCursor).toBeNull();
    expect(data[1]).toEqual({
      sessionId: 'shared',
      firstAt: new Date(now - 3 * HOUR_MS).toISOString(),
      lastAt: new Date(now - HOUR_MS).toISOString(),
      requests: 3,
      errors: 1,
      inputTokens: 150,
      cachedInputTokens: 0,
      cacheWriteTokens: 0,
      outputTokens: 15,
      reasoningTokens: 0,
      costUsd: 2,
      subscriptionRequests: 1,
      subscriptionCostUsd: 0.5,
      models: ['openai:gpt-5.4', 'openai:o9'],
      users: expect.arrayContaining([
        { id: cast.member.id, name: 'member' },
        { id: cast.other.id, name: expect.any(String) },
      ]),
      applications: [{ id: clientId, name: 'Reporter' }],
      clientNames: ['codex', 'openai-sdk'],
    });
    const calls = (await cast.owner.client.get('/api/interactions?sessionId=shared')).body.data as Json[];
    expect(calls.map(({ oauthClientName }) => oauthClientName)).toEqual([null, 'Reporter', 'Reporter']);
  });

  it('the session list pages by cursor', async () => {
    const seen: string[] = [];
    for (let cursor = ''; ;) {
      const page = await ask(`limit=1&from=${iso(now - 20 * DAY_MS)}${cursor}`);
      seen.push(...page.data.map(({ sessionId }: Json) => sessionId));
      if (page.nextCursor === null) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    expect(seen).toEqual(['newest', 'shared', 'Ünïcode · 会话', 'last week']);
  });

  it('the session list filters by time, user, application and client name', async () => {
    expect(await idsOf(`from=${iso(now - 11 * DAY_MS)}&to=${iso(now - 9 * DAY_MS)}`)).toEqual(['last week']);
    expect(await idsOf(`userId=${cast.other.id}`)).toEqual(['shared']);
    expect(await idsOf('clientName=codex')).toEqual(['shared']);
    expect(await idsOf(`oauthClientId=${clientId}&userId=${cast.other.id}`)).toEqual(['shared']);
    expect(await idsOf('oauthClientId=other')).toEqual([]);
  });

  it('the session list shows callers without interaction:read only their own calls, and separates organizations', async () => {
    const { data } = await ask('', cast.other);
    expect(data).toMatchObject([{ sessionId: 'shared', requests: 1, users: [{ id: cast.other.id }] }]);
    expect(await idsOf(`userId=${cast.member.id}`, cast.other)).toEqual([]);
    expect((await ask('', cast.stranger)).data).toMatchObject([{ sessionId: 'shared', requests: 1, users: [] }]);
    expect((await gateway.admin.as(null).get(PATH)).status).toBe(401);
  });

  it.each([
    'limit=0',
    'cursor=x',
    'from=2026-01-01T00:00:00Z&to=2026-02-05T00:00:00Z',
    'from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z',
    'userId=x',
    'sort=cost',
  ])('GET /api/sessions?%s is refused with 400', async (query) => {
    const { status, body } = await cast.owner.client.get(`${PATH}?${query}`);
    expect([status, body.code]).toEqual([400, 'validation_failed']);
  });
});

const iso = (ms: number): string => encodeURIComponent(new Date(ms).toISOString());
