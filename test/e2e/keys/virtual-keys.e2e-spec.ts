import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { computeTokenDigest } from '../../../src/platform/crypto/token-digest.js';
import { isWellFormed } from '../../../src/platform/crypto/token-mint.js';
import { createId } from '../../../src/platform/ids.js';
import { LastUsedWriter } from '../../../src/usage/recording/last-used.writer.js';
import type { AdminResponse, Json } from '../../support/http/admin-client.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import {
  addPerson,
  addTeam,
  auditOf,
  castOf,
  effectsOf,
  join,
  sql,
  type Cast,
  type Person,
} from '../../support/gateway/people.js';

const PATH = '/api/llm-virtual-keys';
const KEYS = '/api/llm-provider-api-keys';
const HOUR_MS = 3_600_000;

describe('virtual keys', () => {
  let gateway: TestGateway;
  let cast: Cast;
  let upstream: Server;
  /** Provider keys for openai: the organization's, the team's, the member's own. */
  let orgKey: Json;
  let teamKey: Json;
  let ownKey: Json;
  let orgGroqKey: Json;

  beforeAll(async () => {
    upstream = createServer(
      (_, response) =>
        void response.writeHead(200, { 'content-type': 'application/json' }).end('{"object":"list","data":[]}'),
    );
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    gateway = await startGateway({
      LLM_OPENAI_BASE_URL: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/v1`,
    });
    cast = await castOf(gateway);
    const body = { name: 'main', provider: 'openai', apiKey: 'sk-proj-0123456789' };
    orgKey = await cast.owner.client.create(KEYS, { ...body, scope: 'org' });
    teamKey = await cast.teamAdmin.client.create(KEYS, { ...body, scope: 'team', teamId: cast.teamId });
    ownKey = await cast.member.client.create(KEYS, body);
    orgGroqKey = await cast.owner.client.create(KEYS, { ...body, provider: 'groq', scope: 'org' });
  });
  afterAll(async () => {
    await gateway.close();
    upstream.close();
  });

  const mapped = (key: { id: string }, provider = 'openai') => [{ provider, providerApiKeyId: key.id }];
  const make = (over: object = {}) => ({ name: 'ci', providerApiKeys: mapped(orgKey), ...over });
  /** Returns the status of an LLM call with the key. */
  const call = async (value: string, headers: Record<string, string> = {}): Promise<number> => {
    const answer = await fetch(`${gateway.url}/v1/openai/models`, {
      headers: { authorization: `Bearer ${value}`, ...headers },
    });
    await answer.text();
    return answer.status;
  };
  const pointers = ({ body }: AdminResponse): string[] =>
    body.errors.map((error: { pointer: string }) => error.pointer);

  describe('create', () => {
    it('a new virtual key is personal and standard by default and shows its value only once', async () => {
      const { status, body, headers } = await cast.member.client.post(PATH, make());
      expect(status).toBe(201);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(isWellFormed(body.value, 'arch_')).toBe(true);
      expect(body).toEqual({
        id: expect.any(String),
        name: 'ci',
        keyType: 'standard',
        scope: 'personal',
        ownerId: cast.member.id,
        teamIds: [],
        payerTeamId: null,
        providerApiKeys: mapped(orgKey),
        allowedModels: [],
        allowedProxyIds: [],
        tokenStart: body.value.slice(0, 12),
        status: 'active',
        expiresAt: null,
        revokedAt: null,
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
        lastUsedAt: null,
        value: body.value,
      });
      const shown = await cast.member.client.get(`${PATH}/${body.id}`);
      const listed = await cast.member.client.get(PATH);
      const stored = await sql<{ digest: Buffer }>(
        gateway,
        'SELECT digest FROM virtual_key_secret WHERE virtual_key_id = $1',
        [body.id],
      );
      expect(JSON.stringify([shown.body, listed.body, await auditOf(gateway, body.id)])).not.toContain(body.value);
      expect(stored.map((row) => Buffer.from(row.digest))).toEqual([computeTokenDigest(body.value)]);
      expect((await auditOf(gateway, body.id))[0]).toMatchObject({
        action: 'virtual_key.create',
        after: { name: 'ci' },
      });
      expect(await call(body.value)).toBe(200);
    });

    it("a passthrough key calls with the caller's own provider key and accepts no mapping", async () => {
      const key = await cast.member.client.create(PATH, { name: 'me', keyType: 'passthrough' });
      expect(key).toMatchObject({ keyType: 'passthrough', providerApiKeys: [], ownerId: cast.member.id });
      expect(await call('sk-own-key-of-the-caller', { 'x-archestra-virtual-key': key.value })).toBe(200);
      const withKeys = await cast.member.client.post(PATH, make({ keyType: 'passthrough' }));
      expect([withKeys.status, pointers(withKeys)]).toEqual([400, ['/providerApiKeys']]);
      const ownerless = await cast.owner.client.post(PATH, {
        name: 'x',
        keyType: 'passthrough',
        scope: 'org',
        ownerId: null,
      });
      expect([ownerless.status, pointers(ownerless)]).toEqual([400, ['/ownerId']]);
    });

    it.each<[string, object, string]>([
      ['no mappings', { providerApiKeys: undefined }, '/providerApiKeys'],
      ['an empty list of mappings', { providerApiKeys: [] }, '/providerApiKeys'],
      ['null for mappings', { providerApiKeys: null }, '/providerApiKeys'],
      ['no name', { name: undefined }, '/name'],
      ['null as a mapping', { providerApiKeys: [null] }, '/providerApiKeys/0'],
      ['an unknown field', { colour: 'red' }, '/colour'],
      [
        'an unknown field in a mapping',
        { providerApiKeys: [{ provider: 'openai', providerApiKeyId: createId(), a: 1 }] },
        '/providerApiKeys/0/a',
      ],
      [
        'an unknown provider key',
        { providerApiKeys: mapped({ id: createId() }) },
        '/providerApiKeys/0/providerApiKeyId',
      ],
      ['a malformed provider key id', { providerApiKeys: mapped({ id: 'x' }) }, '/providerApiKeys/0/providerApiKeyId'],
      ['an unknown provider', { providerApiKeys: mapped({ id: createId() }, 'nobody') }, '/providerApiKeys/0/provider'],
      ['an expiry in the past', { expiresAt: '2020-01-01T00:00:00Z' }, '/expiresAt'],
      ['a date without a time', { expiresAt: '2099-01-01' }, '/expiresAt'],
      ['an unknown LLM proxy', { allowedProxyIds: [createId()] }, '/allowedProxyIds/0'],
      ['a model pattern with white space', { allowedModels: ['gpt 4'] }, '/allowedModels'],
      ['the same model twice', { allowedModels: ['a', 'a'] }, '/allowedModels'],
      ['scope team without teams', { scope: 'team' }, '/teamIds'],
      ['teams without scope team', { teamIds: [createId()] }, '/teamIds'],
      ['an unknown team', { scope: 'team', teamIds: [createId()] }, '/teamIds/0'],
      ['an unknown owner', { ownerId: createId() }, '/ownerId'],
      ['null as the owner of a personal key', { ownerId: null }, '/ownerId'],
    ])('POST /api/llm-virtual-keys refuses %s with 400', async (_, over, pointer) => {
      const answer = await cast.owner.client.post(PATH, make(over));
      expect(answer.status).toBe(400);
      expect(pointers(answer)).toContain(pointer);
    });

    it('POST /api/llm-virtual-keys refuses two keys of a provider and a key of another provider', async () => {
      const twice = await cast.member.client.post(
        PATH,
        make({ providerApiKeys: [...mapped(orgKey), ...mapped(ownKey)] }),
      );
      expect([twice.status, pointers(twice)]).toEqual([400, ['/providerApiKeys/1/provider']]);
      const wrong = await cast.member.client.post(PATH, make({ providerApiKeys: mapped(orgKey, 'groq') }));
      expect([wrong.status, pointers(wrong)]).toEqual([400, ['/providerApiKeys/0/providerApiKeyId']]);
    });

    it('POST /api/llm-virtual-keys refuses keys, proxies, teams and owners of another organization with 400', async () => {
      const theirs = await cast.stranger.client.create(KEYS, {
        name: 'x',
        provider: 'openai',
        apiKey: 'sk-theirs-00000',
        scope: 'org',
      });
      const proxy = createId<string>();
      await sql(gateway, "INSERT INTO llm_proxy (id, organization_id, name) VALUES ($1, $2, 'theirs')", [
        proxy,
        cast.stranger.organizationId,
      ]);
      const rows: [object, string][] = [
        [{ providerApiKeys: mapped(theirs) }, '/providerApiKeys/0/providerApiKeyId'],
        [{ allowedProxyIds: [proxy] }, '/allowedProxyIds/0'],
        [{ scope: 'team', teamIds: [cast.teamId, cast.strangeTeamId] }, '/teamIds/1'],
        [{ ownerId: cast.stranger.id }, '/ownerId'],
      ];
      for (const [over, pointer] of rows) {
        const answer = await cast.owner.client.post(PATH, make(over));
        expect([answer.status, pointers(answer)]).toEqual([400, [pointer]]);
      }
    });

    it('only people who may use a provider key can map it', async () => {
      const tries: [Person, object, number][] = [
        [cast.member, { providerApiKeys: mapped(ownKey) }, 201],
        [cast.other, { providerApiKeys: mapped(ownKey) }, 400],
        [cast.owner, { providerApiKeys: mapped(ownKey), ownerId: cast.member.id }, 400],
        [cast.member, { providerApiKeys: mapped(teamKey) }, 400],
        [cast.teamMember, { providerApiKeys: mapped(teamKey) }, 201],
        [cast.teamAdmin, { providerApiKeys: mapped(teamKey), scope: 'team', teamIds: [cast.teamId] }, 201],
        [cast.editor, { providerApiKeys: mapped(teamKey), scope: 'org' }, 400],
        [cast.editor, { providerApiKeys: mapped(teamKey) }, 400],
        [cast.owner, { providerApiKeys: mapped(teamKey), ownerId: cast.teamMember.id }, 201],
      ];
      for (const [person, over, expected] of tries)
        expect((await person.client.post(PATH, make(over))).status).toBe(expected);
      const ownOfOwner = await cast.owner.client.create(KEYS, {
        name: 'x',
        provider: 'openai',
        apiKey: 'sk-owner-00000',
      });
      expect(
        (await cast.owner.client.post(PATH, make({ providerApiKeys: mapped(ownOfOwner), scope: 'org' }))).status,
      ).toBe(400);
    });

    it('creating a virtual key needs the permission for its scope and its owner', async () => {
      const tries: [Person, object, number][] = [
        [cast.member, { scope: 'org' }, 403],
        [cast.editor, { scope: 'org' }, 201],
        [cast.editor, { scope: 'org', ownerId: null }, 201],
        [cast.teamMember, { scope: 'team', teamIds: [cast.teamId] }, 403],
        [cast.teamAdmin, { scope: 'team', teamIds: [cast.teamId] }, 201],
        [cast.teamAdmin, { scope: 'team', teamIds: [cast.teamId, await addTeam(gateway, cast.organizationId)] }, 403],
        [cast.editor, { ownerId: cast.member.id }, 403],
        [cast.owner, { ownerId: cast.member.id }, 201],
      ];
      for (const [person, over, expected] of tries) {
        const { status, body } = await person.client.post(PATH, make(over));
        expect(status).toBe(expected);
        if (expected === 403) expect(body.code).toBe('permission_denied');
      }
      expect((await gateway.admin.as(null).post(PATH, make())).status).toBe(401);
    });
  });

  describe('list and read', () => {
    it("the virtual key list shows a user's own keys, those of their teams and those of the organization", async () => {
      const own = await cast.teamMember.client.create(PATH, make());
      const others = await cast.other.client.create(PATH, make());
      const team = await cast.teamAdmin.client.create(PATH, make({ scope: 'team', teamIds: [cast.teamId] }));
      const org = await cast.editor.client.create(PATH, make({ scope: 'org' }));
      const list = async (person: Person): Promise<string[]> =>
        (await person.client.get(`${PATH}?limit=100`)).body.data.map((key: Json) => key.id);
      expect(await list(cast.teamMember)).toEqual(expect.arrayContaining([own.id, team.id, org.id]));
      expect(await list(cast.teamMember)).not.toContain(others.id);
      expect(await list(cast.member)).not.toContain(team.id);
      expect(await list(cast.editor)).toEqual(expect.arrayContaining([team.id]));
      expect(await list(cast.owner)).toEqual(expect.arrayContaining([own.id, others.id, team.id, org.id]));
      expect(await list(cast.stranger)).toEqual([]);
      expect((await cast.owner.client.get(`${PATH}/${others.id}`)).status).toBe(200);
      expect((await cast.editor.client.get(`${PATH}/${others.id}`)).status).toBe(404);
      expect((await cast.stranger.client.get(`${PATH}/${org.id}`)).status).toBe(404);
      expect((await cast.owner.client.get(`${PATH}/${createId()}`)).status).toBe(404);
      expect((await gateway.admin.as(null).get(PATH)).status).toBe(401);
    });

    it('the virtual key list filters by search, scope, keyType and ownerId, and refuses invalid filters with 400', async () => {
      const key = await cast.other.client.create(PATH, make({ name: 'Findable' }));
      const { body } = await cast.other.client.get(
        `${PATH}?search=findab&scope=personal&keyType=standard&ownerId=${cast.other.id}`,
      );
      expect(body.data).toMatchObject([{ id: key.id, providerApiKeys: mapped(orgKey) }]);
      for (const query of ['scope=all', 'keyType=x', 'ownerId=x', 'limit=1000']) {
        expect((await cast.other.client.get(`${PATH}?${query}`)).status).toBe(400);
      }
    });
  });

  describe('update', () => {
    const effects = (id: string) => effectsOf(gateway, `virtual-key:${id}`);

    it('PATCH /api/llm-virtual-keys/{id} changes the fields that are sent and keeps the others', async () => {
      const key = await cast.member.client.create(PATH, make({ allowedModels: ['gpt-*'] }));
      const { status, body } = await cast.member.client.patch(`${PATH}/${key.id}`, { name: 'new' });
      expect(status).toBe(200);
      expect(body).toMatchObject({
        name: 'new',
        allowedModels: ['gpt-*'],
        providerApiKeys: mapped(orgKey),
        tokenStart: key.tokenStart,
      });
      expect(body).not.toHaveProperty('value');
      expect((await auditOf(gateway, key.id)).at(-1)).toMatchObject({
        action: 'virtual_key.update',
        before: { name: 'ci' },
        after: { name: 'new' },
      });
      expect(await effects(key.id)).toEqual([]);
    });

    it('PATCH /api/llm-virtual-keys/{id} announces withdrawn access as revoked and granted access as changed', async () => {
      const key = await cast.member.client.create(PATH, make());
      const proxy = (
        await sql<{ id: string }>(gateway, 'SELECT id FROM llm_proxy WHERE organization_id = $1', [cast.organizationId])
      )[0]!.id;
      const soon = new Date(gateway.clock.now() + HOUR_MS).toISOString();
      const later = new Date(gateway.clock.now() + 2 * HOUR_MS).toISOString();
      const steps: [object, string][] = [
        [{ providerApiKeys: mapped(ownKey) }, 'changed'],
        [{ providerApiKeys: mapped(orgGroqKey, 'groq') }, 'revoked'],
        [{ providerApiKeys: [...mapped(orgKey), ...mapped(orgGroqKey, 'groq')] }, 'changed'],
        [{ providerApiKeys: mapped(orgKey) }, 'revoked'],
        [{ allowedModels: ['a', 'b'] }, 'revoked'],
        [{ allowedModels: ['a', 'b', 'c'] }, 'changed'],
        [{ allowedModels: ['a'] }, 'revoked'],
        [{ allowedModels: null }, 'changed'],
        [{ allowedProxyIds: [proxy] }, 'revoked'],
        [{ allowedProxyIds: [] }, 'changed'],
        [{ expiresAt: soon }, 'revoked'],
        [{ expiresAt: later }, 'changed'],
        [{ expiresAt: null }, 'changed'],
      ];
      for (const [body, expected] of steps) {
        expect((await cast.member.client.patch(`${PATH}/${key.id}`, body)).status).toBe(200);
        expect((await effects(key.id)).at(-1)).toBe(expected);
      }
      expect(await effects(key.id)).toHaveLength(steps.length);
    });

    it('a changed mapping of a virtual key takes effect on the next call', async () => {
      const key = await cast.member.client.create(PATH, make());
      expect(await call(key.value)).toBe(200);
      await cast.member.client.patch(`${PATH}/${key.id}`, { providerApiKeys: mapped(orgGroqKey, 'groq') });
      expect(await call(key.value)).toBe(400);
    });

    it('a team key moves only between teams that the caller manages and that own the mapped provider key', async () => {
      const second = await addTeam(gateway, cast.organizationId);
      const key = await cast.teamAdmin.client.create(
        PATH,
        make({ scope: 'team', teamIds: [cast.teamId], providerApiKeys: mapped(teamKey) }),
      );
      const path = `${PATH}/${key.id}`;
      expect((await cast.teamAdmin.client.patch(path, { teamIds: [cast.teamId, second] })).status).toBe(403);
      await join(gateway, second, cast.teamAdmin, 'admin');
      expect((await cast.teamAdmin.client.patch(path, { teamIds: [second] })).status).toBe(400);
      expect((await cast.teamAdmin.client.patch(path, { teamIds: [] })).status).toBe(400);
      expect((await cast.teamAdmin.client.patch(path, { teamIds: [cast.teamId, second] })).status).toBe(200);
    });

    it.each([
      { name: null },
      { ownerId: createId() },
      { keyType: 'passthrough' },
      { providerApiKeys: [] },
      { providerApiKeys: null },
      { teamIds: [createId()] },
      { expiresAt: '2020-01-01T00:00:00Z' },
    ])('PATCH /api/llm-virtual-keys/{id} refuses %j with 400', async (body) => {
      const key = await cast.member.client.create(PATH, make());
      expect((await cast.member.client.patch(`${PATH}/${key.id}`, body)).status).toBe(400);
    });

    it('a passthrough key refuses mappings with 400', async () => {
      const key = await cast.member.client.create(PATH, { name: 'me', keyType: 'passthrough' });
      expect((await cast.member.client.patch(`${PATH}/${key.id}`, { providerApiKeys: mapped(orgKey) })).status).toBe(
        400,
      );
    });

    it('only those who manage a key can change it', async () => {
      const personal = await cast.member.client.create(PATH, make());
      const org = await cast.editor.client.create(PATH, make({ scope: 'org' }));
      const tries: [Person, Json, number][] = [
        [cast.owner, personal, 403],
        [cast.other, personal, 404],
        [cast.stranger, personal, 404],
        [cast.member, org, 403],
        [cast.owner, org, 200],
      ];
      for (const [person, key, expected] of tries)
        expect((await person.client.patch(`${PATH}/${key.id}`, { name: 'x' })).status).toBe(expected);
      expect((await gateway.admin.as(null).patch(`${PATH}/${org.id}`, { name: 'x' })).status).toBe(401);
    });
  });

  describe('rotate', () => {
    it('rotation of a virtual key ends the old secret immediately by default', async () => {
      const key = await cast.member.client.create(PATH, make());
      expect(await call(key.value)).toBe(200);
      const { status, body, headers } = await cast.member.client.post(`${PATH}/${key.id}/rotate`, {});
      expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
      expect(body.value).not.toBe(key.value);
      expect(body.tokenStart).toBe(body.value.slice(0, 12));
      expect([await call(key.value), await call(body.value)]).toEqual([401, 200]);
      expect(await effectsOf(gateway, `virtual-key:${key.id}`)).toEqual(['revoked']);
      const entry = (await auditOf(gateway, key.id)).at(-1);
      expect(entry).toMatchObject({ action: 'virtual_key.rotate', after: { tokenStart: body.tokenStart } });
      expect(JSON.stringify(entry)).not.toContain(body.value);
    });

    it('rotation of a virtual key needs no request body', async () => {
      const key = await cast.member.client.create(PATH, make());
      expect((await cast.member.client.post(`${PATH}/${key.id}/rotate`)).status).toBe(200);
    });

    it('rotation of a virtual key with overlapSeconds keeps the old secret valid for that time', async () => {
      const key = await cast.member.client.create(PATH, make());
      expect(await call(key.value)).toBe(200);
      const { body } = await cast.member.client.post(`${PATH}/${key.id}/rotate`, { overlapSeconds: 60 });
      expect([await call(key.value), await call(body.value)]).toEqual([200, 200]);
      expect(await effectsOf(gateway, `virtual-key:${key.id}`)).toEqual(['changed']);
      gateway.clock.advance(61_000);
      expect([await call(key.value), await call(body.value)]).toEqual([401, 200]);
    });

    it('a later rotation of a virtual key never extends the overlap of an older secret', async () => {
      const key = await cast.member.client.create(PATH, make());
      const path = `${PATH}/${key.id}/rotate`;
      const second = (await cast.member.client.post(path, { overlapSeconds: 60 })).body;
      await cast.member.client.post(path, { overlapSeconds: 3600 });
      gateway.clock.advance(61_000);
      expect([await call(key.value), await call(second.value)]).toEqual([401, 200]);
    });

    it('rotation of a virtual key refuses invalid overlaps with 400 and expired or revoked keys with 409', async () => {
      const expiresAt = new Date(gateway.clock.now() + HOUR_MS).toISOString();
      const key = await cast.member.client.create(PATH, make({ expiresAt }));
      const path = `${PATH}/${key.id}/rotate`;
      for (const overlapSeconds of [-1, 2_592_001, 1.5, '60'])
        expect((await cast.member.client.post(path, { overlapSeconds })).status).toBe(400);
      gateway.clock.advance(2 * HOUR_MS);
      expect((await cast.member.client.post(path, {})).status).toBe(409);
      expect((await cast.member.client.get(`${PATH}/${key.id}`)).body.status).toBe('expired');
      const revoked = await cast.member.client.create(PATH, make());
      await cast.member.client.post(`${PATH}/${revoked.id}/revoke`);
      expect((await cast.member.client.post(`${PATH}/${revoked.id}/rotate`, {})).status).toBe(409);
    });

    it('only the owner of a personal key can rotate it, even for other roles', async () => {
      const key = await cast.member.client.create(PATH, make());
      const path = `${PATH}/${key.id}/rotate`;
      expect((await cast.owner.client.post(path, {})).status).toBe(403);
      expect((await cast.other.client.post(path, {})).status).toBe(404);
      expect((await cast.stranger.client.post(path, {})).status).toBe(404);
      expect((await gateway.admin.as(null).post(path, {})).status).toBe(401);
    });
  });

  describe('revoke and delete', () => {
    it('a revoked key is refused on its next call and stays in the list as revoked', async () => {
      const key = await cast.member.client.create(PATH, make());
      expect(await call(key.value)).toBe(200);
      const { status, body } = await cast.member.client.post(`${PATH}/${key.id}/revoke`);
      expect([status, body.status]).toEqual([200, 'revoked']);
      expect(await call(key.value)).toBe(401);
      expect((await cast.member.client.post(`${PATH}/${key.id}/revoke`)).body.revokedAt).toBe(body.revokedAt);
      expect((await cast.member.client.get(`${PATH}/${key.id}`)).body.status).toBe('revoked');
      expect((await auditOf(gateway, key.id)).map((entry) => entry.action)).toEqual([
        'virtual_key.create',
        'virtual_key.revoke',
      ]);
      expect(await effectsOf(gateway, `virtual-key:${key.id}`)).toEqual(['revoked']);
    });

    it('deleting a virtual key removes its secrets and mappings', async () => {
      const key = await cast.member.client.create(PATH, make());
      expect(await call(key.value)).toBe(200);
      expect((await cast.member.client.delete(`${PATH}/${key.id}`)).status).toBe(204);
      expect((await cast.member.client.delete(`${PATH}/${key.id}`)).status).toBe(404);
      expect(await call(key.value)).toBe(401);
      expect(await sql(gateway, 'SELECT 1 FROM key_binding WHERE holder_id = $1', [key.id])).toEqual([]);
      expect((await auditOf(gateway, key.id)).at(-1)).toMatchObject({ action: 'virtual_key.delete', after: null });
      expect(await effectsOf(gateway, `virtual-key:${key.id}`)).toEqual(['revoked']);
    });

    it('a personal key can also be revoked and deleted with any_key:write', async () => {
      const key = await cast.member.client.create(PATH, make());
      const org = await cast.editor.client.create(PATH, make({ scope: 'org' }));
      for (const end of [
        (p: Person, id: string) => p.client.post(`${PATH}/${id}/revoke`),
        (p: Person, id: string) => p.client.delete(`${PATH}/${id}`),
      ]) {
        expect((await end(cast.other, key.id)).status).toBe(404);
        expect((await end(cast.stranger, key.id)).status).toBe(404);
        expect((await end({ ...cast.other, client: gateway.admin.as(null) }, key.id)).status).toBe(401);
        expect((await end(cast.other, org.id)).status).toBe(403);
        expect((await end(cast.owner, key.id)).status).toBeLessThan(300);
      }
    });
  });

  describe('virtual keys without a provider key', () => {
    const storeOrgKey = () =>
      cast.owner.client.create(KEYS, { name: 'x', provider: 'openai', apiKey: 'sk-org-00000000', scope: 'org' });

    it('PATCH /api/llm-virtual-keys/{id} refuses an empty mapping list with 400 and suggests revoking the key', async () => {
      const key = await cast.member.client.create(PATH, make());
      const emptied = await cast.member.client.patch(`${PATH}/${key.id}`, { providerApiKeys: [] });
      expect([emptied.status, emptied.body.code, pointers(emptied)]).toEqual([
        400,
        'validation_failed',
        ['/providerApiKeys'],
      ]);
      expect(emptied.body.detail).toContain('revoke it');
      expect(await call(key.value)).toBe(200);
      const own = await cast.member.client.create(PATH, { name: 'me', keyType: 'passthrough' });
      expect((await cast.member.client.patch(`${PATH}/${own.id}`, { providerApiKeys: [] })).status).toBe(200);
    });

    it('a virtual key whose provider key is deleted becomes unmapped until it is mapped again', async () => {
      const stored = await storeOrgKey();
      const key = await cast.member.client.create(PATH, make({ providerApiKeys: mapped(stored) }));
      const both = await cast.member.client.create(
        PATH,
        make({ providerApiKeys: [...mapped(stored), ...mapped(orgGroqKey, 'groq')] }),
      );
      expect([await call(key.value), await call(both.value)]).toEqual([200, 200]);
      expect((await cast.owner.client.delete(`${KEYS}/${stored.id}`)).status).toBe(204);
      const answer = await fetch(`${gateway.url}/v1/openai/models`, {
        headers: { authorization: `Bearer ${key.value}` },
      });
      const { error } = await answer.json();
      expect([answer.status, error.code]).toEqual([400, 'provider_not_mapped']);
      expect(await call(both.value)).toBe(400);
      const shown = (await cast.member.client.get(`${PATH}/${key.id}`)).body;
      expect(shown).toMatchObject({ status: 'unmapped', providerApiKeys: [], revokedAt: null });
      const listed = (await cast.member.client.get(`${PATH}?limit=100`)).body.data as Json[];
      expect(listed.find(({ id }) => id === key.id)).toMatchObject({ status: 'unmapped', providerApiKeys: [] });
      expect((await cast.member.client.get(`${PATH}/${both.id}`)).body).toMatchObject({
        status: 'active',
        providerApiKeys: mapped(orgGroqKey, 'groq'),
      });
      expect((await auditOf(gateway, key.id)).at(-1)).toMatchObject({
        action: 'virtual_key.update',
        before: { providerApiKeys: mapped(stored) },
        after: { providerApiKeys: [] },
      });
      expect(await effectsOf(gateway, `virtual-key:${key.id}`)).toEqual(['revoked']);
      expect((await cast.member.client.patch(`${PATH}/${key.id}`, { name: 'renamed' })).body.status).toBe('unmapped');
      const again = await cast.member.client.patch(`${PATH}/${key.id}`, { providerApiKeys: mapped(orgKey) });
      expect(again.body.status).toBe('active');
      expect(await call(key.value)).toBe(200);
    });

    it('webhooks receive credential.unmapped only for an active key without any mapping left', async () => {
      const stored = await storeOrgKey();
      const providerApiKeys = mapped(stored);
      const events = ['credential.unmapped'];
      const webhook = await cast.owner.client.create('/api/webhooks', { url: 'https://hooks.example.com/x', events });
      const lost = await cast.member.client.create(PATH, make({ providerApiKeys }));
      await cast.member.client.create(
        PATH,
        make({ providerApiKeys: [...providerApiKeys, ...mapped(orgGroqKey, 'groq')] }),
      );
      const revoked = await cast.member.client.create(PATH, make({ providerApiKeys }));
      await cast.member.client.post(`${PATH}/${revoked.id}/revoke`);
      const application = await cast.owner.client.create('/api/llm-oauth-clients', {
        name: 'app',
        grantType: 'client_credentials',
        providerApiKeys,
        scope: 'org',
      });
      await cast.owner.client.delete(`${KEYS}/${stored.id}`);
      const told = await sql<{ payload: string }>(
        gateway,
        'SELECT payload FROM webhook_delivery WHERE webhook_id = $1',
        [webhook.id],
      );
      const data = told.map(({ payload }) => JSON.parse(payload).data);
      expect(data).toHaveLength(2);
      expect(data).toEqual(
        expect.arrayContaining([
          { credentialType: 'virtual_key', id: lost.id, name: 'ci' },
          { credentialType: 'oauth_client', id: application.id, name: 'app' },
        ]),
      );
      const shown = await cast.owner.client.get(`/api/llm-oauth-clients/${application.id}`);
      expect(shown.body.providerApiKeys).toEqual([]);
      expect((await auditOf(gateway, application.id)).at(-1)).toMatchObject({
        action: 'oauth_client.update',
        after: { providerApiKeys: [] },
      });
      expect(await effectsOf(gateway, `oauth-client:${application.id}`)).toContain('revoked');
    });

    it('deleting a team removes the mappings to its provider keys', async () => {
      const teamId = await addTeam(gateway, cast.organizationId);
      const person = await addPerson(gateway, cast.organizationId, 'member');
      await join(gateway, teamId, person, 'admin');
      const stored = await person.client.create(KEYS, {
        name: 'x',
        provider: 'openai',
        apiKey: 'sk-team-00000000',
        scope: 'team',
        teamId,
      });
      const key = await person.client.create(PATH, make({ providerApiKeys: mapped(stored) }));
      expect(await call(key.value)).toBe(200);
      expect((await cast.owner.client.delete(`/api/teams/${teamId}`)).status).toBe(204);
      expect(await call(key.value)).toBe(400);
      expect((await person.client.get(`${PATH}/${key.id}`)).body).toMatchObject({
        status: 'unmapped',
        providerApiKeys: [],
      });
    });
  });

  describe('deleted users and teams', () => {
    it('a member who leaves a team can no longer use its provider key through a personal virtual key', async () => {
      const person = await addPerson(gateway, cast.organizationId, 'member');
      await join(gateway, cast.teamId, person, 'member');
      const key = await person.client.create(PATH, make({ providerApiKeys: mapped(teamKey) }));
      expect(await call(key.value)).toBe(200);
      expect((await cast.owner.client.delete(`/api/teams/${cast.teamId}/members/${person.id}`)).status).toBe(204);
      expect(await call(key.value)).toBe(400);
    });

    it("deleting a user revokes the user's keys", async () => {
      const person = await addPerson(gateway, cast.organizationId, 'member');
      const own = await person.client.create(KEYS, { name: 'x', provider: 'openai', apiKey: 'sk-person-00000' });
      const key = await person.client.create(PATH, make({ providerApiKeys: mapped(own) }));
      expect(await call(key.value)).toBe(200);
      expect((await cast.owner.client.delete(`/api/users/${person.id}`)).status).toBe(204);
      expect(await call(key.value)).toBe(401);
      expect(await effectsOf(gateway, `virtual-key:${key.id}`)).toEqual(['revoked']);
      expect((await effectsOf(gateway, `provider-key:${own.id}`)).length).toBe(2);
      expect(await sql(gateway, 'SELECT 1 FROM key_binding WHERE holder_id = $1', [key.id])).toEqual([]);
    });

    it('deleting a team revokes the keys that belong to no other team', async () => {
      const [first, second] = [
        await addTeam(gateway, cast.organizationId),
        await addTeam(gateway, cast.organizationId),
      ];
      const both = await cast.editor.client.create(PATH, make({ scope: 'team', teamIds: [first, second] }));
      const one = await cast.editor.client.create(PATH, make({ scope: 'team', teamIds: [first] }));
      expect([await call(both.value), await call(one.value)]).toEqual([200, 200]);
      expect((await cast.owner.client.delete(`/api/teams/${first}`)).status).toBe(204);
      expect([await call(both.value), await call(one.value)]).toEqual([200, 401]);
      expect((await cast.editor.client.get(`${PATH}/${both.id}`)).body.teamIds).toEqual([second]);
    });
  });

  it('a call records lastUsedAt of its virtual key and provider key', async () => {
    const key = await cast.member.client.create(PATH, make());
    expect(await call(key.value)).toBe(200);
    await gateway.app.nest.get(LastUsedWriter).flush();
    expect((await cast.member.client.get(`${PATH}/${key.id}`)).body.lastUsedAt).not.toBeNull();
    expect((await cast.member.client.get(`${KEYS}/${orgKey.id}`)).body.lastUsedAt).not.toBeNull();
  });

  it('/api/me names the providers that a virtual key reaches', async () => {
    const { body } = await cast.member.client.get('/api/me');
    expect(body.reachableProviders).toContain('openai');
    expect((await cast.stranger.client.get('/api/me')).body.reachableProviders).not.toContain('groq');
  });
});
