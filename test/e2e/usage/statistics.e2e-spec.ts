/** Statistics: every record is counted once, also if it is sent twice, and the sums equal those of the records. */
import type { Caller } from '../../../src/auth/callers/caller.js';
import {
  createId,
  type OAuthClientId,
  type OrgId,
  type ProxyId,
  type UserId,
  type VirtualKeyId,
} from '../../../src/platform/ids.js';
import { INSERT_INTERACTIONS, toJsonBatch, toJsonRow } from '../../../src/usage/recording/interaction-insert.js';
import type { InteractionRecord } from '../../../src/usage/recording/interaction-record.js';
import { UsageRecorder } from '../../../src/usage/recording/usage-recorder.js';
import type { Json } from '../../support/http/admin-client.js';
import { callRecord } from '../../support/gateway/call-record.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { castOf, join, sql, addTeam, type Cast } from '../../support/gateway/people.js';

const PATH = '/api/statistics';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const OUTCOMES = [
  'success',
  'success',
  'success',
  'refused',
  'upstream_error',
  'error',
  'client_aborted',
  'cut',
] as const;

let gateway: TestGateway;
let cast: Cast;
let clientId: string;
let keyId: VirtualKeyId;
let proxyId: ProxyId;
let secondTeamId: string;

beforeAll(async () => {
  gateway = await startGateway();
  cast = await castOf(gateway);
  secondTeamId = await addTeam(gateway, cast.organizationId);
  await join(gateway, secondTeamId, cast.teamMember, 'member');
  clientId = (
    await cast.owner.client.create('/api/llm-oauth-clients', {
      ...{ name: 'Reporter', grantType: 'client_credentials', scope: 'org' },
    })
  ).id;
  keyId = (await cast.member.client.create('/api/llm-virtual-keys', { name: 'Nightly', keyType: 'passthrough' })).id;
  [{ id: proxyId }] = (await sql<{ id: ProxyId }>(
    gateway,
    'SELECT id FROM llm_proxy WHERE is_default AND organization_id = $1',
    [cast.organizationId],
  )) as [{ id: ProxyId }];
  const now = Date.now();
  const callers = [as(cast.member.id, keyId), as(cast.teamMember.id), as(cast.teamAdmin.id), null];
  // Over the last 25 days, with a concentration in the last two hours.
  const records = Array.from({ length: 240 }, (_, n) =>
    callRecord({
      ...numbers(n),
      createdAt: now - (n < 120 ? n * MINUTE_MS : (n - 119) * 5 * HOUR_MS),
      organizationId: cast.organizationId as OrgId,
      caller: callers[n % callers.length] ?? null,
    }),
  );
  const theirs = callRecord({ ...numbers(1), organizationId: cast.stranger.organizationId as OrgId });
  const recorder = gateway.app.nest.get(UsageRecorder);
  for (const one of [...records, theirs]) recorder.record(one);
  await recorder.flush();
});
afterAll(() => gateway.close());

const as = (userId: string, virtualKeyId?: VirtualKeyId): Caller =>
  ({
    credentialId: 'x',
    subject: virtualKeyId
      ? { type: 'virtual-key', id: virtualKeyId, ownerId: userId as UserId }
      : { type: 'user', id: userId as UserId, viaClient: clientId as OAuthClientId },
  }) as Caller;

function numbers(n: number): Partial<InteractionRecord> {
  const outcome = OUTCOMES[n % OUTCOMES.length]!;
  return {
    outcome,
    status: outcome === 'success' ? 200 : 400,
    durationMs: 10 + n * 7,
    costMicroUsd: n % 5 === 0 ? null : n * 11.25,
    billing: n % 4 === 0 ? 'subscription' : 'metered',
    proxyId,
    requestedModel: `model-${n % 3}`,
    sessionId: n % 6 === 0 ? null : `session-${n % 4}`,
    servedModel: n % 2 === 0 ? `model-${n % 3}-2026` : null,
    usage: {
      inputTokens: n * 10,
      cachedInputTokens: n,
      cacheWriteTokens: n % 7,
      longCacheWriteTokens: 0,
      outputTokens: n * 3,
      reasoningTokens: n % 11,
    },
  };
}

