// Measures the database cost of the admin API's queries over millions of records. Creates a separate database on the
// server of BENCH_DATABASE_URL, migrates and fills it, runs the readers, and explains their statements.
//
//   BENCH_DATABASE_URL=postgres://… node test/bench/records.mjs     BENCH_RECORDS=5000000 BENCH_KEEP=1
import { randomBytes } from 'node:crypto';
import pg from 'pg';

const SERVER = process.env.BENCH_DATABASE_URL;
if (!SERVER) throw new Error('Set BENCH_DATABASE_URL to a PostgreSQL server on which databases may be made.');
const RECORDS = Number(process.env.BENCH_RECORDS ?? 5_000_000);
const DAYS = 90;
const DAY_MS = 86_400_000;
const ROUNDS = 5;
const TARGET_MS = 100;

const dist = (path) => import(new URL(`../../dist/${path}`, import.meta.url));
const { ENTITIES } = await dist('app/entities.js');
const { loadConfig } = await dist('platform/config/app-config.js');
const { openDatabase } = await dist('platform/database/data-source.js');
const { Clock } = await dist('platform/time/clock.js');
const { InteractionsReader } = await dist('usage/interactions/interactions.reader.js');
const { InteractionRetention } = await dist('usage/interactions/retention.js');
const { StatisticsReader } = await dist('usage/statistics/statistics.reader.js');
const { COUNT_INSERTED, COUNTED_COLUMNS } = await dist('usage/rollup/counters.js');
const { INSERT_INTERACTIONS } = await dist('usage/recording/interaction-insert.js');

const name = process.env.BENCH_DATABASE ?? `gatehouse_bench_${randomBytes(4).toString('hex')}`;
const isThere = process.env.BENCH_DATABASE !== undefined;
if (!isThere) await onServer(`CREATE DATABASE ${name}`);
const url = new URL(SERVER);
url.pathname = `/${name}`;
const config = loadConfig({ DATABASE_URL: url.href, ENCRYPTION_KEYS: randomBytes(32).toString('base64') });
const { dataSource, close } = await openDatabase(config, ENTITIES);
// As the program configures its connections.
const client = new pg.Client({ connectionString: url.href, options: '-c jit=off' });
await client.connect();
try {
  if (!isThere) await fill();
  await report();
} finally {
  await client.end();
  await close();
  if (process.env.BENCH_KEEP) console.log(`kept: BENCH_DATABASE=${name}`);
  else await onServer(`DROP DATABASE ${name} WITH (FORCE)`);
}

async function onServer(sql) {
  const admin = new pg.Client({ connectionString: SERVER });
  await admin.connect();
  await admin.query(sql).finally(() => admin.end());
}

