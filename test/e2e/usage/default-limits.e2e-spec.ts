/** Default limits: they apply to each new entity of a kind separately, and an entity's own limit replaces them. */
import { createId } from '../../../src/platform/ids.js';
import { LimitSet, type LimitRow } from '../../../src/usage/limits/definitions/limit-set.js';
import type { Json } from '../../support/http/admin-client.js';
import { familyOf, startStage, type Stage, type VirtualKey } from '../../support/gateway/stage.js';
import { eventually } from '../../support/http/wire-client.js';

const PATH = '/api/limits';
const openai = familyOf('openai');

let stage: Stage;
const made: string[] = [];

beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());
afterEach(async () => {
  for (const id of made.splice(0)) await stage.gateway.admin.delete(`${PATH}/${id}`);
  stage.gateway.clock.offsetMs = 0;
});

async function limit(entityType: string, over: object = {}): Promise<Json> {
  const terms = { limitType: 'requests', limitValue: 1, window: '1w' };
  const created = await stage.gateway.admin.create(PATH, { entityType, entityId: '*', ...terms, ...over });
  made.push(created.id);
  return created;
}
/** Ensures that later entities are newer than earlier ones, however coarse the clock. */
const later = (): void => {
  stage.gateway.clock.offsetMs += 10;
};
const calls = async (key: VirtualKey, count = 2): Promise<number[]> => {
  const statuses: number[] = [];
  for (let i = 0; i < count; i++) statuses.push((await stage.chat(openai, [openai.key(key.value)])).status);
  return statuses;
};
async function counterOf(id: string, key: VirtualKey): Promise<string> {
  const [row] = await stage.sql<LimitRow>(
    `SELECT id, entity_type AS "entityType", entity_id AS "entityId", include_existing AS "includeExisting",
            limit_type AS "limitType", model, "window", created_at AS "createdAt" FROM usage_limit WHERE id = $1`,
    [id],
  );
  return new LimitSet([row!]).find('virtual_key', key.id)[0]!.counter;
}
const limitsOf = async (key: VirtualKey): Promise<Json[]> => {
  const asked = { principal: { virtualKeyId: key.id }, provider: 'openai' };
  return (await stage.gateway.admin.post('/api/explain', asked)).body.limits as Json[];
};