const ask = async (query: string, who = cast.owner): Promise<Json> => {
  const { status, body } = await who.client.get(`${PATH}/${query}`);
  expect([query, status]).toEqual([query, 200]);
  return body;
};

/** The same figures computed from the records. */
async function direct(by: string, { from, to }: Json): Promise<Map<string, Json>> {
  const rows = await sql<Json>(
    gateway,
    `SELECT ${by} AS value, count(*) AS requests, sum(input_tokens) AS "inputTokens", sum(output_tokens) AS "outputTokens",
            sum(cached_input_tokens) AS "cachedInputTokens", sum(cache_write_tokens) AS "cacheWriteTokens",
            sum(reasoning_tokens) AS "reasoningTokens", 
            coalesce(sum(cost_micro_usd) FILTER (WHERE billing = 'metered'), 0) / 1e6 AS "costUsd",
            coalesce(sum(cost_micro_usd) FILTER (WHERE billing = 'subscription'), 0) / 1e6 AS "subscriptionCostUsd",
            count(*) FILTER (WHERE billing = 'subscription') AS "subscriptionRequests",
            count(*) FILTER (WHERE outcome NOT IN ('success', 'client_aborted')) AS errors
       FROM interaction i LEFT JOIN team_member m ON m.user_id = i.user_id AND $4
      WHERE organization_id = $1 AND created_at >= $2 AND created_at < $3 AND ${by} IS NOT NULL GROUP BY 1`,
    [cast.organizationId, from, to, by.startsWith('m.')],
  );
  return new Map(rows.map(({ value, ...sums }) => [value, mapped(sums, Number)]));
}
const mapped = (it: Json, change: (value: Json) => Json): Json =>
  Object.fromEntries(Object.entries(it).map(([name, value]) => [name, change(value)]));
/** Money is summed in a different order, so the last digits may differ. */
const close = (figures: Json): Json => ({
  ...figures,
  costUsd: expect.closeTo(figures.costUsd, 9),
  subscriptionCostUsd: expect.closeTo(figures.subscriptionCostUsd, 9),
});
const added = (series: Json[]): Json => {
  const sums: Json = {};
  for (const point of series)
    for (const [name, value] of Object.entries(point))
      if (typeof value === 'number' && !name.startsWith('latency')) sums[name] = (sums[name] ?? 0) + value;
  return sums;
};
const withoutLatency = ({ latencyP50Ms: _, latencyP95Ms: __, ...figures }: Json): Json => figures;

const RANKINGS: [string, string][] = [
  ['users', 'i.user_id::text'],
  ['teams', 'm.team_id::text'],
  ['models', `i.provider || ':' || coalesce(i.served_model, i.requested_model)`],
  ['proxies', 'i.proxy_id::text'],
  ['clients', 'i.oauth_client_id'],
  ['keys', 'i.virtual_key_id::text'],
  ['sessions', 'i.session_id'],
];
const TIMEFRAMES: [string, string, number][] = [
  ['1h', 'minute', 60],
  ['24h', 'hour', 24],
  ['7d', 'hour', 168],
  ['30d', 'day', 30],
  ['90d', 'day', 90],
];

describe.each(TIMEFRAMES)('statistics of %s', (timeframe, step, count) => {
  it('the overview has even steps up to now whose sums equal those of the records', async () => {
    const overview = await ask(`overview?timeframe=${timeframe}`);
    const [expected] = (await direct(`''`, overview)).values();
    expect(overview.step).toBe(step);
    expect(overview.series).toHaveLength(count);
    expect(overview.series[0].at).toBe(overview.from);
    expect(new Date(overview.to).getTime()).toBeGreaterThan(Date.now());
    expect(withoutLatency(overview.totals)).toEqual(close(expected));
    expect(added(overview.series)).toEqual(close(expected));
  });

  const rankings = RANKINGS.filter(([name]) => name !== 'sessions' || timeframe !== '90d');
  it.each(rankings)('the ranking of %s equals the sums of the records', async (name, column) => {
    const { data, pagination, ...time } = await ask(`${name}?timeframe=${timeframe}`);
    const expected = await direct(column, time);
    expect(data.map((row: Json) => row.entityId).sort()).toEqual([...expected.keys()].sort());
    expect(pagination.total).toBe(expected.size);
    const costs = data.map((row: Json) => row.totals.costUsd);
    expect(costs).toEqual([...costs].sort((a: number, b: number) => b - a));
    for (const { entityId, totals, series } of data) {
      expect(withoutLatency(totals)).toEqual(close(expected.get(entityId)));
      expect(series).toHaveLength(count);
      expect(added(series)).toEqual(close(expected.get(entityId)));
    }
  });
});

