/** A spool that cannot be written is reported at the start and in readiness, and the gateway serves without it. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { eventually } from '../../support/http/wire-client.js';

let dataDir: string;
let gateway: TestGateway | undefined;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-no-spool-'));
});
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
  await rm(dataDir, { recursive: true, force: true });
});

async function readiness(): Promise<[number, string]> {
  const response = await fetch(`${gateway!.url}/readyz`);
  return [response.status, ((await response.json()) as { spool: string }).spool];
}
const complaints = (): string[] => gateway!.log.filter((line) => line.includes('is not usable'));

// A file in the place of a directory stops the superuser too; file modes do not.
it('a file in place of the spool directory makes /readyz 503 and is logged at the start', async () => {
  await writeFile(join(dataDir, 'spool'), '');
  gateway = await startGateway({ DATA_DIR: dataDir });
  expect(complaints()).toHaveLength(1);
  expect(complaints()[0]).toContain(join(dataDir, 'spool'));
  expect(complaints()[0]).toMatch(/strict audit.*SPOOL_MAX_BYTES=0/);
  expect(await readiness()).toEqual([503, 'unwritable']);
  expect((await gateway.admin.get('/api/me')).status).toBe(200);
}, 60_000);

it('readiness follows the loss and return of the spool directory, and the loss is logged once', async () => {
  gateway = await startGateway({ DATA_DIR: dataDir });
  const spool = join(dataDir, 'spool');
  expect(await readiness()).toEqual([200, 'ok']);
  await rm(spool, { recursive: true });
  await writeFile(spool, '');
  await eventually(async () => (await readiness())[1] === 'unwritable', 'the spool to be missed');
  expect(complaints()).toHaveLength(1);
  await rm(spool);
  await mkdir(spool);
  await eventually(async () => (await readiness())[0] === 200, 'the spool to be back');
  expect(complaints()).toHaveLength(1);
}, 60_000);

it('SPOOL_MAX_BYTES=0 needs no spool directory', async () => {
  await writeFile(join(dataDir, 'spool'), '');
  gateway = await startGateway({ DATA_DIR: dataDir, SPOOL_MAX_BYTES: '0' });
  expect(complaints()).toEqual([]);
  expect(await readiness()).toEqual([200, 'ok']);
}, 60_000);
