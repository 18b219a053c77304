import { createHash } from 'node:crypto';
import { AuditSealer } from '../../../src/audit/chain/sealer.js';
import type { AdminClient, Json } from '../../support/http/admin-client.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { addPerson, castOf, type Cast } from '../../support/gateway/people.js';

const PATH = '/api/audit-log';

/** JSON as in RFC 8785, for values of an audit log: members in order, without white space. */
const sorted = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );

describe('audit log', () => {
  let gateway: TestGateway;
  let cast: Cast;
  let admin: { id: string; client: AdminClient };

  beforeAll(async () => {
    gateway = await startGateway();
    cast = await castOf(gateway);
    admin = await addPerson(gateway, cast.organizationId, 'admin');
    for (let i = 0; i < 5; i++) {
      await admin.client.create('/api/teams', { name: `team ${i}` });
      gateway.clock.advance(60_000);
    }
    await cast.stranger.client.create('/api/teams', { name: 'elsewhere' });
    await gateway.app.nest.get(AuditSealer).seal();
  });
  afterAll(() => gateway.close());

  const names = (body: Json): string[] => body.data.map((entry: Json) => entry.after?.name);

  it('the audit log lists entries newest first with actor, action, states and request', async () => {
    const { status, body } = await admin.client.get(`${PATH}?targetType=team`);
    expect(status).toBe(200);
    expect(names(body)).toEqual(['team 4', 'team 3', 'team 2', 'team 1', 'team 0']);
    expect(body.nextCursor).toBeNull();
    expect(body.data[0]).toEqual({
      id: expect.any(String),
      createdAt: expect.any(String),
      actorType: 'admin-api-key',
      actorId: admin.id,
      credentialId: expect.any(String),
      action: 'team.create',
      targetType: 'team',
      targetId: body.data[0].after.id,
      before: null,
      after: {
        id: body.data[0].targetId,
        name: 'team 4',
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      },
      requestId: expect.any(String),
      clientAddress: '127.0.0.1',
      sequence: expect.any(Number),
      previousHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('every sealed audit entry shows sequence, previousHash and a hash that clients can verify', async () => {
    await gateway.app.nest.get(AuditSealer).seal();
    const { data } = (await admin.client.get(`${PATH}?limit=100`)).body;
    const chain = (data as Json[]).sort((a, b) => a.sequence - b.sequence);
    const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
    let previousHash = sha256(cast.organizationId);
    for (const [index, { hash, ...entry }] of chain.entries()) {
      expect(entry).toMatchObject({ sequence: index + 1, previousHash });
      expect(hash).toBe(sha256(sorted(entry)));
      previousHash = hash;
    }
    expect(chain.length).toBeGreaterThan(5);
  });

  it('the cursor of the audit log neither misses nor repeats an entry while new ones arrive', async () => {
    const first = (await admin.client.get(`${PATH}?targetType=team&limit=2`)).body;
    await admin.client.create('/api/teams', { name: 'meanwhile' });
    const second = (await admin.client.get(`${PATH}?targetType=team&limit=2&cursor=${first.nextCursor}`)).body;
    const third = (await admin.client.get(`${PATH}?targetType=team&limit=2&cursor=${second.nextCursor}`)).body;
    expect([first, second, third].flatMap(names)).toEqual(['team 4', 'team 3', 'team 2', 'team 1', 'team 0']);
    expect(third.nextCursor).toBeNull();
  });

  it('the audit log filters by actor, action, target and time', async () => {
    const all = (await admin.client.get(`${PATH}?targetType=team&limit=100`)).body.data as Json[];
    const [third] = all.filter((entry) => entry.after.name === 'team 3');
    const get = async (query: string): Promise<string[]> => names((await admin.client.get(`${PATH}?${query}`)).body);
    expect(await get(`targetId=${third.targetId}`)).toEqual(['team 3']);
    expect(await get(`actorId=${admin.id}&action=team.create&limit=100`)).toHaveLength(all.length);
    expect(await get(`actorId=${cast.member.id}`)).toEqual([]);
    expect(await get('action=team.delete')).toEqual([]);
    const to = new Date(Date.parse(third.createdAt) + 1).toISOString();
    expect(await get(`targetType=team&from=${third.createdAt}&to=${to}`)).toEqual(['team 3']);
  });

  it('audit entries of the first start have the actor type system', async () => {
    const { data } = (await admin.client.get(`${PATH}?limit=100`)).body;
    const system = data.filter((entry: Json) => entry.actorType === 'system').map((entry: Json) => entry.action);
    expect(system.sort()).toEqual(['api_key.create', 'llm_proxy.create', 'organization.create', 'user.create']);
  });

  it('the audit log shows no entry of another organization', async () => {
    const { body } = await cast.stranger.client.get(PATH);
    expect(names(body)).toEqual(['elsewhere']);
    const ours = (await admin.client.get(`${PATH}?limit=1`)).body;
    expect((await cast.stranger.client.get(`${PATH}?targetId=${ours.data[0].targetId}`)).body.data).toEqual([]);
  });

  it.each([
    'limit=0',
    'limit=101',
    'cursor=nonsense',
    'cursor=',
    'from=yesterday',
    'to=2030-01-01',
    'actorId=%00',
    'x=1',
  ])('GET /api/audit-log?%s is refused with 400', async (query) => {
    expect(await admin.client.get(`${PATH}?${query}`)).toMatchObject({
      status: 400,
      body: { code: 'validation_failed' },
    });
  });

  it('only owners and admins can read the audit log', async () => {
    expect((await gateway.admin.get(PATH)).status).toBe(200);
    expect((await cast.editor.client.get(PATH)).status).toBe(403);
    expect((await cast.member.client.get(PATH)).status).toBe(403);
    expect((await gateway.admin.as(null).get(PATH)).status).toBe(401);
  });
});