it('latency percentiles of successful calls are accurate within 20%', async () => {
  const { totals, series } = await ask('overview?timeframe=90d');
  const [exact] = await sql<Json>(
    gateway,
    `SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY duration_ms) AS p50,
            percentile_disc(0.95) WITHIN GROUP (ORDER BY duration_ms) AS p95
       FROM interaction WHERE organization_id = $1 AND outcome = 'success'`,
    [cast.organizationId],
  );
  for (const [told, real] of [
    [totals.latencyP50Ms, exact.p50],
    [totals.latencyP95Ms, exact.p95],
  ])
    expect(Math.abs(told / real - 1)).toBeLessThan(0.2);
  expect(series[0]).toMatchObject({ requests: 0, costUsd: 0, latencyP50Ms: null, latencyP95Ms: null });
  const { data } = await ask('models?timeframe=90d');
  for (const row of data) expect(row.totals.latencyP95Ms).toBeGreaterThan(row.totals.latencyP50Ms);
});

it('a batch that is inserted repeatedly or partially counts once', async () => {
  const day = new Date('2025-03-04T05:06:07.089Z').getTime();
  const rows = Array.from({ length: 5 }, (_, n) =>
    toJsonRow(callRecord({ ...numbers(n), createdAt: day, organizationId: cast.organizationId as OrgId })),
  );
  for (const batch of [rows.slice(0, 2), rows, rows, [...rows, ...rows]])
    await sql(gateway, INSERT_INTERACTIONS, [toJsonBatch(batch)]);
  const { totals, series, step } = await ask('overview?from=2025-03-04T00:00:00Z&to=2025-03-05T00:00:00Z');
  expect([step, totals.requests, totals.inputTokens, series.length]).toEqual(['day', 5, 100, 1]);
});

it('concurrent inserts of records for one organization all count', async () => {
  const at = new Date('2025-05-04T05:06:07.089Z').getTime();
  const batches = Array.from({ length: 12 }, () =>
    Array.from({ length: 40 }, (_, n) =>
      toJsonRow(
        callRecord({
          ...numbers(n * 31),
          createdAt: at + ((n * 7919) % 40) * MINUTE_MS,
          organizationId: cast.organizationId as OrgId,
          caller: as(createId()),
        }),
      ),
    ),
  );
  await Promise.all(batches.map((batch) => sql(gateway, INSERT_INTERACTIONS, [toJsonBatch(batch)])));
  const { totals } = await ask('overview?from=2025-05-04T00:00:00Z&to=2025-05-05T00:00:00Z');
  expect(totals.requests).toBe(480);
  const { data, pagination } = await ask('users?from=2025-05-04T00:00:00Z&to=2025-05-05T00:00:00Z&limit=7&offset=14');
  expect([data.length, pagination]).toEqual([7, expect.objectContaining({ total: 480, hasNext: true, hasPrev: true })]);
  expect(data[0].name).toBeNull();
  const beyond = await ask('users?from=2025-05-04T00:00:00Z&to=2025-05-05T00:00:00Z&offset=480');
  expect([beyond.data, beyond.pagination.total]).toEqual([[], 480]);
});

it('statistics count a key without an owner for each of its teams', async () => {
  const id = createId<VirtualKeyId>();
  await sql(
    gateway,
    `INSERT INTO virtual_key (id, organization_id, name, key_type, scope, team_ids, token_start)
     VALUES ($1, $2, 'CI', 'standard', 'team', $3, 'x')`,
    [id, cast.organizationId, [cast.teamId, secondTeamId]],
  );
  const caller = { credentialId: 'x', subject: { type: 'virtual-key', id, ownerId: null } } as Caller;
  const createdAt = new Date('2025-06-04T05:06:07Z').getTime();
  const organizationId = cast.organizationId as OrgId;
  await sql(gateway, INSERT_INTERACTIONS, [
    toJsonBatch([toJsonRow(callRecord({ caller, createdAt, organizationId }))]),
  ]);
  const { data } = await ask('teams?from=2025-06-04T00:00:00Z&to=2025-06-05T00:00:00Z');
  expect(data.map((row: Json) => [row.entityId, row.totals.requests]).sort()).toEqual(
    [
      [cast.teamId, 1],
      [secondTeamId, 1],
    ].sort(),
  );
});

