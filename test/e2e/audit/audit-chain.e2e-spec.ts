/**
 * The audit log as a chain of hashes: complete with any number of concurrent writers, and visibly broken by any
 * tampering.
 */
import { AuditChainVerifier, type ChainReport } from '../../../src/audit/chain/verifier.js';
import { AuditLog } from '../../../src/audit/entries/audit-log.js';
import { AuditSealer } from '../../../src/audit/chain/sealer.js';
import { UnitOfWork } from '../../../src/platform/database/unit-of-work.js';
import { createId, type OrgId } from '../../../src/platform/ids.js';
import { lockOrganization } from '../../../src/orgs/organization/lock.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { sql } from '../../support/gateway/people.js';

const FACT = { action: 'team.update', targetType: 'team', targetId: null, before: { n: 1 }, after: { n: 2 } };

let gateway: TestGateway;
let log: AuditLog;
let work: UnitOfWork;
/** Like two processes: each uses connections of its own from the pool. */
let sealers: AuditSealer[];

beforeAll(async () => {
  gateway = await startGateway();
  const { nest } = gateway.app;
  log = nest.get(AuditLog);
  work = nest.get(UnitOfWork);
  const { dataSource } = gateway.resources.database;
  sealers = [nest.get(AuditSealer), new AuditSealer(new AuditLog(gateway.clock), dataSource, gateway.resources.logger)];
});
afterAll(() => gateway.close());

const run = (text: string, values: unknown[] = []) => sql<Record<string, unknown>>(gateway, text, values);

async function organization(): Promise<OrgId> {
  const id = createId<OrgId>();
  await run('INSERT INTO organization (id, name, slug) VALUES ($1, $2, $2)', [id, `o${id.slice(-12)}`]);
  return id;
}

const write = (organizationId: OrgId): Promise<void> =>
  work.run(({ manager }) => log.recordBySystem(manager, organizationId, FACT));

/** Creates an organization with `count` sealed entries. Returns the ids of its entries by number, from 1. */
async function chained(count: number): Promise<{ id: OrgId; entries: Record<number, string> }> {
  const id = await organization();
  for (let i = 0; i < count; i++) await write(id);
  await sealers[0]!.seal();
  const rows = await run('SELECT id, sequence FROM audit_entry WHERE organization_id = $1', [id]);
  return { id, entries: Object.fromEntries(rows.map((row) => [Number(row.sequence), row.id as string])) };
}

const verify = (id: OrgId, kept: ChainReport['end'] | null = null): Promise<ChainReport> =>
  new AuditChainVerifier(gateway.resources.database.dataSource, id, kept).run();

describe('an intact chain', () => {
  it('an intact chain reports no break, its end and the number of unsealed entries', async () => {
    const { id } = await chained(3);
    await write(id);
    const before = await verify(id);
    expect(before).toMatchObject({ firstBreak: null, end: { count: 3 }, unsealed: 1 });
    await sealers[0]!.seal();
    expect(await verify(id)).toMatchObject({ firstBreak: null, end: { count: 4 }, unsealed: 0 });
    expect(await verify(id, before.end)).toMatchObject({ firstBreak: null });
  });

  it('the chain of an organization without entries is empty', async () => {
    expect(await verify(await organization())).toMatchObject({ firstBreak: null, end: { count: 0 } });
  });

  it('entries from before the chain existed are sealed in the order of their ids', async () => {
    const { id, entries } = await chained(4);
    await run('UPDATE audit_entry SET sequence = NULL, hash = NULL, previous_hash = NULL WHERE organization_id = $1', [
      id,
    ]);
    await run('DELETE FROM audit_chain_head WHERE organization_id = $1', [id]);
    await sealers[0]!.seal();
    expect(await verify(id)).toMatchObject({ firstBreak: null, end: { count: 4 } });
    const [first] = await run('SELECT id FROM audit_entry WHERE organization_id = $1 AND sequence = 1', [id]);
    expect(first!.id).toBe(Object.values(entries).sort()[0]);
  });

  it('a chain longer than one batch is sealed and verified', async () => {
    const id = await organization();
    const ids = Array.from({ length: 1_234 }, () => createId());
    await run(
      `INSERT INTO audit_entry (id, organization_id, created_at, actor_type, action, target_type)
       SELECT unnest($2::uuid[]), $1, now(), 'system', 'team.update', 'team'`,
      [id, ids],
    );
    await sealers[0]!.seal();
    expect(await verify(id)).toMatchObject({ firstBreak: null, end: { count: 1_234 } });
  });
});

