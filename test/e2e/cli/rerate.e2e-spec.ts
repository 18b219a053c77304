/** `gatehouse rerate`: an operator recomputes the costs of calls. */
import { createDataDir, encryptionKey, gatehouse, started } from '../../support/gateway/gatehouse-command.js';

const KEY = encryptionKey();
const RANGE = ['--from', '2026-01-01T00:00:00Z', '--to', '2036-01-01T00:00:00Z'];

describe('gatehouse rerate', () => {
  let place: Awaited<ReturnType<typeof createDataDir>>;
  const rerate = (...args: string[]) => gatehouse(['rerate', ...args], place.at(KEY));

  beforeAll(async () => {
    place = await createDataDir();
    const server = await started(['start'], place.at(KEY), /Gatehouse is listening/);
    expect(await server.stop()).toBe(0);
  }, 120_000);
  afterAll(() => place.remove());

  it('rerate reports for each organization how many records changed or would change', async () => {
    const outcome = { code: 0, stderr: '' };
    expect(await rerate(...RANGE)).toMatchObject({
      ...outcome,
      stdout: 'default: 0 records with tokens, 0 changed\n  cost  $0.000000 -> $0.000000\n',
    });
    expect((await rerate(...RANGE, '--organization', 'default', '--dry-run')).stdout).toContain('0 would change');
  }, 60_000);

  it.each([
    [['--from', '2026-01-01T00:00:00Z'], 2, /--to/],
    [['--from', 'yesterday', '--to', '2026-01-01T00:00:00Z'], 2, /RFC 3339/],
    [['--from', '2027-01-01T00:00:00Z', '--to', '2026-01-01T00:00:00Z'], 2, /must lie before/],
    [[...RANGE, '--organization', 'nobody'], 1, /No organization has the slug nobody/],
  ])('rerate with %j exits with code %i', async (args, code, complaint) => {
    const outcome = await rerate(...args);
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(outcome.stderr).toMatch(complaint);
  });
});