it('rankings of the statistics name their entities', async () => {
  const names = async (path: string): Promise<Json> =>
    Object.fromEntries((await ask(`${path}?timeframe=30d`)).data.map((row: Json) => [row.entityId, row.name]));
  expect(await names('keys')).toEqual({ [keyId]: 'Nightly' });
  expect(await names('users')).toMatchObject({ [cast.member.id]: 'member' });
  expect(await names('clients')).toEqual({ [clientId]: 'Reporter' });
  expect((await names('proxies'))[proxyId]).toEqual(expect.any(String));
  expect(await names('models')).toMatchObject({ 'openai:model-1': 'openai:model-1' });
});

it('a custom range is widened to whole steps of the finest available size', async () => {
  const at = (ms: number): string => encodeURIComponent(new Date(ms).toISOString());
  const now = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 1;
  const minutes = await ask(`overview?from=${at(now - 90 * MINUTE_MS)}&to=${at(now)}`);
  expect([minutes.step, minutes.series.length]).toEqual(['minute', 91]);
  const hours = await ask(`overview?from=${at(now - 30 * DAY_MS)}&to=${at(now - 30 * DAY_MS + 10 * MINUTE_MS)}`);
  expect([hours.step, hours.series.length]).toEqual(['hour', 2]);
  const days = await ask(`overview?from=${at(now - 200 * DAY_MS)}&to=${at(now - 200 * DAY_MS + 1)}`);
  expect([days.step, days.series.length]).toEqual(['day', 1]);
  expect((await ask(`me?from=${at(now - HOUR_MS)}`)).step).toMatch(/minute|hour/);
});

it.each([
  'overview?timeframe=2h',
  'overview?timeframe=1h&from=2026-01-01T00:00:00Z',
  'overview?to=2026-01-01T00:00:00Z',
  'overview?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z',
  'overview?from=2126-01-02T00:00:00Z',
  'overview?from=2020-01-02T00:00:00Z&to=2026-01-01T00:00:00Z',
  'overview?from=yesterday',
  'overview?limit=5',
  'users?limit=101',
  'sessions?timeframe=90d',
  'sessions?from=2026-01-01T00:00:00Z&to=2026-02-02T00:00:00Z',
  'users?offset=-1',
  'me?userId=x',
])('GET /api/statistics/%s is refused with 400', async (query) => {
  const { status, body } = await cast.owner.client.get(`${PATH}/${query}`);
  expect([status, body.code]).toEqual([400, 'validation_failed']);
});

it('every user reads their own statistics, and those of the organization need statistics:read', async () => {
  const paths = ['overview', ...RANKINGS.map(([name]) => name)];
  for (const path of paths) {
    expect((await cast.member.client.get(`${PATH}/${path}`)).status).toBe(403);
    expect((await gateway.admin.as(null).get(`${PATH}/${path}`)).status).toBe(401);
    expect((await cast.editor.client.get(`${PATH}/${path}`)).status).toBe(200);
  }
  expect((await gateway.admin.as(null).get(`${PATH}/me`)).status).toBe(401);
  const own = await ask('me?timeframe=30d', cast.member);
  const expected = (await direct('i.user_id::text', own)).get(cast.member.id);
  expect(own.totals).toEqual(close(expected));
  expect(added(own.series)).toEqual(close(expected));
  expect((await ask('me?timeframe=30d', cast.other)).totals.requests).toBe(0);
});

it('statistics of organizations are separate', async () => {
  expect((await ask('overview?timeframe=90d', cast.stranger)).totals).toMatchObject({ requests: 1, inputTokens: 10 });
  for (const path of ['users', 'teams', 'keys', 'clients'])
    expect((await ask(`${path}?timeframe=90d`, cast.stranger)).data).toEqual([]);
});
