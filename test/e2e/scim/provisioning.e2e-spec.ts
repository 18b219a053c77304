/** SCIM 2.0 as directories use it: the requests of Okta and Entra ID, as their vendors publish them. */
import { createId } from '../../../src/platform/ids.js';
import type { AdminResponse, AdminClient, Json } from '../../support/http/admin-client.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { addPerson, addTeam, auditOf, castOf, effectsOf, join, sql, type Cast } from '../../support/gateway/people.js';

const USERS = '/scim/v2/Users';
const GROUPS = '/scim/v2/Groups';
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const SCIM = { 'content-type': 'application/scim+json' };

const patchOf = (...operations: object[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: operations,
});

describe('SCIM', () => {
  let gateway: TestGateway;
  let cast: Cast;
  let scim: AdminClient;

  beforeAll(async () => {
    gateway = await startGateway();
    cast = await castOf(gateway);
    scim = (await addPerson(gateway, cast.organizationId, 'admin')).client;
  });
  afterAll(() => gateway.close());

  let count = 0;
  const address = () => `worker-${++count}@example.com`;
  const made = async (over: object = {}): Promise<Json> => await scim.create(USERS, { userName: address(), ...over });
  const madeGroup = async (over: object = {}): Promise<Json> =>
    await scim.create(GROUPS, { displayName: createId(), ...over });
  const patch = (path: string, ...operations: object[]) => scim.call('PATCH', path, patchOf(...operations), SCIM);
  const membersOf = async (id: string): Promise<string[]> =>
    ((await scim.get(`${GROUPS}/${id}`)).body.members as { value: string }[]).map(({ value }) => value).sort();
  const found = async (path: string, filter: string): Promise<string[]> => {
    const { status, body } = await scim.get(`${path}?filter=${encodeURIComponent(filter)}`);
    expect(status).toBe(200);
    return (body.Resources as { id: string }[]).map(({ id }) => id);
  };

  function expectError(answer: AdminResponse, status: number, scimType?: string): void {
    expect(answer.headers.get('content-type')).toBe('application/scim+json; charset=utf-8');
    expect(answer.body).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: String(status),
      detail: expect.any(String),
      ...(scimType ? { scimType } : {}),
    });
    expect(answer.status).toBe(status);
  }

  describe('Okta user provisioning', () => {
    const okta = {
      schemas: [USER],
      userName: 'Test.User@okta.example',
      name: { givenName: 'Test', familyName: 'User' },
      emails: [{ primary: true, value: 'test.user@okta.example', type: 'work' }],
      displayName: 'Test User',
      locale: 'en-US',
      externalId: '00ujl29u0le5T6Aj10h7',
      groups: [],
      password: '1mz050nq',
      active: true,
    };
    let id: string;

    it('GET /scim/v2/Users returns a page in application/scim+json', async () => {
      const { status, body, headers } = await scim.get(`${USERS}?startIndex=1&count=2`);
      expect(status).toBe(200);
      expect(headers.get('content-type')).toBe('application/scim+json; charset=utf-8');
      expect(body).toMatchObject({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
        startIndex: 1,
        itemsPerPage: 2,
      });
      expect(body.totalResults).toBeGreaterThan(2);
    });

    it('a SCIM filter by an unknown userName returns an empty list', async () => {
      const filter = encodeURIComponent('userName eq "test.user@okta.example"');
      const { body } = await scim.get(`${USERS}?filter=${filter}&startIndex=1&count=100`);
      expect(body).toMatchObject({ totalResults: 0, startIndex: 1, itemsPerPage: 0, Resources: [] });
    });

    it('POST /scim/v2/Users creates a verified member without password or invitation', async () => {
      const { status, body, headers } = await scim.call('POST', USERS, okta, SCIM);
      expect(status).toBe(201);
      id = body.id as string;
      expect(headers.get('location')).toBe(`${gateway.url}${USERS}/${id}`);
      expect(headers.get('content-type')).toBe('application/scim+json; charset=utf-8');
      expect(body).toEqual({
        schemas: [USER],
        id,
        externalId: '00ujl29u0le5T6Aj10h7',
        userName: 'test.user@okta.example',
        name: { formatted: 'Test User' },
        displayName: 'Test User',
        emails: [{ value: 'test.user@okta.example', type: 'work', primary: true }],
        active: true,
        meta: {
          resourceType: 'User',
          created: expect.any(String),
          lastModified: expect.any(String),
          location: `${gateway.url}${USERS}/${id}`,
        },
      });
      expect((await scim.get(`${USERS}/${id}`)).body).toEqual(body);
      expect((await gateway.admin.get(`/api/users/${id}`)).body).toMatchObject({
        role: 'member',
        hasPassword: false,
        invitationExpiresAt: null,
        emailVerifiedAt: expect.any(String),
      });
      expect(await auditOf(gateway, id)).toMatchObject([
        { action: 'user.create', after: { email: 'test.user@okta.example', externalId: '00ujl29u0le5T6Aj10h7' } },
      ]);
    });

    it('a SCIM PUT updates a user, and a repeated PUT writes no audit entry', async () => {
      const changed = {
        ...okta,
        id,
        displayName: 'Tess User',
        name: { givenName: 'Tess', familyName: 'User' },
        meta: {},
      };
      for (let i = 0; i < 2; i++) {
        const { status, body } = await scim.call('PUT', `${USERS}/${id}`, changed, SCIM);
        expect(status).toBe(200);
        expect(body).toMatchObject({ id, displayName: 'Tess User', active: true, externalId: okta.externalId });
      }
      expect((await auditOf(gateway, id)).map(({ action }) => action)).toEqual(['user.create', 'user.update']);
    });

    it('a SCIM PATCH without a path deactivates and reactivates a user', async () => {
      expect((await patch(`${USERS}/${id}`, { op: 'replace', value: { active: false } })).body.active).toBe(false);
      expect((await patch(`${USERS}/${id}`, { op: 'replace', value: { active: true } })).body.active).toBe(true);
      expect(await effectsOf(gateway, `user:${id}`)).toEqual(['changed', 'revoked', 'changed']);
    });
  });

  describe('Okta group push', () => {
    it('Okta’s requests create, find, rename, fill and delete a group', async () => {
      const [one, two] = [await made(), await made()];
      expect((await scim.get(`${GROUPS}?startIndex=1&count=100`)).status).toBe(200);
      const { status, body, headers } = await scim.call(
        'POST',
        GROUPS,
        { schemas: [GROUP], displayName: 'Test SCIMv2', members: [] },
        SCIM,
      );
      expect(status).toBe(201);
      const path = `${GROUPS}/${body.id as string}`;
      expect(headers.get('location')).toBe(gateway.url + path);
      expect(body).toMatchObject({ displayName: 'Test SCIMv2', members: [], meta: { resourceType: 'Group' } });

      const rename = { op: 'replace', value: { id: body.id as string, displayName: 'Renamed SCIMv2' } };
      expect((await patch(path, rename)).status).toBe(204);
      await patch(path, { op: 'add', path: 'members', value: [{ value: one.id, display: one.userName }] });
      const swapped = await patch(
        path,
        { op: 'remove', path: `members[value eq "${one.id}"]` },
        { op: 'add', path: 'members', value: [{ value: two.id, display: two.userName }] },
      );
      expect(swapped.status).toBe(204);
      expect(swapped.headers.get('content-type')).toBeNull();
      expect((await scim.get(path)).body).toMatchObject({
        displayName: 'Renamed SCIMv2',
        members: [{ value: two.id, display: two.displayName, type: 'User', $ref: `${gateway.url}${USERS}/${two.id}` }],
      });
      expect((await scim.get(`${USERS}/${two.id}`)).body.groups).toEqual([
        { value: body.id, display: 'Renamed SCIMv2', type: 'direct', $ref: gateway.url + path },
      ]);
      expect((await auditOf(gateway, body.id as string)).map(({ action }) => action)).toEqual([
        'team.create',
        'team.update',
        'team.add_member',
        'team.remove_member',
        'team.add_member',
      ]);
      expect(await effectsOf(gateway, `user:${one.id}`)).toEqual(['changed', 'revoked']);

      expect((await scim.call('DELETE', path, undefined, SCIM)).status).toBe(204);
      expectError(await scim.get(path), 404);
    });

    it('a SCIM PUT replaces the members of a group and keeps remaining roles', async () => {
      const group = await madeGroup();
      const [stays, goes, comes] = [await made(), await made(), await made()];
      await join(gateway, group.id as string, { ...cast.member, id: stays.id as string }, 'admin');
      await patch(`${GROUPS}/${group.id}`, { op: 'add', path: 'members', value: [{ value: goes.id }] });
      const { status, body } = await scim.put(`${GROUPS}/${group.id}`, {
        displayName: group.displayName,
        members: [{ value: stays.id }, { value: comes.id }, { value: comes.id }],
      });
      expect(status).toBe(200);
      expect(body.members).toHaveLength(2);
      expect(await membersOf(group.id as string)).toEqual([stays.id, comes.id].sort());
      expect(await sql(gateway, 'SELECT role FROM team_member WHERE user_id = $1', [stays.id])).toEqual([
        { role: 'admin' },
      ]);
    });
  });

  describe('Entra ID user provisioning', () => {
    const objectId = createId<string>();
    const entra = {
      schemas: [USER, ENTERPRISE],
      externalId: objectId,
      userName: 'Ada@contoso.example',
      active: true,
      emails: [{ primary: true, type: 'work', value: 'ada.lovelace@contoso.example' }],
      meta: { resourceType: 'User' },
      name: { formatted: 'Ada Lovelace', familyName: 'Lovelace', givenName: 'Ada' },
      roles: [],
      [ENTERPRISE]: { department: 'Analysis', manager: { value: createId() } },
    };
    let path: string;

    it('POST /scim/v2/Users with the enterprise extension creates a user', async () => {
      expect(await found(USERS, `userName eq "${createId()}"`)).toEqual([]);
      const { status, body } = await scim.call('POST', USERS, entra, SCIM);
      expect(status).toBe(201);
      expect(body).toMatchObject({
        userName: 'ada@contoso.example',
        displayName: 'Ada Lovelace',
        externalId: objectId,
      });
      expect(body).not.toHaveProperty(ENTERPRISE);
      path = `${USERS}/${body.id as string}`;
      expect(await found(USERS, `externalId eq "${objectId}"`)).toEqual([body.id]);
    });

    it('a SCIM PATCH accepts capitalized operations and takes the address from userName', async () => {
      const { status, body } = await patch(
        path,
        { op: 'Replace', path: 'emails[type eq "work"].value', value: 'ada.king@contoso.example' },
        { op: 'Replace', path: 'name.familyName', value: 'King' },
        { op: 'Add', path: 'name.givenName', value: 'Ada' },
        { op: 'Add', path: 'title', value: 'Countess' },
        { op: 'Replace', path: `${ENTERPRISE}:department`, value: 'Poetry' },
      );
      expect(status).toBe(200);
      expect(body).toMatchObject({ displayName: 'Ada King', userName: 'ada@contoso.example' });
      expect(body.emails).toEqual([{ value: 'ada@contoso.example', type: 'work', primary: true }]);
    });

    it('a SCIM PATCH of userName changes the address and keeps it verified', async () => {
      const { body } = await patch(path, { op: 'Replace', path: 'userName', value: 'Ada.King@contoso.example' });
      expect(body).toMatchObject({
        userName: 'ada.king@contoso.example',
        emails: [{ value: 'ada.king@contoso.example' }],
      });
      const shown = await gateway.admin.get(path.replace(USERS, '/api/users'));
      expect(shown.body.emailVerifiedAt).not.toBeNull();
    });

    it('a SCIM PATCH accepts paths as member names of its value', async () => {
      const { body } = await patch(path, {
        op: 'Add',
        value: {
          displayName: 'Countess of Lovelace',
          'name.familyName': 'Lovelace',
          'emails[type eq "work"].value': 'x@contoso.example',
          [`${ENTERPRISE}:employeeNumber`]: '1815',
          meta: {},
        },
      });
      expect(body).toMatchObject({ displayName: 'Countess of Lovelace', userName: 'ada.king@contoso.example' });
    });

    it('a SCIM PATCH accepts the texts "False" and "True" for active', async () => {
      expect((await patch(path, { op: 'Replace', path: 'active', value: 'False' })).body.active).toBe(false);
      expect((await patch(path, { op: 'Replace', path: 'active', value: 'True' })).body.active).toBe(true);
    });

    it('a user that SCIM deleted responds 404 afterwards', async () => {
      expect((await scim.delete(path)).status).toBe(204);
      expectError(await scim.get(path), 404);
      expectError(await scim.delete(path), 404);
      expect((await auditOf(gateway, path.split('/').at(-1)!)).at(-1)).toMatchObject({ action: 'user.delete' });
    });
  });

  describe('Entra ID group provisioning', () => {
    it('Entra ID’s requests create, find, rename, fill, empty and delete a group', async () => {
      const user = await made();
      const externalId = createId<string>();
      const { status, body } = await scim.call(
        'POST',
        GROUPS,
        {
          schemas: [GROUP, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
          externalId,
          displayName: 'Analysts',
          meta: { resourceType: 'Group' },
        },
        SCIM,
      );
      expect(status).toBe(201);
      const id = body.id as string;
      const path = `${GROUPS}/${id}`;
      const bare = await scim.get(`${path}?excludedAttributes=members`);
      expect(bare.body).toMatchObject({ id, externalId, displayName: 'Analysts' });
      expect(bare.body).not.toHaveProperty('members');
      expect(await found(GROUPS, 'displayName eq "analysts"')).toEqual([id]);

      await patch(path, { op: 'Replace', path: 'displayName', value: 'Analysts of 1843' });
      const member = [{ $ref: null, value: user.id as string }];
      expect((await patch(path, { op: 'Add', path: 'members', value: member })).status).toBe(204);
      expect((await patch(path, { op: 'Add', path: 'members', value: member })).status).toBe(204);
      expect(await membersOf(id)).toEqual([user.id]);
      expect(await found(GROUPS, `id eq "${id}" and members eq "${user.id}"`)).toEqual([id]);

      expect((await patch(path, { op: 'Remove', path: 'members', value: member })).status).toBe(204);
      expect((await patch(path, { op: 'Remove', path: 'members', value: member })).status).toBe(204);
      expect(await membersOf(id)).toEqual([]);
      expect(await found(GROUPS, `id eq "${id}" and members eq "${user.id}"`)).toEqual([]);
      expect((await scim.get(path)).body.displayName).toBe('Analysts of 1843');
      expect((await scim.delete(path)).status).toBe(204);
    });
  });

  describe('filters (RFC 7644 §3.4.2.2)', () => {
    const tag = createId<string>();
    let ada: Json;
    let zoe: Json;
    beforeAll(async () => {
      ada = await made({ displayName: `Ada 100%_${tag}`, externalId: `A-${tag}` });
      zoe = await made({ displayName: `Zoë ${tag}`, active: false });
      const group = await madeGroup({ displayName: `G ${tag}`, members: [{ value: ada.id }] });
      await scim.get(`${GROUPS}/${group.id}`);
    });

    it.each([
      ['userName eq "%ADA%"', 'a'],
      ['userName eq "%ADAUPPER%"', 'a'],
      ['UserName EQ "%ADA%"', 'a'],
      [`${USER}:userName eq "%ADA%"`, 'a'],
      ['id eq "%ADAID%"', 'a'],
      ['id eq "nobody"', ''],
      ['externalId eq "A-%TAG%"', 'a'],
      ['externalId eq "a-%TAG%"', ''],
      ['externalId pr and displayName co "%TAG%"', 'a'],
      ['externalId eq null and displayName co "%TAG%"', 'z'],
      ['externalId ne "A-%TAG%" and displayName co "%TAG%"', 'z'],
      ['not (externalId pr) and displayName co "%TAG%"', 'z'],
      ['displayName co "%TAG%"', 'az'],
      ['displayName sw "ada 100%_"', 'a'],
      ['displayName sw "zoë" and displayName ew "%TAG%"', 'z'],
      ['displayName sw "ada 1__"', ''],
      ['displayName co "%TAG%" and active eq false', 'z'],
      ['displayName co "%TAG%" and active eq "True"', 'a'],
      ['displayName co "%TAG%" and not (active eq true or userName eq "nobody@x.example")', 'z'],
      ['userName eq "nobody@x.example" or displayName co "%TAG%" and active eq true', 'a'],
      ['emails.value eq "%ADA%"', 'a'],
      ['emails[type eq "work" and value co "%ADA%"]', 'a'],
      ['emails[type eq "home" and value co "%ADA%"]', ''],
      ['emails.type eq "work" and emails[primary eq true] and name.formatted co "%TAG%"', 'az'],
      ['groups[display co "%TAG%"]', 'a'],
      ['not (groups.display co "%TAG%") and displayName co "%TAG%"', 'z'],
      ['meta.lastModified gt "2020-01-01T00:00:00Z" and displayName co "%TAG%"', 'az'],
      ['meta.created lt "2020-01-01T00:00:00Z"', ''],
      ['meta.created eq "%ADACREATED%" and displayName co "%TAG%"', 'a'],
    ])('the SCIM filter %s selects the expected users', async (filter, who) => {
      const text = filter
        .replace('%ADAUPPER%', (ada.userName as string).toUpperCase())
        .replace('%ADAID%', ada.id as string)
        .replace('%ADACREATED%', ada.meta.created as string)
        .replace('%ADA%', ada.userName as string)
        .replaceAll('%TAG%', tag);
      const expected = [...(who.includes('a') ? [ada.id] : []), ...(who.includes('z') ? [zoe.id] : [])];
      const ids = await found(USERS, text);
      expect(ids).toEqual(expected);
    });

    it.each([
      'userName eq',
      'userName is "x"',
      '(userName eq "x"',
      'userName eq "x" and',
      'userName eq x',
      'userName eq "x',
      'shoeSize eq "x"',
      'urn:ietf:params:scim:schemas:core:2.0:Group:displayName eq "x"',
      'active gt true',
      'active eq "maybe"',
      'userName eq 5',
      'meta.created gt "yesterday"',
      'constructor pr',
      'userName eq "\\u0000"',
      'emails[emails[value pr]]',
      '('.repeat(100),
    ])('the SCIM filter %s is rejected with invalidFilter', async (filter) => {
      expectError(await scim.get(`${USERS}?filter=${encodeURIComponent(filter)}`), 400, 'invalidFilter');
    });
  });

  describe('SCIM lists', () => {
    it('SCIM lists page by startIndex and count, clamped to their range', async () => {
      const all = (await scim.get(`${USERS}?count=500`)).body;
      const second = (await scim.get(`${USERS}?startIndex=2&count=1`)).body;
      expect(second).toMatchObject({ totalResults: all.totalResults, startIndex: 2, itemsPerPage: 1 });
      expect(second.Resources[0].id).toBe(all.Resources[1].id);
      expect((await scim.get(`${USERS}?startIndex=-3&count=-1`)).body).toMatchObject({
        totalResults: all.totalResults,
        startIndex: 1,
        itemsPerPage: 0,
        Resources: [],
      });
      expect((await scim.get(`${USERS}?startIndex=100000`)).body.Resources).toEqual([]);
      expectError(await scim.get(`${USERS}?count=many`), 400, 'invalidValue');
      expectError(await scim.get(`${USERS}?count=1&count=2`), 400, 'invalidValue');
    });

    it('attributes and excludedAttributes select what a SCIM response shows besides the id', async () => {
      const { id } = await made();
      const shown = async (query: string) =>
        Object.keys((await scim.get(`${USERS}/${id}?${query}`)).body as object).sort();
      expect(await shown('attributes=userName,emails.value')).toEqual(['emails', 'id', 'schemas', 'userName']);
      expect((await scim.get(`${USERS}/${id}?attributes=emails.value`)).body.emails).toEqual([
        { value: expect.any(String) },
      ]);
      expect(await shown(`attributes=${USER}:displayName`)).toEqual(['displayName', 'id', 'schemas']);
      expect(await shown('excludedAttributes=emails,name,meta,id')).toEqual([
        'active',
        'displayName',
        'id',
        'schemas',
        'userName',
      ]);
    });

    it('SCIM neither finds nor changes users and groups of another organization', async () => {
      const { stranger, strangeTeamId } = cast;
      expect(await found(USERS, `id eq "${stranger.id}"`)).toEqual([]);
      expect(await found(GROUPS, `id eq "${strangeTeamId}"`)).toEqual([]);
      for (const path of [
        `${USERS}/${stranger.id}`,
        `${GROUPS}/${strangeTeamId}`,
        `${USERS}/me`,
        `${GROUPS}/${createId()}`,
      ]) {
        expectError(await scim.get(path), 404);
        expectError(await scim.put(path, { userName: address(), displayName: createId() }), 404);
        expectError(await patch(path, { op: 'replace', path: 'displayName', value: 'x' }), 404);
        expectError(await scim.delete(path), 404);
      }
      const group = await madeGroup();
      expectError(
        await patch(`${GROUPS}/${group.id}`, { op: 'add', path: 'members', value: [{ value: stranger.id }] }),
        400,
        'invalidValue',
      );
    });
  });

  describe('SCIM errors', () => {
    it('a taken userName, externalId or displayName gets 409 uniqueness', async () => {
      const user = await made({ externalId: createId() });
      expectError(await scim.post(USERS, { userName: (user.userName as string).toUpperCase() }), 409, 'uniqueness');
      expectError(await scim.post(USERS, { userName: address(), externalId: user.externalId }), 409, 'uniqueness');
      expectError(await cast.stranger.client.post(USERS, { userName: user.userName }), 409, 'uniqueness');
      expect(
        (await cast.stranger.client.post(USERS, { userName: address(), externalId: user.externalId })).status,
      ).toBe(201);
      const other = await made();
      const taken = { op: 'replace', value: { userName: user.userName, active: false } };
      expectError(await patch(`${USERS}/${other.id}`, taken), 409, 'uniqueness');
      expect((await scim.get(`${USERS}/${other.id}`)).body.active).toBe(true);
      const group = await madeGroup({ externalId: createId() });
      expectError(await scim.post(GROUPS, { displayName: group.displayName }), 409, 'uniqueness');
      expectError(
        await scim.post(GROUPS, { displayName: createId(), externalId: group.externalId }),
        409,
        'uniqueness',
      );
    });

    it.each([
      ['no userName', { displayName: 'x' }],
      ['a userName that is not an address', { userName: 'ada' }],
      ['an active that is not a boolean', { userName: 'a@b.example', active: 'perhaps' }],
      ['a name that is not text', { userName: 'a@b.example', name: { formatted: 5 } }],
      ['a displayName of 201 characters', { userName: 'a@b.example', displayName: 'x'.repeat(201) }],
      ['a NUL character', { userName: 'a@b.example', displayName: 'x\0' }],
    ])('POST /scim/v2/Users with %s gets 400 invalidValue', async (_, body) => {
      expectError(await scim.post(USERS, body), 400, 'invalidValue');
    });

    it.each([
      ['no operations', { Operations: [] }, 'invalidSyntax'],
      ['an unknown operation', patchOf({ op: 'move', path: 'active', value: true }), 'invalidSyntax'],
      ['a malformed path', patchOf({ op: 'replace', path: 'emails[type eq', value: 'x' }), 'invalidPath'],
      ['an unknown attribute', patchOf({ op: 'replace', path: 'shoeSize', value: 'x' }), 'invalidPath'],
      [
        'a sub-attribute of a simple attribute',
        patchOf({ op: 'replace', path: 'active.now', value: true }),
        'invalidPath',
      ],
      ['a removal without a path', patchOf({ op: 'remove' }), 'noTarget'],
      [
        'a replacement of a missing address',
        patchOf({ op: 'replace', path: 'emails[type eq "home"].value', value: 'x' }),
        'noTarget',
      ],
      ['a change of the id', patchOf({ op: 'replace', path: 'id', value: 'x' }), 'mutability'],
      ['a change of the groups', patchOf({ op: 'add', path: 'groups', value: [] }), 'mutability'],
      ['a removal of userName', patchOf({ op: 'remove', path: 'userName' }), 'mutability'],
      ['a removal of active', patchOf({ op: 'remove', path: 'active' }), 'mutability'],
      ['an addition without a value', patchOf({ op: 'add', path: 'displayName' }), 'invalidValue'],
      ['a value that is not an object', patchOf({ op: 'replace', value: 'x' }), 'invalidValue'],
      ['an active that is not a boolean', patchOf({ op: 'replace', path: 'active', value: 'perhaps' }), 'invalidValue'],
    ])('a SCIM PATCH with %s gets 400 and leaves the user unchanged', async (_, body, scimType) => {
      const user = await made({ externalId: createId() });
      const rest =
        'Operations' in body && body.Operations.length
          ? [{ op: 'replace', path: 'displayName', value: 'Changed' }]
          : [];
      const answer = await scim.patch(`${USERS}/${user.id}`, { ...body, Operations: [...rest, ...body.Operations] });
      expectError(answer, 400, scimType);
      expect((await scim.get(`${USERS}/${user.id}`)).body).toEqual(user);
    });

    it('an invalid SCIM request for a group gets 400 and leaves its members unchanged', async () => {
      const group = await madeGroup({ members: [{ value: cast.member.id }] });
      const path = `${GROUPS}/${group.id}`;
      expectError(
        await patch(path, { op: 'replace', path: `members[value eq "${createId()}"].value`, value: 'x' }),
        400,
        'noTarget',
      );
      expectError(await patch(path, { op: 'remove', path: 'displayName' }), 400, 'mutability');
      expectError(
        await patch(path, { op: 'add', path: 'members', value: [{ value: createId() }] }),
        400,
        'invalidValue',
      );
      expectError(await patch(path, { op: 'add', path: 'members', value: ['x'] }), 400, 'invalidValue');
      expectError(await scim.post(GROUPS, { members: [] }), 400, 'invalidValue');
      expectError(
        await scim.post(GROUPS, { displayName: createId(), members: [{ value: createId() }] }),
        400,
        'invalidValue',
      );
      expect(await membersOf(group.id as string)).toEqual([cast.member.id]);
    });

    it('malformed bodies, wrong content types and unknown routes get SCIM errors', async () => {
      const send = async (method: string, path: string, type: string, body?: string): Promise<AdminResponse> => {
        const response = await fetch(gateway.url + path, {
          method,
          headers: { authorization: `Bearer ${scim.key}`, 'content-type': type },
          ...(body === undefined ? {} : { body }),
        });
        return { status: response.status, headers: response.headers, body: await response.json() };
      };
      expectError(await send('POST', USERS, 'application/scim+json', '{'), 400, 'invalidSyntax');
      expectError(await send('POST', USERS, 'application/scim+json', '[]'), 400, 'invalidSyntax');
      expectError(await send('POST', USERS, 'text/plain', 'x'), 415);
      expectError(await scim.get('/scim/v2/Nothing'), 404);
      expectError(await scim.post('/scim/v2/Bulk', {}), 404);
      expectError(await scim.get('/scim/v2/%zz'), 400, 'invalidSyntax');
    });
  });

  describe('permissions of SCIM requests', () => {
    it('SCIM answers 401 without a credential and 403 without write permissions', async () => {
      const none = await gateway.admin.as(null).get(USERS);
      expectError(none, 401);
      expect(none.headers.get('www-authenticate')).toMatch(/^Bearer/);
      for (const path of [USERS, GROUPS, `${USERS}/${cast.member.id}`]) {
        expectError(await cast.editor.client.get(path), 403);
        expectError(await cast.member.client.get(path), 403);
      }
      expectError(await cast.editor.client.post(USERS, { userName: address() }), 403);
      expectError(
        await cast.teamAdmin.client.patch(`${GROUPS}/${cast.teamId}`, patchOf({ op: 'remove', path: 'members' })),
        403,
      );
    });

    it('only an owner may change an owner through SCIM, and the last owner stays', async () => {
      const path = `${USERS}/${cast.owner.id}`;
      expectError(await patch(path, { op: 'replace', path: 'active', value: false }), 403);
      expectError(await scim.put(path, { userName: address(), active: false }), 403);
      expectError(await scim.delete(path), 403);
      const own = `${USERS}/${cast.stranger.id}`;
      expectError(await cast.stranger.client.patch(own, patchOf({ op: 'replace', path: 'active', value: false })), 409);
      expectError(await cast.stranger.client.delete(own), 409);
    });

    it('a SCIM DELETE of a group gets 409 while an LLM proxy depends on it', async () => {
      const teamId = await addTeam(gateway, cast.organizationId);
      await gateway.admin.create('/api/llm-proxies', { name: createId(), teamIds: [teamId] });
      expectError(await scim.delete(`${GROUPS}/${teamId}`), 409);
    });
  });

  describe('omitted attributes', () => {
    it('a SCIM PUT clears omitted attributes but does not activate a user', async () => {
      const user = await made({ externalId: createId(), displayName: 'Ada', active: false });
      const { body } = await scim.put(`${USERS}/${user.id}`, { userName: user.userName });
      expect(body).toMatchObject({ displayName: user.userName, active: false });
      expect(body).not.toHaveProperty('externalId');
      const group = await madeGroup({ members: [{ value: user.id }] });
      expect((await scim.put(`${GROUPS}/${group.id}`, { displayName: group.displayName })).body.members).toEqual([]);
    });

    it('a SCIM PATCH with op remove clears externalId', async () => {
      const user = await made({ externalId: createId() });
      expect((await patch(`${USERS}/${user.id}`, { op: 'remove', path: 'externalId' })).body).not.toHaveProperty(
        'externalId',
      );
    });
  });

  it('concurrent SCIM PATCH requests add all members to a group', async () => {
    const group = await madeGroup();
    const users = await Promise.all(Array.from({ length: 5 }, () => made()));
    const answers = await Promise.all(
      users.map(({ id }) => patch(`${GROUPS}/${group.id}`, { op: 'add', path: 'members', value: [{ value: id }] })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(204));
    expect(await membersOf(group.id as string)).toHaveLength(5);
  });

  describe('discovery (RFC 7644 §4)', () => {
    it('SCIM discovery lists the supported features and describes every stored attribute', async () => {
      expect((await cast.member.client.get('/scim/v2/ServiceProviderConfig')).body).toMatchObject({
        patch: { supported: true },
        filter: { supported: true, maxResults: 500 },
        bulk: { supported: false },
        authenticationSchemes: [{ type: 'oauthbearertoken' }],
      });
      const types = (await scim.get('/scim/v2/ResourceTypes')).body;
      expect(types.Resources.map(({ endpoint }: Json) => endpoint)).toEqual(['/Users', '/Groups']);
      expect((await scim.get('/scim/v2/ResourceTypes/User')).body.schema).toBe(USER);
      const schemas = (await scim.get('/scim/v2/Schemas')).body;
      expect(schemas.totalResults).toBe(2);
      const { attributes } = (await scim.get(`/scim/v2/Schemas/${USER}`)).body;
      const names = new Set(attributes.map(({ name }: Json) => name));
      const shown = Object.keys(await made({ externalId: createId() })).filter(
        (key) => !['schemas', 'id', 'meta'].includes(key),
      );
      expect(shown.filter((name) => !names.has(name))).toEqual([]);
      expectError(await scim.get('/scim/v2/Schemas/urn:nothing'), 404);
    });
  });
});