describe('concurrent writers and sealers', () => {
  it('concurrent writers and sealers leave one chain of all committed entries', async () => {
    const ids = [await organization(), await organization()];
    const failing = (id: OrgId) =>
      work
        .run(async ({ manager }) => {
          await log.recordBySystem(manager, id, FACT);
          throw new Error('rolled back');
        })
        .catch(() => undefined);
    let isWriting = true;
    const sealing = sealers.map(async (sealer) => {
      while (isWriting) {
        await sealer.seal();
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    await Promise.all(
      ids.flatMap((id) => Array.from({ length: 60 }, (_, i) => (i % 6 === 5 ? failing(id) : write(id)))),
    );
    isWriting = false;
    await Promise.all(sealing);
    await Promise.all(sealers.map((sealer) => sealer.seal()));
    for (const id of ids) expect(await verify(id)).toMatchObject({ firstBreak: null, end: { count: 50 }, unsealed: 0 });
  }, 60_000);

  it('writing and sealing do not disturb a running verification', async () => {
    const { id } = await chained(5);
    const reports = await Promise.all(
      Array.from({ length: 20 }, async () => {
        await write(id);
        await sealers[0]!.seal();
        return verify(id);
      }),
    );
    expect(reports.map(({ firstBreak }) => firstBreak)).toEqual(reports.map(() => null));
  }, 60_000);
});

// The embedded database runs one transaction at a time in any case.
(process.env.TEST_DATABASE_URL ? describe : describe.skip)('locks of writers and sealers', () => {
  it('writers do not wait for a sealer, and a sealer does not wait for a lock of the organization', async () => {
    const { id } = await chained(1);
    const { dataSource } = gateway.resources.database;
    await dataSource.transaction(async (held) => {
      await held.query('SELECT 1 FROM audit_chain_head WHERE organization_id = $1 FOR UPDATE', [id]);
      await write(id);
      await sealers[1]!.seal(); // another sealer holds this chain: does not wait for it
    });
    expect(await verify(id)).toMatchObject({ end: { count: 1 }, unsealed: 1 });
    await dataSource.transaction(async (held) => {
      await lockOrganization(held, id);
      await sealers[1]!.seal();
      expect(await verify(id)).toMatchObject({ firstBreak: null, end: { count: 2 }, unsealed: 0 });
    });
  });
});

describe('a manipulated chain', () => {
  it.each([
    ['the actor', "actor_id = 'somebody else'"],
    ['the time', "created_at = created_at - interval '1 hour'"],
    ['the state before', `before = '{"n": 3}'`],
    ['the state after', 'after = NULL'],
    ['the address', "client_address = '10.0.0.1'"],
    ['the hash', 'hash = previous_hash'],
  ])('the verification finds an entry in which %s was changed', async (_, change) => {
    const { id, entries } = await chained(5);
    await run(`UPDATE audit_entry SET ${change} WHERE id = $1`, [entries[3]]);
    expect((await verify(id)).firstBreak).toMatchObject({ kind: 'changed', sequence: 3, entry: { id: entries[3] } });
  });

  it('the verification finds a deleted entry', async () => {
    const { id, entries } = await chained(5);
    await run('DELETE FROM audit_entry WHERE id = $1', [entries[2]]);
    expect((await verify(id)).firstBreak).toMatchObject({ kind: 'missing', sequence: 2, entry: { id: entries[3] } });
  });

  it('the verification finds a deleted entry whose number was given to the next', async () => {
    const { id, entries } = await chained(5);
    await run('DELETE FROM audit_entry WHERE id = $1', [entries[2]]);
    await run('UPDATE audit_entry SET sequence = sequence - 1 WHERE organization_id = $1 AND sequence = 3', [id]);
    expect((await verify(id)).firstBreak).toMatchObject({ kind: 'misplaced', sequence: 2, entry: { id: entries[3] } });
  });

  it('the verification finds two exchanged entries', async () => {
    const { id, entries } = await chained(5);
    const place = (from: number | null, to: number | null) =>
      run('UPDATE audit_entry SET sequence = $2 WHERE id = $1', [entries[from!], to]);
    await place(2, null);
    await place(3, 2);
    await place(2, 3);
    expect((await verify(id)).firstBreak).toMatchObject({ kind: 'misplaced', sequence: 2, entry: { id: entries[3] } });
  });

  it('the verification finds an entry that was removed from its position to be sealed again', async () => {
    const { id, entries } = await chained(5);
    await run('UPDATE audit_entry SET sequence = NULL, after = NULL WHERE id = $1', [entries[2]]);
    await sealers[0]!.seal();
    expect((await verify(id)).firstBreak).toMatchObject({ kind: 'missing', sequence: 2, entry: { id: entries[3] } });
  });

  it('the verification finds a deleted end, also after further entries', async () => {
    const { id, entries } = await chained(5);
    await run('DELETE FROM audit_entry WHERE id = ANY ($1::uuid[])', [[entries[4], entries[5]]]);
    expect((await verify(id)).firstBreak).toMatchObject({
      kind: 'truncated',
      count: 3,
      recorded: 5,
      last: { id: entries[3] },
    });
    await write(id);
    await sealers[0]!.seal();
    expect((await verify(id)).firstBreak).toMatchObject({ kind: 'missing', sequence: 4 });
  });

  it.each([
    ['lowered', 'UPDATE audit_chain_head SET entry_count = 4 WHERE organization_id = $1'],
    ['changed', "UPDATE audit_chain_head SET hash = sha256('') WHERE organization_id = $1"],
    ['deleted', 'DELETE FROM audit_chain_head WHERE organization_id = $1'],
  ])('the verification finds that the recorded end was %s, also after further entries', async (_, change) => {
    const { id } = await chained(5);
    await run(change, [id]);
    expect((await verify(id)).firstBreak).toMatchObject({ kind: 'head' });
    await write(id);
    await sealers[0]!.seal().catch(() => undefined);
    expect((await verify(id)).firstBreak).not.toBeNull();
    // Cleans up for the other tests of this suite.
    await run('DELETE FROM audit_entry WHERE organization_id = $1', [id]);
  });

  it('the verification finds against a kept end that the chain was cut or rewritten', async () => {
    const { id, entries } = await chained(5);
    const { end } = await verify(id);
    await run('DELETE FROM audit_entry WHERE id = ANY ($1::uuid[])', [[entries[4], entries[5]]]);
    await run(
      `UPDATE audit_chain_head SET entry_count = 3, hash = (SELECT hash FROM audit_entry WHERE id = $2)
        WHERE organization_id = $1`,
      [id, entries[3]],
    );
    expect((await verify(id)).firstBreak).toBeNull();
    expect((await verify(id, end)).firstBreak).toEqual({ kind: 'kept', count: 5 });
    for (let i = 0; i < 3; i++) await write(id);
    await sealers[0]!.seal();
    expect(await verify(id)).toMatchObject({ firstBreak: null, end: { count: 6 } });
    expect((await verify(id, end)).firstBreak).toEqual({ kind: 'kept', count: 5 });
  });

  it('the verification finds that the chains of two organizations were exchanged', async () => {
    const [one, other] = [await chained(2), await chained(2)];
    const third = await organization();
    for (const table of ['audit_entry', 'audit_chain_head']) {
      for (const [from, to] of [
        [one.id, third],
        [other.id, one.id],
        [third, other.id],
      ])
        await run(`UPDATE ${table} SET organization_id = $2 WHERE organization_id = $1`, [from, to]);
    }
    expect((await verify(one.id)).firstBreak).toMatchObject({ kind: 'misplaced', sequence: 1 });
    expect((await verify(other.id)).firstBreak).toMatchObject({ kind: 'misplaced', sequence: 1 });
  });
});
