/** `gatehouse verify-audit-log`: an operator verifies the chain of audit entries. */
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { AdminClient } from '../../support/http/admin-client.js';
import { createDataDir, encryptionKey, gatehouse, started } from '../../support/gateway/gatehouse-command.js';

const KEY = encryptionKey();

describe('gatehouse verify-audit-log', () => {
  let place: Awaited<ReturnType<typeof createDataDir>>;
  let end: string;
  let slug: string;

  const verify = (...args: string[]) => gatehouse(['verify-audit-log', ...args], place.at(KEY));
  const tamper = async (sql: string): Promise<void> => {
    const db = await PGlite.create({ dataDir: join(place.dataDir, 'pglite') });
    await db.exec(sql).finally(() => db.close());
  };

  beforeAll(async () => {
    place = await createDataDir();
    const server = await started(['start'], place.at(KEY), /Gatehouse is listening/);
    const admin = new AdminClient(place.url, place.adminKey);
    for (const name of ['one', 'two', 'three']) await admin.create('/api/teams', { name });
    slug = (await admin.get('/api/organization')).body.slug;
    expect(await server.stop()).toBe(0);
  }, 120_000);
  afterAll(() => place.remove());

  it('verify-audit-log reports an intact chain and its end with exit code 0', async () => {
    const outcome = await verify();
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    const match = new RegExp(`^${slug}: in order, (\\d+) entries\n  end  (\\1:[0-9a-f]{64})\n$`).exec(outcome.stdout);
    expect(outcome.stdout).toMatch(/\n$/);
    end = match![2]!;
    expect(await verify('--organization', slug, '--kept', end)).toMatchObject({ code: 0, stdout: outcome.stdout });
  }, 60_000);

  it.each([
    [['--organization', 'nobody'], 1, /No organization has the slug nobody/],
    [['--organization', 'No Slug'], 2, /A slug is/],
    [['--organization', 'x', '--kept', '12'], 2, /An end is <count>:<hash>/],
    [['--kept', `1:${'0'.repeat(64)}`], 2, /--organization/],
  ])('verify-audit-log with %j exits with code %i', async (args, code, complaint) => {
    const outcome = await verify(...args);
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(outcome.stderr).toMatch(complaint);
  });

  it('verify-audit-log reports a log that is shorter than the kept end', async () => {
    const longer = `${Number(end.split(':')[0]) + 1}:${'0'.repeat(64)}`;
    const outcome = await verify('--organization', slug, '--kept', longer);
    expect(outcome).toMatchObject({ code: 1, stderr: '' });
    expect(outcome.stdout).toContain('The chain does not contain the end that was passed');
  });

  it('verify-audit-log prints the first changed entry with exit code 1', async () => {
    await tamper(`UPDATE audit_entry SET after = jsonb_set(after, '{name}', '"other"') WHERE after->>'name' = 'two'`);
    const outcome = await verify();
    expect(outcome).toMatchObject({ code: 1, stderr: '' });
    expect(outcome.stdout).toMatch(
      new RegExp(`^${slug}: BROKEN\n  Entry [0-9a-f-]{36} \\(team\\.create, [^)]+\\) \\(number \\d+\\) was changed`),
    );
  }, 60_000);
});
