/** Expired artifacts are deleted in small steps, while requests are served; artifacts that are still needed remain. */
import { setTimeout } from 'node:timers/promises';
import { Sweeper } from '../../../src/oauth/storage/sweeper.js';
import { OAuthDriver } from '../../support/oauth/oauth-driver.js';
import { familyOf, startStage, type Stage } from '../../support/gateway/stage.js';

const openai = familyOf('openai');
const EXPIRED = process.env.TEST_DATABASE_URL ? 200_000 : 20_000;
const EXPIRED_GRANTS = 2_500;
const LIVE = 1_000;
const BATCH = 1_000;
const PAUSE_MS = 50;

describe('the sweeper', () => {
  let stage: Stage;
  let oauth: OAuthDriver;
  let sweeper: Sweeper;
  let userId: string;

  beforeAll(async () => {
    stage = await startStage();
    oauth = new OAuthDriver(stage.gateway.url);
    sweeper = stage.gateway.app.nest.get(Sweeper, { strict: false });
    userId = (await stage.sql<{ id: string }>("SELECT id FROM app_user WHERE email = 'owner@example.com'"))[0]!.id;
    // Records how many rows each statement of any connection deletes.
    await stage.sql('CREATE TABLE deletion (of text NOT NULL, count bigint NOT NULL)');
    await stage.sql(`
      CREATE FUNCTION note_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO deletion SELECT TG_TABLE_NAME, count(*) FROM gone;
        RETURN NULL;
      END $$`);
    for (const table of ['oauth_artifact', 'oauth_grant', 'oauth_client'])
      await stage.sql(
        `CREATE TRIGGER note_deletion AFTER DELETE ON ${table} REFERENCING OLD TABLE AS gone
         FOR EACH STATEMENT EXECUTE FUNCTION note_deletion()`,
      );
  });
  beforeEach(() => stage.sql('DELETE FROM deletion'));
  afterAll(() => stage.close());

  /** Inserts rows of one model; `grant` and `consumed` are SQL over `i`. */
  const artifacts = (
    model: string,
    count: number,
    expiresIn: string,
    { grant = 'NULL', consumed = 'NULL' }: { grant?: string; consumed?: string } = {},
  ) =>
    stage.sql(
      `INSERT INTO oauth_artifact (model, id_digest, id, payload, grant_id, consumed_at, expires_at)
       SELECT $1, sha256(($1 || $3 || i)::bytea), gen_random_uuid(), '{}', ${grant}, ${consumed}, now() + $3::interval
         FROM generate_series(1, $2::int) i`,
      [model, count, expiresIn],
    );
  const grants = (prefix: string, count: number, expiresIn: string) =>
    stage.sql(
      `INSERT INTO oauth_grant (id, user_id, client_id, payload, expires_at)
       SELECT $1 || i, $2, 'llm_oauth_x', '{}', now() + $4::interval FROM generate_series(1, $3::int) i`,
      [prefix, userId, count, expiresIn],
    );
  const count = async (table: string, where: string): Promise<number> =>
    Number((await stage.sql<{ n: string }>(`SELECT count(*) AS n FROM ${table} WHERE ${where}`))[0]!.n);

  it('the sweeper deletes expired rows in batches while requests are served', async () => {
    await grants('old-', EXPIRED_GRANTS, '-1 hour');
    await grants('new-', LIVE, '1 hour');
    await artifacts('AccessToken', EXPIRED, '-1 hour', { grant: `'new-' || (i % ${LIVE} + 1)` });
    await artifacts('AccessToken', LIVE, '1 hour', { grant: `'new-' || i` });
    const { tokens, clientId } = await oauth.userTokens();
    const token = tokens.access_token as string;
    const chat = () => stage.chat(openai, [['authorization', `Bearer ${token}`]]);
    const wrong = () => oauth.refresh(clientId, 'unknown');
    const page = () => oauth.browser().request('/device');
    let isOver = false;
    let worstMs = 0;
    const keepAsking = async (ask: () => Promise<{ status: number }>, status: number): Promise<number> => {
      let served = 0;
      for (; !isOver; served++) {
        const askedAt = performance.now();
        expect((await ask()).status).toBe(status);
        worstMs = Math.max(worstMs, performance.now() - askedAt);
        // The requests of an address are limited per minute, and the other tests of this suite make some too.
        await setTimeout(PAUSE_MS);
      }
      return served;
    };
    const serving = Promise.all([keepAsking(chat, 200), keepAsking(wrong, 400), keepAsking(page, 200)]);
    const startedAt = performance.now();
    const swept = await sweeper.sweep();
    isOver = true;
    const served = await serving;
    console.info(
      `${swept} rows in ${(performance.now() - startedAt).toFixed(0)} ms; ${served.join(' + ')} requests served meanwhile, the slowest in ${worstMs.toFixed(0)} ms`,
    );
    expect(swept).toBe(EXPIRED + EXPIRED_GRANTS);
    expect(Math.min(...served)).toBeGreaterThan(2);
    expect(worstMs).toBeLessThan(5_000);
    expect(await count('oauth_artifact', "expires_at < now() - interval '5 minutes'")).toBe(0);
    expect(await count('oauth_artifact', "model = 'AccessToken' AND payload = '{}'")).toBe(LIVE);
    expect(await count('oauth_grant', "id LIKE 'old-%'")).toBe(0);
    expect(await count('oauth_grant', "id LIKE 'new-%'")).toBe(LIVE);
    const deletions = await stage.sql<{ of: string; most: string; steps: string }>(
      'SELECT of, max(count) AS most, count(*) AS steps FROM deletion WHERE count > 0 GROUP BY of ORDER BY of',
    );
    expect(deletions.map(({ of, most }) => [of, Number(most)])).toEqual([
      ['oauth_artifact', BATCH],
      ['oauth_grant', BATCH],
    ]);
    expect(Number(deletions[0]!.steps)).toBeGreaterThanOrEqual(EXPIRED / BATCH);
  }, 120_000);

  it('the sweeper keeps used refresh tokens until they expire, and rows that expired recently', async () => {
    await grants('kept-', 1, '1 hour');
    const kept = { grant: "'kept-1'", consumed: "now() - interval '10 days'" };
    await artifacts('RefreshToken', 5, '4 days', kept);
    await artifacts('RefreshToken', 7, '-10 minutes', kept);
    await artifacts('DeviceCode', 3, '-4 minutes');
    await sweeper.sweep();
    expect(await count('oauth_artifact', "model = 'RefreshToken' AND grant_id = 'kept-1'")).toBe(5);
    expect(await count('oauth_artifact', "model = 'DeviceCode' AND payload = '{}'")).toBe(3);
    expect(await count('oauth_grant', "id = 'kept-1'")).toBe(1);
    expect(await sweeper.sweep()).toBe(0);
  });

  it('the sweeper keeps a grant until all its artifacts have expired', async () => {
    await grants('rich-', 3, '-1 hour');
    await artifacts('AccessToken', 4_500, '50 minutes', { grant: "'rich-' || (i % 3 + 1)" });
    expect(await sweeper.sweep()).toBe(0);
    await stage.sql(
      "UPDATE oauth_artifact SET expires_at = now() - interval '10 minutes' WHERE grant_id LIKE 'rich-%'",
    );
    expect(await sweeper.sweep()).toBe(4_503);
    const [most] = await stage.sql<{ count: string }>('SELECT max(count) AS count FROM deletion');
    expect(Number(most!.count)).toBe(BATCH);
  });

  it('the sweeper deletes only registrations that are unused for 30 days', async () => {
    const { clientId: used } = await oauth.userTokens();
    const unused = (await oauth.register()).body.client_id as string;
    const recent = (await oauth.register()).body.client_id as string;
    const admins = await stage.gateway.admin.create('/api/llm-oauth-clients', {
      name: 'of an admin',
      grantType: 'client_credentials',
      scope: 'org',
    });
    const age = (clientId: string, days: number) =>
      stage.sql('UPDATE oauth_client SET created_at = now() - make_interval(days => $2) WHERE client_id = $1', [
        clientId,
        days,
      ]);
    for (const clientId of [used, unused, admins.clientId as string]) await age(clientId, 31);
    await age(recent, 29);
    await stage.sql(
      `INSERT INTO oauth_client (id, client_id, source, name, grant_type, token_endpoint_auth_method, created_at)
       SELECT gen_random_uuid(), 'llm_oauth_old' || i, 'registration', 'x', 'authorization_code', 'none',
              now() - interval '40 days' FROM generate_series(1, 2500) i`,
    );
    expect(await sweeper.sweep()).toBe(2_501);
    const left = await stage.sql<{ client_id: string }>(
      'SELECT client_id FROM oauth_client WHERE client_id = ANY ($1::text[])',
      [[used, unused, recent, admins.clientId]],
    );
    expect(left.map((row) => row.client_id).sort()).toEqual([used, recent, admins.clientId as string].sort());
    const [most] = await stage.sql<{ count: string }>(
      "SELECT max(count) AS count FROM deletion WHERE of = 'oauth_client'",
    );
    expect(Number(most!.count)).toBe(BATCH);
    // Caches of the client are invalidated immediately.
    expect((await fetch(oauth.authorizeUrl(unused, { verifier: '', challenge: 'x'.repeat(43) }))).status).toBe(400);
  });
});