describe('default limits', () => {
  it('a default limit binds each new entity separately, and no earlier one', async () => {
    const before = await stage.virtualKey();
    later();
    await limit('virtual_key');
    later();
    const [one, other] = [await stage.virtualKey(), await stage.virtualKey()];
    expect(await calls(before)).toEqual([200, 200]);
    expect(await calls(one)).toEqual([200, 402]);
    expect(await calls(other)).toEqual([200, 402]);
  });

  it('a default limit with includeExisting binds earlier entities and counts their earlier usage', async () => {
    const key = await stage.virtualKey();
    expect(await calls(key, 1)).toEqual([200]);
    later();
    const { id } = await limit('virtual_key', { includeExisting: true });
    expect(await calls(key, 1)).toEqual([402]);
    await stage.gateway.admin.patch(`${PATH}/${id}`, { includeExisting: false });
    expect(await calls(key, 1)).toEqual([200]);
  });

  it('a default limit of users counts all keys of a user together', async () => {
    await limit('user', { limitValue: 2 });
    later();
    const { id: ownerId } = await stage.person('member');
    const keys = [await stage.virtualKey({ ownerId }), await stage.virtualKey({ ownerId })];
    expect(await calls(keys[0]!, 1)).toEqual([200]);
    expect(await calls(keys[1]!)).toEqual([200, 402]);
  });

  it("an entity's own limit of the same type, window and models replaces the default limit", async () => {
    const fallback = await limit('virtual_key');
    later();
    const [raised, other] = [await stage.virtualKey(), await stage.virtualKey()];
    const own = await limit('virtual_key', { entityId: raised.id, limitValue: 2 });
    await limit('virtual_key', { entityId: other.id, limitValue: 50, window: '1mo' });
    expect(await calls(raised, 3)).toEqual([200, 200, 402]);
    expect(await calls(other)).toEqual([200, 402]);
    expect((await limitsOf(raised)).map(({ id }) => id)).toEqual([own.id]);
    await stage.gateway.admin.delete(`${PATH}/${own.id}`);
    expect((await limitsOf(raised)).map(({ id }) => id)).toEqual([fallback.id]);
  });

  it("an entity's own limit on parallel requests replaces the default limit", async () => {
    await limit('virtual_key', { limitType: 'parallel_requests', window: undefined });
    later();
    const key = await stage.virtualKey();
    const own = { entityId: key.id, limitType: 'parallel_requests', limitValue: 3, window: undefined };
    const { id } = await limit('virtual_key', own);
    expect((await limitsOf(key)).map((each) => each.id)).toEqual([id]);
  });

  it('a default limit of teams binds every team of a call separately', async () => {
    await limit('team', { limitValue: 7 });
    later();
    const teams = [createId<string>(), createId<string>()];
    const ids = await Promise.all(
      teams.map(async (name) => (await stage.gateway.admin.create('/api/teams', { name })).id),
    );
    const { id: ownerId } = await stage.person('member');
    for (const id of ids) await stage.gateway.admin.post(`/api/teams/${id}/members`, { userId: ownerId });
    const key = await stage.virtualKey({ ownerId });
    expect(await calls(key, 1)).toEqual([200]);
    const told = await eventually(async () => {
      const found = await limitsOf(key);
      return found.every(({ used, reserved }) => used === 1 && reserved === 0) && found;
    }, 'both limits settled');
    expect(told.map(({ entityId }) => entityId).sort()).toEqual([...ids].sort());
  });

  it('a lost counter of a default limit is restored from the records of its entity', async () => {
    const { id } = await limit('virtual_key', { limitValue: 2 });
    later();
    const [key, other] = [await stage.virtualKey(), await stage.virtualKey()];
    expect(await calls(key, 1)).toEqual([200]);
    expect(await calls(other, 2)).toEqual([200, 200]);
    await stage.gateway.flushRecords();
    expect(await stage.gateway.resources.sharedState.delete(await counterOf(id, key))).toBe(true);
    expect(await calls(key)).toEqual([200, 402]);
  });

  it('a default limit is listed without usage and found by entityId=*', async () => {
    const { id } = await limit('virtual_key', { limitType: 'token_cost', limitValue: 0.5 });
    const shown = (await stage.gateway.admin.get(`${PATH}/${id}`)).body;
    expect(shown).toMatchObject({ entityId: '*', includeExisting: false, used: null, remaining: null, resetsAt: null });
    await limit('organization', { entityId: stage.organizationId, limitValue: 1000 });
    const { data } = (await stage.gateway.admin.get(`${PATH}?entityId=*`)).body as { data: Json[] };
    expect(data.map((row) => row.id)).toEqual([id]);
  });

  it.each([
    ['* of an organization', { entityType: 'organization', entityId: '*' }, '/entityId'],
    ['an invalid entityId', { entityType: 'user', entityId: 'each' }, '/entityId'],
    ['a null entityId', { entityType: 'user', entityId: null }, '/entityId'],
  ])('a default limit on %s gets 400', async (_, over, pointer) => {
    const answer = await stage.gateway.admin.post(PATH, {
      limitType: 'requests',
      limitValue: 1,
      window: '1d',
      ...over,
    });
    expect([answer.status, answer.body.errors]).toEqual([400, [expect.objectContaining({ pointer })]]);
  });

  it('a limit of one entity cannot set includeExisting', async () => {
    const key = await stage.virtualKey();
    const body = { entityType: 'virtual_key', entityId: key.id, limitType: 'requests', limitValue: 1, window: '1d' };
    const answer = await stage.gateway.admin.post(PATH, { ...body, includeExisting: true });
    expect([answer.status, answer.body.errors]).toEqual([
      400,
      [expect.objectContaining({ pointer: '/includeExisting' })],
    ]);
  });
});
