import { createId } from '../../../src/platform/ids.js';
import type { AdminClient, Json } from '../../support/http/admin-client.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { addPerson, auditOf, castOf, effectsOf, sql, type Cast, type Person } from '../../support/gateway/people.js';

const PATH = '/api/roles';

describe('custom roles', () => {
  let gateway: TestGateway;
  let cast: Cast;

  beforeAll(async () => {
    gateway = await startGateway();
    cast = await castOf(gateway);
  });
  afterAll(() => gateway.close());

  let count = 0;
  const named = () => `role ${++count}`;
  const made = (permissions: string[], client: AdminClient = gateway.admin): Promise<Json> =>
    client.create(PATH, { name: named(), permissions });
  const give = (person: Person, customRoleId: string | null, client: AdminClient = gateway.admin) =>
    client.patch(`/api/users/${person.id}`, { customRoleId });
  const colleague = () => addPerson(gateway, cast.organizationId, 'member');
  /** Creates a user with exactly these permissions. */
  const holder = async (permissions: string[]): Promise<Person & { roleId: string }> => {
    const [person, role] = [await colleague(), await made(permissions)];
    expect((await give(person, role.id)).status).toBe(200);
    return { ...person, roleId: role.id };
  };
  const refused = { status: 403, body: { code: 'permission_denied' } };
  const users = async (id: string): Promise<Json> => (await gateway.admin.get(`/api/users/${id}`)).body;

  describe('create', () => {
    it('POST /api/roles answers 201 with the role, permissions in their usual order, and an audit entry', async () => {
      const { status, body } = await gateway.admin.post(PATH, {
        name: ' Auditor ',
        description: 'Looks, and leaves alone',
        permissions: ['audit_log:read', 'user:read'],
      });
      expect(status).toBe(201);
      expect(body).toEqual({
        id: expect.any(String),
        name: 'Auditor',
        description: 'Looks, and leaves alone',
        permissions: ['user:read', 'audit_log:read'],
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      });
      expect((await gateway.admin.get(`${PATH}/${body.id}`)).body).toEqual(body);
      expect(await auditOf(gateway, body.id)).toMatchObject([{ action: 'role.create', before: null, after: body }]);
    });

    it.each([
      ['a missing name', { permissions: [] }, '/name'],
      ['the name of a built-in role', { name: 'Owner', permissions: [] }, '/name'],
      ['missing permissions', { name: 'x' }, '/permissions'],
      ['null for permissions', { name: 'x', permissions: null }, '/permissions'],
      ['an unknown permission', { name: 'x', permissions: ['everything'] }, '/permissions'],
      ['a permission twice', { name: 'x', permissions: ['team:read', 'team:read'] }, '/permissions'],
      ['the permission owner:write', { name: 'x', permissions: ['owner:write'] }, '/permissions'],
      [
        'the permission identity_provider:write',
        { name: 'x', permissions: ['identity_provider:write'] },
        '/permissions',
      ],
      ['an unknown field', { name: 'x', permissions: [], role: 'admin' }, '/role'],
    ])('POST /api/roles refuses %s with 400 and its pointer', async (_, body, pointer) => {
      const answer = await gateway.admin.post(PATH, body);
      expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
      expect(answer.body.errors[0].pointer).toBe(pointer);
    });

    it('a role name that the organization uses already gets 409', async () => {
      const { name } = await made([]);
      expect(await gateway.admin.post(PATH, { name, permissions: [] })).toMatchObject({
        status: 409,
        body: { code: 'conflict', errors: [{ pointer: '/name' }] },
      });
      expect((await cast.stranger.client.post(PATH, { name, permissions: [] })).status).toBe(201);
    });
  });

  describe('list', () => {
    it("the role list pages, searches by name and shows only roles of the caller's organization", async () => {
      const theirs = await made([], cast.stranger.client);
      const ours = await gateway.admin.create(PATH, { name: 'Zoo keeper', permissions: [] });
      const found = await gateway.admin.get(`${PATH}?search=zoo&limit=1`);
      expect(found).toMatchObject({ status: 200, body: { data: [ours], pagination: { total: 1 } } });
      const all = (await gateway.admin.get(`${PATH}?limit=100`)).body.data as Json[];
      expect(all.map(({ id }) => id)).not.toContain(theirs.id);
    });

    it.each(['limit=0', 'offset=-1', 'search=', 'x=1'])('GET /api/roles?%s is refused with 400', async (query) => {
      expect((await gateway.admin.get(`${PATH}?${query}`)).status).toBe(400);
    });
  });

  describe('permission matrix', () => {
    const everything = async (client: AdminClient, id: string) => ({
      reads: [await client.get(PATH), await client.get(`${PATH}/${id}`)],
      writes: [
        await client.post(PATH, { name: named(), permissions: [] }),
        await client.patch(`${PATH}/${id}`, { name: named() }),
        await client.delete(`${PATH}/${id}`),
      ],
    });
    const statuses = (answers: { status: number }[]) => answers.map(({ status }) => status);

    it('every operation on roles without a credential gets 401', async () => {
      const { reads, writes } = await everything(gateway.admin.as(null), createId());
      expect(statuses([...reads, ...writes])).toEqual([401, 401, 401, 401, 401]);
    });

    it('admins write roles, editors read them, and members do neither', async () => {
      const admin = await addPerson(gateway, cast.organizationId, 'admin');
      const expected: [Person, number[], number[]][] = [
        [admin, [200, 200], [201, 200, 204]],
        [cast.editor, [200, 200], [403, 403, 403]],
        [cast.member, [403, 403], [403, 403, 403]],
      ];
      for (const [{ client }, reading, writing] of expected) {
        const { reads, writes } = await everything(client, (await made(['team:read'])).id);
        expect([statuses(reads), statuses(writes)]).toEqual([reading, writing]);
      }
    });

    it('a role of another organization, an unknown id and a malformed id get 404', async () => {
      const theirs = await made([], cast.stranger.client);
      for (const id of [theirs.id, createId(), 'admin']) {
        for (const answer of [
          await gateway.admin.get(`${PATH}/${id}`),
          await gateway.admin.patch(`${PATH}/${id}`, { name: named() }),
          await gateway.admin.delete(`${PATH}/${id}`),
        ])
          expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
      }
      expect((await cast.stranger.client.get(`${PATH}/${theirs.id}`)).status).toBe(200);
    });
  });

  describe('a user with a custom role', () => {
    it('a user with a custom role has exactly its permissions, and /api/me lists them', async () => {
      const person = await holder(['audit_log:read', 'interaction:read']);
      expect((await person.client.get('/api/audit-log')).status).toBe(200);
      for (const path of ['/api/users', '/api/teams', '/api/llm-proxies'])
        expect(await person.client.get(path)).toMatchObject(refused);
      const role = (await gateway.admin.get(`${PATH}/${person.roleId}`)).body;
      expect((await person.client.get('/api/me')).body).toMatchObject({
        role: 'member',
        customRole: { id: role.id, name: role.name },
        permissions: ['audit_log:read', 'interaction:read'],
      });
      expect(await users(person.id)).toMatchObject({ role: 'member', customRoleId: role.id });
      expect((await auditOf(gateway, person.id)).at(-1)).toMatchObject({
        action: 'user.update',
        before: { customRoleId: null },
        after: { customRoleId: role.id },
      });
    });

    it('an invitation can assign a custom role', async () => {
      const role = await made(['team:read']);
      const email = `${createId()}@example.com`;
      const body = { email, customRoleId: role.id };
      expect(await gateway.admin.create('/api/users', body)).toMatchObject({ role: 'member', customRoleId: role.id });
    });

    it('setting a built-in role removes the custom role and the reverse', async () => {
      const person = await addPerson(gateway, cast.organizationId, 'editor');
      const role = await made(['team:read']);
      const patch = async (body: Json): Promise<Json> =>
        (await gateway.admin.patch(`/api/users/${person.id}`, body)).body;
      expect(await patch({ customRoleId: role.id })).toMatchObject({ role: 'member', customRoleId: role.id });
      expect(await patch({ name: 'same' })).toMatchObject({ role: 'member', customRoleId: role.id });
      expect(await patch({ role: 'member', customRoleId: role.id })).toMatchObject({ customRoleId: role.id });
      expect(await patch({ role: 'admin' })).toMatchObject({ role: 'admin', customRoleId: null });
      await patch({ customRoleId: role.id });
      expect(await patch({ customRoleId: null })).toMatchObject({ role: 'member', customRoleId: null });
      await patch({ customRoleId: role.id });
      expect(await patch({ customRoleId: null, role: 'editor' })).toMatchObject({ role: 'editor', customRoleId: null });
    });

    it.each([
      ['an unknown role', () => ({ customRoleId: createId() }), '/customRoleId'],
      ['a malformed id', () => ({ customRoleId: 'admin' }), '/customRoleId'],
      ['a built-in role and a custom one', async () => ({ role: 'admin', customRoleId: (await made([])).id }), '/role'],
      [
        "another organisation's role",
        async () => ({ customRoleId: (await made([], cast.stranger.client)).id }),
        '/customRoleId',
      ],
    ])('assigning %s gets 400 with its pointer', async (_, body, pointer) => {
      const given = await body();
      for (const answer of [
        await gateway.admin.patch(`/api/users/${cast.other.id}`, given),
        await gateway.admin.post('/api/users', { email: `${createId()}@example.com`, ...given }),
      ]) {
        expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
        expect(answer.body.errors[0].pointer).toBe(pointer);
      }
    });

    it('the last owner cannot receive a custom role', async () => {
      const role = await made([]);
      const { status } = await cast.stranger.client.patch(`/api/users/${cast.stranger.id}`, {
        customRoleId: (await made([], cast.stranger.client)).id,
      });
      expect(status).toBe(409);
      expect(
        (await cast.stranger.client.patch(`/api/users/${cast.stranger.id}`, { customRoleId: role.id })).status,
      ).toBe(400);
    });
  });

  describe('change', () => {
    it('a changed role takes effect on the next call of every user who has it', async () => {
      const person = await holder(['audit_log:read', 'team:read']);
      expect((await person.client.get('/api/audit-log')).status).toBe(200);
      const path = `${PATH}/${person.roleId}`;
      const { status, body } = await gateway.admin.patch(path, { permissions: ['team:read'] });
      expect([status, body.permissions]).toEqual([200, ['team:read']]);
      expect(await person.client.get('/api/audit-log')).toMatchObject(refused);
      await gateway.admin.patch(path, { permissions: ['team:read', 'audit_log:read'] });
      expect((await person.client.get('/api/audit-log')).status).toBe(200);
      expect(await effectsOf(gateway, `custom-role:${person.roleId}`)).toEqual(['revoked', 'changed']);
      expect((await auditOf(gateway, person.roleId)).at(-2)).toMatchObject({
        action: 'role.update',
        before: { permissions: ['team:read', 'audit_log:read'] },
        after: { permissions: ['team:read'] },
      });
    });

    it('PATCH /api/roles/{id} changes the fields that are sent and keeps the others', async () => {
      const role = await gateway.admin.create(PATH, { name: named(), description: 'a', permissions: ['team:read'] });
      const name = named();
      expect((await gateway.admin.patch(`${PATH}/${role.id}`, { name, description: null })).body).toMatchObject({
        name,
        description: null,
        permissions: ['team:read'],
      });
    });

    it('a user whose role is removed loses its permissions on the next call', async () => {
      const person = await holder(['audit_log:read']);
      expect((await person.client.get('/api/audit-log')).status).toBe(200);
      await give(person, null);
      expect(await person.client.get('/api/audit-log')).toMatchObject(refused);
      expect((await effectsOf(gateway, `user:${person.id}`)).at(-1)).toBe('revoked');
    });

    it.each([{ name: null }, { permissions: null }, { permissions: ['owner:write'] }, { id: createId() }])(
      'PATCH /api/roles/{id} refuses %j with 400',
      async (body) => {
        const { id } = await made([]);
        expect((await gateway.admin.patch(`${PATH}/${id}`, body)).status).toBe(400);
      },
    );
  });

  describe('delete', () => {
    it('deleting a role answers 204, then 404, and writes an audit entry', async () => {
      const role = await made(['team:read']);
      expect((await gateway.admin.delete(`${PATH}/${role.id}`)).status).toBe(204);
      expect((await gateway.admin.delete(`${PATH}/${role.id}`)).status).toBe(404);
      expect((await auditOf(gateway, role.id)).at(-1)).toMatchObject({
        action: 'role.delete',
        before: role,
        after: null,
      });
    });

    it('a role that a user has cannot be deleted and gets 409', async () => {
      const person = await holder(['team:read']);
      expect(await gateway.admin.delete(`${PATH}/${person.roleId}`)).toMatchObject({
        status: 409,
        body: { code: 'conflict', detail: expect.stringContaining('1 user has this role') },
      });
      await give(person, null);
      expect((await gateway.admin.delete(`${PATH}/${person.roleId}`)).status).toBe(204);
    });

    it('concurrent deletion and assignment of a role never leave a user with a deleted role', async () => {
      for (let i = 0; i < 5; i++) {
        const [person, role] = [await colleague(), await made(['team:read'])];
        const [given, gone] = await Promise.all([give(person, role.id), gateway.admin.delete(`${PATH}/${role.id}`)]);
        expect([
          [200, 409],
          [400, 204],
        ]).toContainEqual([given.status, gone.status]);
      }
    });
  });

  describe('privilege escalation', () => {
    /** May manage people and roles, and holds two permissions to grant. */
    const keeper = () => holder(['user:read', 'user:write', 'role:read', 'role:write', 'team:read']);

    it('a user cannot create a role with permissions that the user lacks', async () => {
      const { client } = await keeper();
      expect((await client.post(PATH, { name: named(), permissions: ['team:read'] })).status).toBe(201);
      expect(await client.post(PATH, { name: named(), permissions: ['team:read', 'audit_log:read'] })).toMatchObject(
        refused,
      );
    });

    it("a user cannot widen a role beyond the user's own permissions, nor change a role above them", async () => {
      const { client, roleId } = await keeper();
      const [below, above] = [await made(['team:read']), await made(['audit_log:read'])];
      for (const answer of [
        await client.patch(`${PATH}/${roleId}`, { permissions: ['role:write', 'audit_log:read'] }),
        await client.patch(`${PATH}/${below.id}`, { permissions: ['org_key:write'] }),
        await client.patch(`${PATH}/${above.id}`, { permissions: ['team:read'] }),
        await client.patch(`${PATH}/${above.id}`, { name: 'mine' }),
        await client.delete(`${PATH}/${above.id}`),
      ])
        expect(answer).toMatchObject(refused);
    });

    it("a user cannot assign a role above the user's own permissions to any user", async () => {
      const self = await keeper();
      const above = await made(['audit_log:read']);
      const person = await holder(['team:read']);
      for (const target of [self, person]) {
        expect(await give(target, above.id, self.client)).toMatchObject(refused);
        for (const role of ['owner', 'admin', 'editor', 'member'])
          expect(await self.client.patch(`/api/users/${target.id}`, { role })).toMatchObject(refused);
      }
      for (const body of [{ role: 'admin' }, {}, { customRoleId: above.id }])
        expect(await self.client.post('/api/users', { email: `${createId()}@example.com`, ...body })).toMatchObject(
          refused,
        );
      const below = await made(['team:read'], self.client);
      expect((await give(person, below.id, self.client)).status).toBe(200);
    });

    it('a user cannot take over a user with more permissions, nor provision users through SCIM', async () => {
      const { client } = await keeper();
      const above = await holder(['audit_log:read']);
      for (const { id } of [above, cast.owner, cast.editor, cast.member]) {
        for (const answer of [
          await client.post(`/api/users/${id}/invite`),
          await client.patch(`/api/users/${id}`, { email: `${createId()}@example.com` }),
          await client.post(`/api/users/${id}/disable`),
          await client.delete(`/api/users/${id}`),
        ])
          expect(answer).toMatchObject(refused);
      }
      const scim = await client.post('/scim/v2/Users', {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
        userName: `${createId()}@example.com`,
      });
      expect(scim.status).toBe(403);
    });

    it('permissions that the API would refuse have no effect when they are in the database', async () => {
      const person = await holder(['team:read']);
      const path = `${PATH}/${person.roleId}`;
      await sql(gateway, "UPDATE custom_role SET permissions = '{owner:write,team:read,gone:read}' WHERE id = $1", [
        person.roleId,
      ]);
      await gateway.admin.patch(path, { description: 'touched' });
      expect((await person.client.get('/api/me')).body.permissions).toEqual(['team:read']);
    });

    it('an admin cannot change the role of an owner, and a role with all permissions makes no owner', async () => {
      const admin = await addPerson(gateway, cast.organizationId, 'admin');
      expect(await give(cast.owner, (await made([])).id, admin.client)).toMatchObject(refused);
      const { permissions } = (await admin.client.get('/api/me')).body as { permissions: string[] };
      const all = await made(
        permissions.filter((name) => name !== 'identity_provider:write'),
        admin.client,
      );
      const person = await colleague();
      expect((await give(person, all.id, admin.client)).status).toBe(200);
      expect(await person.client.patch(`/api/users/${person.id}`, { role: 'owner' })).toMatchObject(refused);
      expect(await person.client.patch(`/api/users/${cast.owner.id}`, { name: 'x' })).toMatchObject(refused);
      expect(await person.client.patch(`/api/users/${person.id}`, { role: 'admin' })).toMatchObject(refused);
    });
  });
});