/** Creates ids from a number; `kind` distinguishes users from keys. */
function idOf(kind, number) {
  return `${String(kind).padStart(8, '0')}-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

/**
 * One organization with nineteen of twenty records and one with the rest; 500 users in 20 teams, 1,000 virtual keys, 30
 * applications, 20 LLM proxies, 12 models, a session for every 25 calls; 3 % of the calls fail.
 */
async function fill() {
  await client.query(`
    INSERT INTO organization (id, name, slug, is_default) VALUES
      ('${idOf(1, 1)}', 'Large', 'large', true), ('${idOf(1, 2)}', 'Small', 'small', false);
    INSERT INTO app_user (id, organization_id, email, name, role)
      SELECT format('00000002-0000-4000-8000-%s', lpad(n::text, 12, '0'))::uuid, '${idOf(1, 1)}', n || '@example.com', 'User ' || n, 'member'
        FROM generate_series(0, 499) n;
    INSERT INTO team (id, organization_id, name)
      SELECT format('00000003-0000-4000-8000-%s', lpad(n::text, 12, '0'))::uuid, '${idOf(1, 1)}', 'Team ' || n FROM generate_series(0, 19) n;
    INSERT INTO team_member (team_id, user_id)
      SELECT t.id, u.id FROM team t JOIN app_user u ON right(u.id::text, 12)::int % 20 = right(t.id::text, 12)::int;`);
  const columns = `id, organization_id, created_at, request_id, surface, auth_method, credential_id, virtual_key_id,
    oauth_client_id, user_id, proxy_id, provider, operation, method, path, requested_model, served_model, input_tokens,
    cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost_micro_usd, duration_ms, first_byte_ms,
    status, outcome, agent_id, session_id, client_address`;
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const perDay = Math.ceil(RECORDS / DAYS);
  const started = Date.now();
  for (let ago = DAYS - 1; ago >= 0; ago--) {
    const from = today - ago * DAY_MS;
    const until = Math.min(from + DAY_MS, Date.now());
    await client.query('SELECT add_interaction_partition($1::date)', [new Date(from).toISOString().slice(0, 10)]);
    await client.query(
      `WITH inserted AS (INSERT INTO interaction (${columns})
       SELECT (lpad(to_hex(ms), 12, '0') || '7' || substr(hash, 1, 3) || '8' || substr(hash, 4, 15))::uuid,
              CASE WHEN r < 0.95 THEN '${idOf(1, 1)}' ELSE '${idOf(1, 2)}' END::uuid, to_timestamp(ms / 1000.0),
              hash, 'provider-route', CASE WHEN way = 0 THEN 'virtual-key' WHEN way = 1 THEN 'oauth-user' ELSE 'oauth-client' END,
              hash, CASE WHEN way = 0 THEN format('00000004-0000-4000-8000-%s', lpad((n % 1000)::text, 12, '0'))::uuid END,
              CASE WHEN way > 0 THEN 'llm_oauth_' || n % 30 END,
              CASE WHEN way < 2 THEN format('00000002-0000-4000-8000-%s', lpad((n % 500)::text, 12, '0'))::uuid END,
              format('00000005-0000-4000-8000-%s', lpad((n % 20)::text, 12, '0'))::uuid, 'openai', 'chat', 'POST', 'chat/completions',
              'model-' || n % 12, CASE WHEN s < 0.97 THEN 'model-' || n % 12 || '-2026-01-01' END, (s * 8000)::int, (s * 3000)::int, 0,
              (r * 900)::int, 0, s * 20000, 200 + r * r * 20000, 200 + r * 400,
              CASE WHEN s < 0.97 THEN 200 WHEN s < 0.985 THEN 429 WHEN s < 0.999 THEN 500 ELSE 403 END,
              CASE WHEN s < 0.97 THEN 'success' WHEN s < 0.985 THEN 'refused' ELSE 'upstream_error' END,
              'agent-' || n % 200, 'session-' || $1::bigint / 86400000 || '-' || n / 25, '10.0.0.1'
         FROM (SELECT n, $1::bigint + (n * ($2::bigint - $1::bigint)) / $3::bigint AS ms, md5($1 || '-' || n) AS hash,
                      random() AS r, random() AS s, n % 3 AS way FROM generate_series(0::bigint, $3::bigint - 1) n) AS made
       RETURNING ${COUNTED_COLUMNS}),${COUNT_INSERTED}`,
      [from, until, perDay],
    );
    if (ago % 10 === 0) console.log(`${DAYS - ago} days, ${Math.round((Date.now() - started) / 1000)} s`);
  }
  await client.query('ANALYZE');
  const [size] = (await client.query(`SELECT pg_size_pretty(pg_database_size(current_database())) AS size`)).rows;
  console.log(`${perDay * DAYS} records over ${DAYS} days, ${size.size}`);
}

async function report() {
  const asked = [];
  dataSource.logger = {
    logQuery: (sql, values) => void asked.push({ sql, values }),
    ...Object.fromEntries(
      ['logQueryError', 'logQuerySlow', 'logSchemaBuild', 'logMigration', 'log'].map((it) => [it, () => undefined]),
    ),
  };
  console.log('| Query | statements | database ms, median | worst | |\n|---|---|---|---|---|');
  for (const [title, ask] of questions()) {
    asked.length = 0;
    await ask();
    const statements = asked.filter(({ sql }) => /^\s*(SELECT|WITH)\b/.test(sql) && !/pg_try_advisory/.test(sql));
    await line(title, [...statements]);
  }
  await batches();
}

/** Planning and execution time that the server reports, summed over the statements of a request. */
async function line(title, statements) {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    let sum = 0;
    for (const { sql, values } of statements) {
      const { rows } = await client.query(`EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${sql}`, values);
      const [plan] = rows[0]['QUERY PLAN'];
      sum += plan['Planning Time'] + plan['Execution Time'];
    }
    rounds.push(sum);
  }
  rounds.sort((a, b) => a - b);
  const median = rounds[Math.floor(ROUNDS / 2)];
  const verdict = median < TARGET_MS ? 'met' : 'missed';
  console.log(`| ${title} | ${statements.length} | ${median.toFixed(1)} | ${rounds.at(-1).toFixed(1)} | ${verdict} |`);
}

function questions() {
  const reader = new InteractionsReader(dataSource, { now: Date.now });
  const statistics = new StatisticsReader(dataSource, new Clock());
  const permissions = new Set(['interaction:read', 'statistics:read']);
  const organizationId = idOf(1, 1);
  const caller = { organizationId, permissions, subject: { type: 'user', id: idOf(2, 7), viaClient: null } };
  const member = { ...caller, permissions: new Set() };
  const at = (daysAgo) => new Date(Date.now() - daysAgo * DAY_MS).toISOString();
  const cursorAt = (daysAgo) =>
    Buffer.from(`${Date.now() - daysAgo * DAY_MS}.ffffffff-ffff-4fff-bfff-ffffffffffff`).toString('base64url');
  const list = (title, query, who = caller) => [
    `interactions ${title}`,
    () => reader.list({ caller: who }, { limit: 100, ...query }),
  ];
  const hex = Math.round(Date.now() - 40 * DAY_MS)
    .toString(16)
    .padStart(12, '0');
  return [
    list('newest', {}),
    list('of the middle, by cursor', { cursor: cursorAt(45) }),
    list('oldest, by cursor', { cursor: cursorAt(89.5) }),
    list('of an hour a month ago', { from: at(30), to: at(30 - 1 / 24) }),
    list('from 60 days ago', { from: at(60) }),
    list('proxyId', { proxyId: idOf(5, 3) }),
    list('userId', { userId: idOf(2, 7) }),
    list('virtualKeyId', { virtualKeyId: idOf(4, 9) }),
    list('oauthClientId', { oauthClientId: 'llm_oauth_4' }),
    list('agentId', { agentId: 'agent-11' }),
    list('sessionId', { sessionId: `session-${Math.floor(Date.now() / DAY_MS) - 50}-77` }),
    list('authMethod', { authMethod: 'oauth-user' }),
    list('status 200', { status: '200' }),
    list('status 429', { status: '429' }),
    list('status 5xx', { status: '5xx' }),
    list('what is not there: proxyId', { proxyId: idOf(5, 999) }),
    list('what is not there: userId', { userId: idOf(2, 999) }),
    list('what is not there: virtualKeyId', { virtualKeyId: idOf(4, 9999) }),
    list('what is not there: oauthClientId', { oauthClientId: 'x' }),
    list('what is not there: agentId', { agentId: 'x' }),
    list('what is not there: sessionId', { sessionId: 'x' }),
    list('what is not there: authMethod', { authMethod: 'idp-jwt' }),
    list('what is not there: status 418', { status: '418' }),
    list('what is not there: status 1xx', { status: '1xx' }),
    list('userId and status 429', { userId: idOf(2, 7), status: '429' }),
    list('userId and proxyId that never met', { userId: idOf(2, 7), proxyId: idOf(5, 3) }),
    list('own', {}, member),
    list('own, status 403', { status: '403' }, member),
    [
      'interaction by id',
      () => reader.get({ caller }, `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`).catch(() => undefined),
    ],
    ...['1h', '24h', '7d', '30d', '90d'].flatMap((timeframe) => [
      [`statistics overview ${timeframe}`, () => statistics.readOverview(organizationId, { timeframe })],
      [`statistics me ${timeframe}`, () => statistics.readOwn(caller, { timeframe })],
      ...['user', 'team', 'key', 'client', 'proxy'].map((by) => [
        `statistics by ${by} ${timeframe}`,
        () => statistics.readRanked(organizationId, by, { timeframe, limit: 100, offset: 0 }),
      ]),
      [
        `statistics by model ${timeframe}`,
        () => statistics.readModels(organizationId, { timeframe, limit: 100, offset: 0 }),
      ],
    ]),
  ];
}

/** Measures recording at that size: batches of 500, as the recorder sends them. */
async function batches() {
  const { rows } = await client.query(
    `SELECT to_jsonb(i) AS record FROM interaction i ORDER BY created_at DESC LIMIT 500`,
  );
  const times = [];
  for (let n = 0; n < 20; n++) {
    const batch = rows.map(({ record }) => ({
      ...record,
      id: crypto.randomUUID(),
      created_at: new Date().toISOString(),
    }));
    const began = performance.now();
    await client.query(INSERT_INTERACTIONS, [JSON.stringify(batch)]);
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  console.log(`\na batch of 500 records: median ${times[10].toFixed(1)} ms, worst ${times.at(-1).toFixed(1)} ms`);
  const retention = new InteractionRetention(dataSource, new Clock(), config, { pino: { warn: console.warn } });
  const began = performance.now();
  await retention.maintain();
  console.log(`a turn of maintenance: ${(performance.now() - began).toFixed(0)} ms`);
}
