/** A later version may change the schema under a running process: its readiness reports it, as its next start would. */
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';

const LATER = 'SomethingLater1999000000000';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
}, 60_000);
afterAll(() => gateway?.close());

const sql = (text: string, values: unknown[]): Promise<unknown> =>
  gateway.resources.database.dataSource.query(text, values);

async function readiness(): Promise<[number, string]> {
  const response = await fetch(`${gateway.url}/readyz`);
  return [response.status, ((await response.json()) as { database: string }).database];
}

it('/readyz answers 503 once an unknown migration does not allow the running version', async () => {
  expect(await readiness()).toEqual([200, 'ok']);
  await sql('INSERT INTO schema_migration (timestamp, name) VALUES (1999000000000, $1)', [LATER]);
  expect(await readiness()).toEqual([503, 'incompatible']);
  await sql('INSERT INTO schema_migration_compatibility VALUES ($1, $2)', [LATER, '99.0.0']);
  expect(await readiness()).toEqual([503, 'incompatible']);
  await sql('UPDATE schema_migration_compatibility SET oldest_program = $2 WHERE name = $1', [LATER, '0.1.0']);
  expect(await readiness()).toEqual([200, 'ok']);
});
