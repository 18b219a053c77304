/**
 * A full disk of the embedded database causes 503, never 500 and never the end of the process; free space ends the
 * failure.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ENTITIES } from '../../../src/app/entities.js';
import { FakeProvider } from '../../support/providers/fake-provider.js';
import { loadConfig } from '../../../src/platform/config/app-config.js';
import { openDatabase } from '../../../src/platform/database/data-source.js';
import { isDatabaseOutage } from '../../../src/platform/errors/database-outage.js';
import { AdminClient } from '../../support/http/admin-client.js';
import { copyMigratedDatabase } from '../../support/gateway/databases.js';
import { BuiltApp } from '../../support/gateway/built-app.js';
import { SmallDisk } from '../../support/faults/small-disk.js';
import { faultOf, type Shape, type SurfaceResponse } from '../../support/faults/surfaces.js';
import { respondAsVendors, fromAnyone } from '../../support/gateway/stage.js';
import { eventually } from '../../support/http/wire-client.js';

/** An empty database with the schema takes about 60. */
const MEGABYTES = 160;
/** A row fits into the rest of a page until that is used up. */
const MOST_WRITES = 400;
const BOOTSTRAP_API_KEY = `arch_api_${randomBytes(32).toString('base64url')}`;

const probe = SmallDisk.mount(1);
probe?.unmount();
if (!probe) process.stderr.write('SKIPPED: the full-disk suite needs the right to mount a tmpfs (root).\n');
const describeWithMount = probe ? describe : describe.skip;

describeWithMount('the program on a full disk', () => {
  let disk: SmallDisk;
  let fake: FakeProvider;
  let app: BuiltApp;
  let virtualKey: string;

  beforeAll(async () => {
    disk = SmallDisk.mount(MEGABYTES)!;
    fake = await FakeProvider.start();
    respondAsVendors(fake);
    const dataDir = join(disk.path, 'data');
    copyMigratedDatabase(dataDir);
    app = await BuiltApp.start({
      DATA_DIR: dataDir,
      BOOTSTRAP_API_KEY,
      UPSTREAM_ALLOWED_HOSTS: '127.0.0.1',
      LLM_OPENAI_BASE_URL: `${fake.url}/v1`,
      TRUSTED_PROXIES: '127.0.0.1/32',
      LOG_LEVEL: 'error',
    });
    const admin = new AdminClient(app.url, BOOTSTRAP_API_KEY);
    const stored = await admin.create('/api/llm-provider-api-keys', {
      ...{ name: 'k', provider: 'openai', apiKey: 'sk-stored-0123456789', scope: 'org' },
    });
    const mapping = [{ provider: 'openai', providerApiKeyId: stored.id as string }];
    virtualKey = (await admin.create('/api/llm-virtual-keys', { name: 'k', providerApiKeys: mapping })).value as string;
  }, 120_000);
  afterAll(async () => {
    await app?.stop();
    await fake?.close();
    disk?.unmount();
  }, 60_000);

  const post = async (path: string, body: object, type = 'application/json'): Promise<SurfaceResponse> => {
    const response = await fetch(app.url + path, {
      method: 'POST',
      headers: Object.fromEntries([
        ['authorization', `Bearer ${BOOTSTRAP_API_KEY}`],
        ['content-type', type],
        fromAnyone(),
      ]),
      body: JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const name = (): string => randomBytes(20).toString('hex');
  const WRITES: readonly [string, Shape, () => Promise<SurfaceResponse>][] = [
    ['the admin API', 'problem', () => post('/api/teams', { name: name() })],
    [
      'SCIM',
      'scim',
      () =>
        post(
          '/scim/v2/Users',
          { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: `${name()}@example.com` },
          'application/scim+json',
        ),
    ],
    [
      'the authorization server',
      'oauth',
      () =>
        post('/api/auth/oauth2/register', {
          client_name: name(),
          redirect_uris: ['https://app.example/callback'],
          token_endpoint_auth_method: 'none',
        }),
    ],
  ];
  const chat = (): Promise<Response> =>
    fetch(`${app.url}/v1/openai/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${virtualKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-5.4', messages: [{ role: 'user', content: 'Hello' }] }),
    });

  it.each(WRITES)(
    'a write to %s on a full disk fails with 503 and succeeds when there is room',
    async (_, shape, write) => {
      const succeeding = (await write()).status;
      expect([200, 201]).toContain(succeeding);
      disk.fill();
      let refused: SurfaceResponse | undefined;
      for (let i = 0; i < MOST_WRITES && !refused; i++) {
        const answer = await write();
        if (answer.status !== succeeding) refused = answer;
      }
      expect(refused && faultOf(shape, refused)).toBeNull();
      // Reads, and calls whose records are queued, still work.
      expect((await chat()).status).toBe(200);
      await eventually(async () => {
        const { database, spool } = (await (await fetch(`${app.url}/readyz`)).json()) as Record<string, string>;
        return database === 'ok' && spool === 'full';
      }, 'readiness to tell of the disk');
      disk.free();
      await eventually(async () => (await write()).status === succeeding, 'writes to be taken again');
      await eventually(async () => (await fetch(`${app.url}/readyz`)).ok, 'the program to be ready again');
    },
    120_000,
  );
});

describeWithMount('an embedded database without room for its next log segment', () => {
  // PostgreSQL would panic there, and PGlite would never return.
  it('a database on a full disk refuses writes, serves reads and recovers when there is room', async () => {
    const disk = SmallDisk.mount(MEGABYTES)!;
    const database = await openDatabase(loadConfig({ DATA_DIR: join(disk.path, 'data') }), ENTITIES);
    const { dataSource } = database;
    const refusals = (): Promise<unknown[]> =>
      Promise.all(
        [
          dataSource.query('UPDATE kept SET n = 2'),
          dataSource.query('WITH gone AS (DELETE FROM kept RETURNING 1) SELECT count(*) FROM gone'),
          dataSource.transaction((manager) => manager.query('UPDATE kept SET n = 2')),
        ].map((write: Promise<unknown>) => write.then(() => null, isDatabaseOutage)),
      );
    try {
      await dataSource.query('CREATE TABLE kept AS SELECT 1 AS n');
      await dataSource.query('SELECT pg_switch_wal()');
      disk.fill();
      for (let round = 0; round < 3; round++) expect(await refusals()).toEqual([true, true, true]);
      expect(await dataSource.query('SELECT n FROM kept')).toEqual([{ n: 1 }]);
      disk.free();
      await dataSource.transaction((manager) => manager.query('UPDATE kept SET n = 3'));
      expect(await dataSource.query('SELECT n FROM kept')).toEqual([{ n: 3 }]);
    } finally {
      await database.close();
      disk.unmount();
    }
  }, 120_000);
});
