import { computeTokenDigest } from '../../../src/platform/crypto/token-digest.js';
import { createId } from '../../../src/platform/ids.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { addPerson, auditOf, castOf, effectsOf, sql, type Cast } from '../../support/gateway/people.js';

const PATH = '/api/users';

describe('users', () => {
  let gateway: TestGateway;
  let cast: Cast;

  beforeAll(async () => {
    gateway = await startGateway();
    cast = await castOf(gateway);
  });
  afterAll(() => gateway.close());

  let count = 0;
  const address = () => `person-${++count}@example.com`;
  const admin = () => addPerson(gateway, cast.organizationId, 'admin');
  const colleague = () => addPerson(gateway, cast.organizationId, 'member');

  describe('invitation', () => {
    it('an invitation answers 201 with the user and shows the invitation link once', async () => {
      const { status, body, headers } = await gateway.admin.post(PATH, {
        email: ' New.Person@Example.com ',
        name: ' Ada ',
      });
      expect(status).toBe(201);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(body).toEqual({
        id: expect.any(String),
        email: 'new.person@example.com',
        name: 'Ada',
        role: 'member',
        customRoleId: null,
        isDisabled: false,
        hasPassword: false,
        emailVerifiedAt: null,
        invitationExpiresAt: expect.any(String),
        invitationUrl: expect.stringMatching(/\/auth\/set-password\?token=[A-Za-z0-9_-]{43}$/),
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      });
      expect(Date.parse(body.invitationExpiresAt) - Date.parse(body.createdAt)).toBe(7 * 24 * 3_600_000);
      const { invitationUrl, ...shown } = body;
      expect((await gateway.admin.get(`${PATH}/${body.id}`)).body).toEqual(shown);
      expect(await auditOf(gateway, body.id)).toMatchObject([{ action: 'user.create', before: null, after: shown }]);
      const token = new URL(invitationUrl).searchParams.get('token')!;
      const [row] = await sql<{ invitation_digest: Buffer }>(
        gateway,
        'SELECT invitation_digest FROM app_user WHERE id = $1',
        [body.id],
      );
      expect(Buffer.from(row!.invitation_digest)).toEqual(computeTokenDigest(token));
      expect(JSON.stringify([await auditOf(gateway, body.id), gateway.log])).not.toContain(token);
    });

    it('the name of an invited user defaults to the e-mail address', async () => {
      const email = address();
      expect(await gateway.admin.create(PATH, { email })).toMatchObject({ name: email, role: 'member' });
    });

    it.each([
      ['a missing e-mail', {}, '/email'],
      ['an invalid e-mail', { email: 'nobody' }, '/email'],
      ['an unknown role', { email: 'a@example.com', role: 'root' }, '/role'],
      ['a null role', { email: 'a@example.com', role: null }, '/role'],
      ['an empty name', { email: 'a@example.com', name: '  ' }, '/name'],
      ['a NUL in the name', { email: 'a@example.com', name: 'a\0b' }, '/name'],
      ['half a surrogate pair in the name', { email: 'a@example.com', name: 'a\ud800' }, '/name'],
      ['half a surrogate pair in the e-mail', { email: '\ud800@example.com' }, '/email'],
      ['a name that is too long', { email: 'a@example.com', name: 'x'.repeat(201) }, '/name'],
      ['an unknown field', { email: 'a@example.com', isDisabled: true }, '/isDisabled'],
    ])('POST /api/users refuses %s with 400 and its pointer', async (_, body, pointer) => {
      const answer = await gateway.admin.post(PATH, body);
      expect(answer.status).toBe(400);
      expect(answer.body.code).toBe('validation_failed');
      expect(answer.body.errors[0].pointer).toBe(pointer);
    });

    it('an address in use gets 409, in any case and of any organization', async () => {
      const { body, status } = await cast.stranger.client.post(PATH, { email: 'OWNER@example.com' });
      expect(status).toBe(409);
      expect(body).toMatchObject({ code: 'conflict', errors: [{ pointer: '/email' }] });
    });

    it('an admin cannot invite an owner', async () => {
      const { client } = await admin();
      expect(await client.post(PATH, { email: address(), role: 'owner' })).toMatchObject({
        status: 403,
        body: { code: 'permission_denied' },
      });
      expect((await client.post(PATH, { email: address(), role: 'admin' })).status).toBe(201);
    });
  });

  describe('list', () => {
    it('the user list pages and searches by e-mail and name with literal wildcards', async () => {
      await gateway.admin.create(PATH, { email: address(), name: '100% Zoë' });
      const found = await gateway.admin.get(`${PATH}?search=${encodeURIComponent('100% z')}&limit=1`);
      expect(found.status).toBe(200);
      expect(found.body).toMatchObject({
        data: [{ name: '100% Zoë' }],
        pagination: { currentPage: 1, limit: 1, total: 1, totalPages: 1, hasNext: false, hasPrev: false },
      });
      expect((await gateway.admin.get(`${PATH}?search=${encodeURIComponent('%_%')}`)).body.data).toEqual([]);
      const second = await gateway.admin.get(`${PATH}?limit=2&offset=2`);
      expect(second.body.data).toHaveLength(2);
      expect(second.body.pagination).toMatchObject({ currentPage: 2, hasPrev: true });
    });

    it.each(['limit=0', 'limit=101', 'offset=-1', 'offset=1e300', 'search=', 'search=%00', 'unknown=1'])(
      'GET /api/users?%s is refused with 400',
      async (query) => {
        expect((await gateway.admin.get(`${PATH}?${query}`)).status).toBe(400);
      },
    );

    it("the user list shows only users of the caller's organization", async () => {
      const { body } = await cast.stranger.client.get(PATH);
      expect(body.data.map((user: { id: string }) => user.id)).toEqual([cast.stranger.id]);
    });
  });

  describe('permission matrix', () => {
    it('reading and inviting users without a credential gets 401', async () => {
      expect((await gateway.admin.as(null).get(PATH)).status).toBe(401);
      expect((await gateway.admin.as(null).post(PATH, { email: address() })).status).toBe(401);
    });

    it('editors only read users, and members neither read nor write them', async () => {
      const { id } = await colleague();
      expect((await cast.editor.client.get(PATH)).status).toBe(200);
      expect((await cast.editor.client.get(`${PATH}/${id}`)).status).toBe(200);
      expect((await cast.member.client.get(PATH)).status).toBe(403);
      for (const { client } of [cast.editor, cast.member]) {
        for (const answer of [
          await client.post(PATH, { email: address() }),
          await client.patch(`${PATH}/${id}`, { name: 'x' }),
          await client.delete(`${PATH}/${id}`),
          await client.post(`${PATH}/${id}/disable`),
          await client.post(`${PATH}/${id}/enable`),
          await client.post(`${PATH}/${id}/invite`),
        ]) {
          expect(answer).toMatchObject({ status: 403, body: { code: 'permission_denied' } });
        }
      }
    });

    it('only owners can change an owner', async () => {
      const { client } = await admin();
      for (const answer of [
        await client.patch(`${PATH}/${cast.owner.id}`, { name: 'x' }),
        await client.patch(`${PATH}/${cast.owner.id}`, { role: 'member' }),
        await client.delete(`${PATH}/${cast.owner.id}`),
        await client.post(`${PATH}/${cast.owner.id}/disable`),
        await client.post(`${PATH}/${cast.owner.id}/invite`),
      ]) {
        expect(answer).toMatchObject({ status: 403, body: { code: 'permission_denied' } });
      }
    });

    it('a user of another organization, an unknown id and a malformed id get 404', async () => {
      for (const id of [cast.stranger.id, createId(), 'me']) {
        for (const answer of [
          await gateway.admin.get(`${PATH}/${id}`),
          await gateway.admin.patch(`${PATH}/${id}`, { name: 'x' }),
          await gateway.admin.delete(`${PATH}/${id}`),
          await gateway.admin.post(`${PATH}/${id}/disable`),
          await gateway.admin.post(`${PATH}/${id}/enable`),
          await gateway.admin.post(`${PATH}/${id}/invite`),
        ]) {
          expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
        }
      }
    });
  });

  describe('change', () => {
    it('PATCH /api/users/{id} changes the fields that are sent and writes both states into the audit log', async () => {
      const { id } = await colleague();
      const { status, body } = await gateway.admin.patch(`${PATH}/${id}`, { name: 'Grace', role: 'editor' });
      expect(status).toBe(200);
      expect(body).toMatchObject({ id, name: 'Grace', role: 'editor', email: `${id}@example.com` });
      const [entry] = await auditOf(gateway, id);
      expect(entry).toMatchObject({
        action: 'user.update',
        before: { role: 'member' },
        after: { role: 'editor', name: 'Grace' },
      });
      expect(await effectsOf(gateway, `user:${id}`)).toEqual(['changed']);
    });

    it("a user's changed address ends the pending invitation and the address confirmation", async () => {
      const { id } = await gateway.admin.create(PATH, { email: address() });
      const email = address();
      const { body } = await gateway.admin.patch(`${PATH}/${id}`, { email });
      expect(body).toMatchObject({ email, emailVerifiedAt: null, invitationExpiresAt: null });
    });

    it.each([{ role: 'root' }, { role: null }, { email: 'x' }, { name: null }, { id: createId() }])(
      'PATCH /api/users/{id} refuses %j with 400',
      async (body) => {
        expect((await gateway.admin.patch(`${PATH}/${cast.member.id}`, body)).status).toBe(400);
      },
    );

    it('PATCH /api/users/{id} refuses the address of another user with 409', async () => {
      const { id } = await colleague();
      const { status, body } = await gateway.admin.patch(`${PATH}/${id}`, { email: 'owner@example.com' });
      expect(status).toBe(409);
      expect(body.errors[0].pointer).toBe('/email');
    });

    it('a lowered role takes effect on the next call with a credential in use', async () => {
      const person = await admin();
      expect((await person.client.get('/api/audit-log')).status).toBe(200);
      await gateway.admin.patch(`${PATH}/${person.id}`, { role: 'member' });
      expect((await person.client.get('/api/audit-log')).status).toBe(403);
      expect(await effectsOf(gateway, `user:${person.id}`)).toEqual(['revoked']);
    });
  });

  describe('disabling and enabling', () => {
    it('credentials of a disabled user get 401 until the user is enabled', async () => {
      const person = await colleague();
      expect((await person.client.get('/api/me')).status).toBe(200);
      const disabled = await gateway.admin.post(`${PATH}/${person.id}/disable`);
      expect(disabled).toMatchObject({ status: 200, body: { isDisabled: true } });
      expect((await person.client.get('/api/me')).status).toBe(401);
      const enabled = await gateway.admin.post(`${PATH}/${person.id}/enable`);
      expect(enabled).toMatchObject({ status: 200, body: { isDisabled: false } });
      expect((await person.client.get('/api/me')).status).toBe(200);
      expect((await auditOf(gateway, person.id)).map((entry) => entry.action)).toEqual(['user.disable', 'user.enable']);
      expect(await effectsOf(gateway, `user:${person.id}`)).toEqual(['revoked', 'changed']);
    });

    it('disabling a disabled user answers 200 and writes no audit entry', async () => {
      const person = await colleague();
      await gateway.admin.post(`${PATH}/${person.id}/disable`);
      expect((await gateway.admin.post(`${PATH}/${person.id}/disable`)).status).toBe(200);
      expect(await auditOf(gateway, person.id)).toHaveLength(1);
    });

    it('disabling a user ends a pending invitation', async () => {
      const { id } = await gateway.admin.create(PATH, { email: address() });
      expect((await gateway.admin.post(`${PATH}/${id}/disable`)).body.invitationExpiresAt).toBeNull();
      expect((await gateway.admin.post(`${PATH}/${id}/invite`)).status).toBe(409);
    });
  });

  describe('a new invitation', () => {
    it('a new invitation replaces the earlier link and is shown once', async () => {
      const first = await gateway.admin.create(PATH, { email: address() });
      const { status, body, headers } = await gateway.admin.post(`${PATH}/${first.id}/invite`);
      expect(status).toBe(200);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(body.invitationUrl).not.toBe(first.invitationUrl);
      const old = computeTokenDigest(new URL(first.invitationUrl).searchParams.get('token')!);
      expect(await sql(gateway, 'SELECT 1 FROM app_user WHERE invitation_digest = $1', [old])).toEqual([]);
      expect((await auditOf(gateway, first.id)).map((entry) => entry.action)).toEqual(['user.create', 'user.invite']);
    });
  });

  describe('delete', () => {
    it("a deleted user's credentials get 401, and a second deletion gets 404", async () => {
      const person = await colleague();
      expect((await person.client.get('/api/me')).status).toBe(200);
      expect((await gateway.admin.delete(`${PATH}/${person.id}`)).status).toBe(204);
      expect((await person.client.get('/api/me')).status).toBe(401);
      expect((await gateway.admin.delete(`${PATH}/${person.id}`)).status).toBe(404);
      expect(await auditOf(gateway, person.id)).toMatchObject([
        { action: 'user.delete', before: { id: person.id }, after: null },
      ]);
      expect(await effectsOf(gateway, `user:${person.id}`)).toEqual(['revoked']);
    });
  });

  describe('the last active owner', () => {
    it('the last active owner cannot be demoted, disabled or deleted', async () => {
      const { id, client } = cast.stranger;
      for (const answer of [
        await client.patch(`${PATH}/${id}`, { role: 'admin' }),
        await client.post(`${PATH}/${id}/disable`),
        await client.delete(`${PATH}/${id}`),
      ]) {
        expect(answer).toMatchObject({ status: 409, body: { code: 'conflict' } });
      }
      expect((await client.get('/api/me')).body.role).toBe('owner');
      expect(await auditOf(gateway, id)).toEqual([]);
    });

    it('one owner remains when two owners demote each other concurrently', async () => {
      const { client, organizationId, id } = cast.stranger;
      const second = await addPerson(gateway, organizationId, 'owner');
      const answers = await Promise.all([
        client.patch(`${PATH}/${second.id}`, { role: 'member' }),
        second.client.patch(`${PATH}/${id}`, { role: 'member' }),
      ]);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      const owners = await sql(gateway, "SELECT 1 FROM app_user WHERE organization_id = $1 AND role = 'owner'", [
        organizationId,
      ]);
      expect(owners).toHaveLength(1);
    });
  });
});
