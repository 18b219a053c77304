import { createId } from '../../../src/platform/ids.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { addPerson, auditOf, castOf, effectsOf, sql, type Cast } from '../../support/gateway/people.js';

const PATH = '/api/teams';

describe('teams', () => {
  let gateway: TestGateway;
  let cast: Cast;

  beforeAll(async () => {
    gateway = await startGateway();
    cast = await castOf(gateway);
  });
  afterAll(() => gateway.close());

  let count = 0;
  const name = () => `team ${++count}`;
  const make = (): Promise<{ id: string }> => gateway.admin.create(PATH, { name: name() });
  const colleague = () => addPerson(gateway, cast.organizationId, 'member');

  describe('create, list, change', () => {
    it('POST /api/teams answers 201 with the team and writes an audit entry', async () => {
      const { status, body } = await gateway.admin.post(PATH, { name: ' Research ' });
      expect(status).toBe(201);
      expect(body).toEqual({
        id: expect.any(String),
        name: 'Research',
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      });
      expect((await cast.member.client.get(`${PATH}/${body.id}`)).body).toEqual(body);
      expect(await auditOf(gateway, body.id)).toMatchObject([{ action: 'team.create', before: null, after: body }]);
      expect((await gateway.admin.get(`${PATH}?search=resea`)).body).toMatchObject({
        data: [body],
        pagination: { total: 1 },
      });
    });

    it('PATCH /api/teams/{id} changes the name and writes an audit entry', async () => {
      const { id } = await make();
      const renamed = name();
      expect(await gateway.admin.patch(`${PATH}/${id}`, { name: renamed })).toMatchObject({
        status: 200,
        body: { id, name: renamed },
      });
      expect((await auditOf(gateway, id)).at(-1)).toMatchObject({ action: 'team.update', after: { name: renamed } });
    });

    it.each([
      {},
      { name: '' },
      { name: 7 },
      { name: 'a\nb' },
      { name: '\udc00' },
      { name: 'x'.repeat(101) },
      { name: 'x', members: [] },
    ])('POST /api/teams refuses %j with 400', async (body) => {
      expect((await gateway.admin.post(PATH, body)).status).toBe(400);
    });

    it('PATCH /api/teams/{id} refuses a null name with 400', async () => {
      expect((await gateway.admin.patch(`${PATH}/${cast.teamId}`, { name: null })).status).toBe(400);
    });

    it('a team name that the organization uses already gets 409', async () => {
      const taken = name();
      await gateway.admin.create(PATH, { name: taken });
      const { status, body } = await gateway.admin.post(PATH, { name: taken });
      expect(status).toBe(409);
      expect(body).toMatchObject({ code: 'conflict', errors: [{ pointer: '/name' }] });
      expect((await gateway.admin.patch(`${PATH}/${cast.teamId}`, { name: taken })).status).toBe(409);
      expect((await cast.stranger.client.post(PATH, { name: taken })).status).toBe(201);
    });
  });

  describe('permission matrix', () => {
    it('reading and deleting teams without a credential gets 401', async () => {
      expect((await gateway.admin.as(null).get(PATH)).status).toBe(401);
      expect((await gateway.admin.as(null).get(`${PATH}/${cast.teamId}/members`)).status).toBe(401);
      expect((await gateway.admin.as(null).delete(`${PATH}/${cast.teamId}`)).status).toBe(401);
    });

    it('editors, members and team admins read teams and cannot change them', async () => {
      for (const { client } of [cast.editor, cast.member, cast.teamAdmin]) {
        expect((await client.get(PATH)).status).toBe(200);
        expect((await client.get(`${PATH}/${cast.teamId}/members`)).status).toBe(200);
        expect((await client.post(PATH, { name: name() })).status).toBe(403);
        expect((await client.patch(`${PATH}/${cast.teamId}`, { name: 'x' })).status).toBe(403);
        expect((await client.delete(`${PATH}/${cast.teamId}`)).status).toBe(403);
      }
    });

    it('a team of another organization, an unknown id and a malformed id get 404', async () => {
      for (const id of [cast.strangeTeamId, createId(), 'mine']) {
        for (const answer of [
          await gateway.admin.get(`${PATH}/${id}`),
          await gateway.admin.patch(`${PATH}/${id}`, { name: 'x' }),
          await gateway.admin.delete(`${PATH}/${id}`),
          await gateway.admin.get(`${PATH}/${id}/members`),
          await gateway.admin.post(`${PATH}/${id}/members`, { userId: cast.member.id }),
          await gateway.admin.patch(`${PATH}/${id}/members/${cast.stranger.id}`, { role: 'admin' }),
          await gateway.admin.delete(`${PATH}/${id}/members/${cast.stranger.id}`),
        ]) {
          expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
        }
      }
    });
  });

  describe('members', () => {
    it('a new member of a team has the role member by default, and caches are invalidated', async () => {
      const { id } = await make();
      const person = await colleague();
      const { status, body } = await gateway.admin.post(`${PATH}/${id}/members`, { userId: person.id.toUpperCase() });
      expect(status).toBe(201);
      expect(body).toEqual({
        userId: person.id,
        email: `${person.id}@example.com`,
        name: 'member',
        role: 'member',
        joinedAt: expect.any(String),
        identityProviderId: null,
      });
      expect((await gateway.admin.get(`${PATH}/${id}/members`)).body).toMatchObject({
        data: [body],
        pagination: { total: 1 },
      });
      expect((await person.client.get('/api/me')).body.teams).toEqual([{ id, role: 'member' }]);
      expect((await auditOf(gateway, id)).at(-1)).toMatchObject({ action: 'team.add_member', after: body });
      expect(await effectsOf(gateway, `user:${person.id}`)).toEqual(['changed']);
    });

    it('the member list of a team is in the order of joining, with pages and search', async () => {
      const { id } = await make();
      const people = [await colleague(), await colleague(), await colleague()];
      for (const person of people) {
        await gateway.admin.create(`${PATH}/${id}/members`, { userId: person.id });
        gateway.clock.advance(1_000);
      }
      const page = (await gateway.admin.get(`${PATH}/${id}/members?limit=2&offset=1`)).body;
      expect(page.data.map((member: { userId: string }) => member.userId)).toEqual(
        people.slice(1).map((person) => person.id),
      );
      expect(page.pagination).toMatchObject({ total: 3, hasNext: false, hasPrev: true });
      const found = (await gateway.admin.get(`${PATH}/${id}/members?search=${people[0]!.id}`)).body;
      expect(found).toMatchObject({ data: [{ userId: people[0]!.id }], pagination: { total: 1 } });
    });

    it('adding a user of another organization or an unknown user to a team gets 400 with its pointer', async () => {
      for (const userId of [cast.stranger.id, createId()]) {
        const { status, body } = await gateway.admin.post(`${PATH}/${cast.teamId}/members`, { userId });
        expect(status).toBe(400);
        expect(body).toMatchObject({ code: 'validation_failed', errors: [{ pointer: '/userId' }] });
      }
    });

    it.each([
      {},
      { userId: 'x' },
      { userId: createId(), role: 'owner' },
      { userId: createId(), role: null },
      { userId: createId(), x: 1 },
    ])('adding a member to a team refuses %j with 400', async (body) => {
      expect((await gateway.admin.post(`${PATH}/${cast.teamId}/members`, body)).status).toBe(400);
    });

    it('adding a member to a team twice gets 409', async () => {
      const { status, body } = await gateway.admin.post(`${PATH}/${cast.teamId}/members`, {
        userId: cast.teamMember.id,
      });
      expect(status).toBe(409);
      expect(body.errors[0].pointer).toBe('/userId');
    });

    it('a lowered member role is announced as revoked', async () => {
      const { id } = await make();
      const person = await colleague();
      await gateway.admin.create(`${PATH}/${id}/members`, { userId: person.id });
      const path = `${PATH}/${id}/members/${person.id}`;
      expect(await gateway.admin.patch(path, { role: 'admin' })).toMatchObject({
        status: 200,
        body: { role: 'admin' },
      });
      expect(await gateway.admin.patch(path, { role: 'member' })).toMatchObject({
        status: 200,
        body: { role: 'member' },
      });
      expect(await effectsOf(gateway, `user:${person.id}`)).toEqual(['changed', 'changed', 'revoked']);
      expect((await auditOf(gateway, id)).at(-1)).toMatchObject({
        action: 'team.change_member',
        before: { role: 'admin' },
        after: { role: 'member' },
      });
      expect((await gateway.admin.patch(path, { role: null })).status).toBe(400);
    });

    it('removing a member is announced as revoked, and a second removal gets 404', async () => {
      const { id } = await make();
      const person = await colleague();
      await gateway.admin.create(`${PATH}/${id}/members`, { userId: person.id });
      expect((await gateway.admin.delete(`${PATH}/${id}/members/${person.id}`)).status).toBe(204);
      expect((await gateway.admin.delete(`${PATH}/${id}/members/${person.id}`)).status).toBe(404);
      expect((await gateway.admin.patch(`${PATH}/${id}/members/${person.id}`, { role: 'admin' })).status).toBe(404);
      expect((await effectsOf(gateway, `user:${person.id}`)).at(-1)).toBe('revoked');
      expect((await auditOf(gateway, id)).at(-1)).toMatchObject({
        action: 'team.remove_member',
        before: { userId: person.id },
        after: null,
      });
    });

    it('a team admin manages only the members of that team', async () => {
      const person = await colleague();
      const { client } = cast.teamAdmin;
      expect((await client.post(`${PATH}/${cast.teamId}/members`, { userId: person.id })).status).toBe(201);
      expect((await client.patch(`${PATH}/${cast.teamId}/members/${person.id}`, { role: 'admin' })).status).toBe(200);
      expect((await client.delete(`${PATH}/${cast.teamId}/members/${person.id}`)).status).toBe(204);
      const other = await make();
      const refused = await client.post(`${PATH}/${other.id}/members`, { userId: person.id });
      expect(refused).toMatchObject({ status: 403, body: { code: 'permission_denied' } });
      for (const outsider of [cast.teamMember, cast.editor]) {
        expect((await outsider.client.post(`${PATH}/${cast.teamId}/members`, { userId: person.id })).status).toBe(403);
        expect((await outsider.client.delete(`${PATH}/${cast.teamId}/members/${cast.teamAdmin.id}`)).status).toBe(403);
      }
    });
  });

  describe('delete', () => {
    it('deleting a team removes its memberships, and a second deletion gets 404', async () => {
      const { id } = await make();
      const person = await colleague();
      await gateway.admin.create(`${PATH}/${id}/members`, { userId: person.id });
      expect((await gateway.admin.delete(`${PATH}/${id}`)).status).toBe(204);
      expect((await gateway.admin.delete(`${PATH}/${id}`)).status).toBe(404);
      expect((await person.client.get('/api/me')).body.teams).toEqual([]);
      expect(await effectsOf(gateway, `team:${id}`)).toEqual(['revoked']);
      expect((await effectsOf(gateway, `user:${person.id}`)).at(-1)).toBe('revoked');
      expect((await auditOf(gateway, id)).at(-1)).toMatchObject({ action: 'team.delete', before: { id }, after: null });
    });

    it('a team with an LLM proxy of its own cannot be deleted and gets 409', async () => {
      const [only, other] = [await make(), await make()];
      const proxy = await gateway.admin.create('/api/llm-proxies', { name: 'closed', teamIds: [only.id] });
      const { status, body } = await gateway.admin.delete(`${PATH}/${only.id}`);
      expect(status).toBe(409);
      expect(body.detail).toContain('"closed"');
      await gateway.admin.patch(`/api/llm-proxies/${proxy.id}`, { teamIds: [only.id, other.id] });
      expect((await gateway.admin.delete(`${PATH}/${only.id}`)).status).toBe(204);
      expect((await gateway.admin.get(`/api/llm-proxies/${proxy.id}`)).body.teamIds).toEqual([other.id]);
      expect((await effectsOf(gateway, `llm-proxy:${proxy.id}`)).at(-1)).toBe('revoked');
    });

    it('deleting a team deletes and announces its provider keys', async () => {
      const { id } = await make();
      const key = { name: 'k', provider: 'openai', apiKey: 'sk-0123456789abcdef', scope: 'team', teamId: id };
      const { id: keyId } = await gateway.admin.create('/api/llm-provider-api-keys', key);
      await gateway.admin.delete(`${PATH}/${id}`);
      expect(await effectsOf(gateway, `provider-key:${keyId}`)).not.toEqual([]);
      expect(await sql(gateway, 'SELECT 1 FROM provider_key WHERE id = $1', [keyId])).toEqual([]);
    });
  });
});
