import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { createDataDir, encryptionKey, gatehouse, started } from '../../support/gateway/gatehouse-command.js';

const KEY = encryptionKey();

describe('the gatehouse command', () => {
  let place: Awaited<ReturnType<typeof createDataDir>>;

  beforeAll(async () => {
    place = await createDataDir({ isEmpty: true });
  });
  afterAll(() => place.remove());

  it('--help lists the commands and --version prints the version with exit code 0', async () => {
    const help = await gatehouse(['--help'], {});
    expect(help).toMatchObject({ code: 0, stderr: '' });
    for (const name of ['start', 'migrate', 'reseal', 'create-organization', 'verify-audit-log', 'demo'])
      expect(help.stdout).toContain(name);
    expect(await gatehouse(['--version'], {})).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });

  it.each([[[]], [['open-sesame']], [['migrate', '--sideways']]])('the arguments %j exit with code 2', async (args) => {
    expect(await gatehouse(args, {})).toMatchObject({ code: 2, stdout: '' });
  });

  it.each([['start'], ['reseal']])('%s names every error of the configuration', async (name) => {
    const env = { ...place.at('tooshort'), PORT: 'http', WORKERS: '2' };
    const outcome = await gatehouse([name], env);
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    for (const variable of ['ENCRYPTION_KEYS', 'PORT', 'WORKERS']) expect(outcome.stderr).toContain(`- ${variable}: `);
    expect(outcome.stderr).not.toContain('tooshort');
  });

  it('an unreachable database is reported in one line without its password', async () => {
    const gone = { ...place.at(KEY), DATABASE_URL: 'postgres://somebody:hunter2@localhost:1/gone' };
    const outcome = await gatehouse(['reseal'], gone);
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr).toMatch(/^connect ECONNREFUSED \S+:1\n$/);
  });

  it('migrate --status lists pending migrations, and migrate applies them', async () => {
    const before = await gatehouse(['migrate', '--status'], place.at(KEY));
    expect(before.code).toBe(1);
    expect(before.stdout).toMatch(/^(pending {2}\w+\d{13}\n)+$/);
    const names = before.stdout.replaceAll('pending', 'applied');
    const migrated = await gatehouse(['migrate'], place.at(KEY));
    expect(migrated).toMatchObject({ code: 0, stdout: `${names}The database schema is up to date.\n` });
    expect(await gatehouse(['migrate', '--status'], place.at(KEY))).toEqual({ code: 0, stdout: names, stderr: '' });
  }, 120_000);

  it('commands refuse an embedded database that a running server has open', async () => {
    const server = await started(['start'], place.at(KEY), /listening/);
    try {
      const organization = [
        'create-organization',
        '--name',
        'Acme',
        '--slug',
        'acme',
        '--owner-email',
        'a@acme.example',
      ];
      for (const args of [['migrate'], ['reseal'], organization, ['start']]) {
        const outcome = await gatehouse(args, place.at(KEY));
        expect(outcome).toMatchObject({ code: 1, stdout: '' });
        expect(outcome.stderr).toMatch(/is in use by process \d+\. Stop that process/);
      }
      expect((await fetch(`${place.url}/readyz`)).status).toBe(200);
    } finally {
      expect(await server.stop()).toBe(0);
    }
    expect((await gatehouse(['reseal'], place.at(KEY))).stdout).toContain('0 stored provider keys');
  }, 120_000);

  it('migrate and start refuse a schema that needs a later version', async () => {
    const pglite = await PGlite.create(join(place.dataDir, 'pglite'));
    await pglite.exec(`INSERT INTO schema_migration (timestamp, name) VALUES (1999000000000, 'Later1999000000000');
                       INSERT INTO schema_migration_compatibility VALUES ('Later1999000000000', '99.0.0')`);
    await pglite.close();
    for (const args of [['migrate'], ['migrate', '--status'], ['start']]) {
      const outcome = await gatehouse(args, place.at(KEY));
      expect(outcome).toMatchObject({ code: 1, stdout: '' });
      expect(outcome.stderr).toMatch(
        /^This is Gatehouse \d+\.\d+\.\d+, .* needs version 99\.0\.0 or later\..* restore [^\n]*\n$/,
      );
    }
  }, 120_000);
});
