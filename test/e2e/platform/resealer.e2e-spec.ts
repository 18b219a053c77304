/**
 * Re-sealing while servers change the same rows. Always on the embedded database, also when the suite runs on another
 * one: its single session fixes the order of statements.
 */
import { randomBytes } from 'node:crypto';
import { ENTITIES } from '../../../src/app/entities.js';
import { createProviderKeySealContext } from '../../../src/keys/credentials/provider-key.lookup.js';
import { Resealer } from '../../../src/platform/crypto/resealer.js';
import { PROVIDER_KEY_COLUMN } from '../../../src/app/sealed-columns.js';
import { loadConfig } from '../../../src/platform/config/app-config.js';
import { SealedBox, type SealContext } from '../../../src/platform/crypto/sealed-box.js';
import { Secret } from '../../../src/platform/crypto/secret.js';
import { openDatabase, type OpenedDatabase } from '../../../src/platform/database/data-source.js';
import { createId } from '../../../src/platform/ids.js';

const OLD = new Secret(randomBytes(32).toString('base64'));
const NEW = new Secret(randomBytes(32).toString('base64'));
const oldBox = new SealedBox([OLD]);
const newBox = new SealedBox([NEW]);

/** Changes the database between the reading and the writing of a row. */
class InterruptedBox extends SealedBox {
  meanwhile: () => void = () => undefined;

  override seal(secret: Secret, place: SealContext): string {
    const { meanwhile } = this;
    this.meanwhile = () => undefined;
    meanwhile();
    return super.seal(secret, place);
  }
}

describe('re-sealing', () => {
  let database: OpenedDatabase;
  const organizationId = createId<string>();
  const sealed = (id: string, value: string): string =>
    oldBox.seal(new Secret(value), createProviderKeySealContext(id));

  const store = async (count: number): Promise<string[]> => {
    const ids = Array.from({ length: count }, () => createId<string>());
    await database.dataSource.query(
      `INSERT INTO provider_key (id, organization_id, name, provider, scope, sealed_secret)
       SELECT id, $1, 'a key', 'openai', 'org', sealed FROM unnest($2::uuid[], $3::text[]) AS row (id, sealed)`,
      [organizationId, ids, ids.map((id) => sealed(id, 'before'))],
    );
    return ids;
  };

  const secretOf = async (id: string): Promise<string> => {
    const sql = 'SELECT sealed_secret FROM provider_key WHERE id = $1';
    const [row] = await database.dataSource.query<{ sealed_secret: string }[]>(sql, [id]);
    return newBox.open(row!.sealed_secret, createProviderKeySealContext(id)).expose();
  };

  beforeAll(async () => {
    const config = loadConfig({ ENCRYPTION_KEYS: OLD.expose() });
    database = await openDatabase(config, ENTITIES, { embedded: { dataDir: 'memory://' } });
    await database.dataSource.query("INSERT INTO organization (id, name, slug) VALUES ($1, 'Acme', 'acme')", [
      organizationId,
    ]);
  }, 60_000);

  beforeEach(() => database.dataSource.query('DELETE FROM provider_key'));
  afterAll(() => database.close());

  it('re-sealing changes every row over several batches', async () => {
    const ids = await store(401);
    const report = await new Resealer(database.dataSource, new SealedBox([NEW, OLD]), PROVIDER_KEY_COLUMN).run();
    expect([...report.resealed.values()]).toEqual([401]);
    for (const id of ids) expect(await secretOf(id)).toBe('before');
  });

  it('re-sealing keeps a key that was rotated meanwhile and re-seals it', async () => {
    const [id] = await store(1);
    const box = new InterruptedBox([NEW, OLD]);
    box.meanwhile = () =>
      void database.dataSource.query('UPDATE provider_key SET sealed_secret = $2 WHERE id = $1', [
        id,
        sealed(id!, 'rotated'),
      ]);
    const report = await new Resealer(database.dataSource, box, PROVIDER_KEY_COLUMN).run();
    expect(await secretOf(id!)).toBe('rotated');
    expect([...report.resealed.values()]).toEqual([1]);
  });

  it('re-sealing continues when a row is deleted meanwhile', async () => {
    const [first, second] = await store(2);
    const box = new InterruptedBox([NEW, OLD]);
    box.meanwhile = () => void database.dataSource.query('DELETE FROM provider_key WHERE id = $1', [first]);
    const report = await new Resealer(database.dataSource, box, PROVIDER_KEY_COLUMN).run();
    expect([...report.resealed.values()]).toEqual([1]);
    expect(await secretOf(second!)).toBe('before');
  });

  it('re-sealing reports a row with the sealed text of another row and re-seals the others', async () => {
    const [first, second] = await store(2);
    await database.dataSource.query('UPDATE provider_key SET sealed_secret = $2 WHERE id = $1', [
      first,
      sealed(second!, 'before'),
    ]);
    const report = await new Resealer(database.dataSource, new SealedBox([NEW, OLD]), PROVIDER_KEY_COLUMN).run();
    expect(report.unopened.map(({ id }) => id)).toEqual([first]);
    expect(await secretOf(second!)).toBe('before');
  });
});
