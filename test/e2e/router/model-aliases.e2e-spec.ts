import { CredentialResolver } from '../../../src/keys/credentials/credential-resolver.js';
import { createId, type OrgId, type ProviderKeyId, type TeamId, type UserId } from '../../../src/platform/ids.js';
import { findProvider } from '../../../src/providers/registry.js';
import type { KeySource } from '../../../src/auth/callers/caller.js';
import { ModelAliasLookup } from '../../../src/router/aliases/model-alias.lookup.js';
import type { Json } from '../../support/http/admin-client.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { auditOf, castOf, effectsOf, type Cast, type Person } from '../../support/gateway/people.js';

const PATH = '/api/model-aliases';
const MODEL = 'groq:llama-3.3-70b-versatile';

describe('model aliases', () => {
  let gateway: TestGateway;
  let cast: Cast;

  beforeAll(async () => {
    gateway = await startGateway();
    cast = await castOf(gateway);
  });
  afterAll(() => gateway.close());

  let count = 0;
  const name = () => `alias-${++count}`;
  const make = (over: object = {}): Promise<Json> =>
    cast.editor.client.create(PATH, { name: name(), targets: [{ model: MODEL }], ...over });
  const storeKey = (as: Person, over: object = {}): Promise<Json> =>
    as.client.create('/api/llm-provider-api-keys', {
      name: 'a key',
      provider: 'groq',
      apiKey: 'gsk_0123456789abcdef',
      ...over,
    });
  const find = (alias: string) =>
    gateway.app.nest.get(ModelAliasLookup, { strict: false }).find(cast.organizationId as OrgId, alias);

  describe('creation', () => {
    it('an alias needs only a name and targets, and other members get defaults', async () => {
      const targets = [{ model: MODEL }, { model: 'openrouter:meta-llama/llama-3.3:free' }];
      const { status, body } = await cast.editor.client.post(PATH, { name: 'fast', targets });
      expect(status).toBe(201);
      expect(body).toEqual({
        id: expect.any(String),
        name: 'fast',
        description: null,
        targets: [
          { model: MODEL, weight: 1, priority: 0, providerApiKeyId: null },
          { model: 'openrouter:meta-llama/llama-3.3:free', weight: 1, priority: 1, providerApiKeyId: null },
        ],
        crossKeyOwners: false,
        maxAttempts: 3,
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      });
      expect((await cast.member.client.get(`${PATH}/${body.id}`)).body).toEqual(body);
      expect((await cast.member.client.get(`${PATH}?search=FAS`)).body).toMatchObject({
        data: [body],
        pagination: { total: 1 },
      });
      expect(await auditOf(gateway, body.id)).toMatchObject([
        { action: 'model_alias.create', before: null, after: body },
      ]);
      expect(await effectsOf(gateway, `model-aliases:${cast.organizationId}`)).toEqual(['changed']);
    });

    it('an alias stores all its members, with the targets in the order of attempts', async () => {
      const key = await storeKey(cast.editor, { scope: 'org' });
      const body = await make({
        description: 'Cheap first.\nThen good.',
        targets: [
          { model: 'openai:gpt-5.4', priority: 4 },
          { model: MODEL, weight: 3, priority: 1, providerApiKeyId: key.id },
          { model: MODEL, priority: 1, providerApiKeyId: null },
        ],
        crossKeyOwners: true,
        maxAttempts: 10,
      });
      expect(body).toMatchObject({
        description: 'Cheap first.\nThen good.',
        targets: [
          { model: MODEL, weight: 3, priority: 1, providerApiKeyId: key.id },
          { model: MODEL, weight: 1, priority: 1, providerApiKeyId: null },
          { model: 'openai:gpt-5.4', weight: 1, priority: 4 },
        ],
        crossKeyOwners: true,
        maxAttempts: 10,
      });
      expect((await gateway.admin.get(`${PATH}/${body.id}`)).body).toEqual(body);
    });

    it.each([
      [{ name: undefined }, '/name'],
      [{ name: 'two words' }, '/name'],
      [{ name: 'groq:fast' }, '/name'],
      [{ name: 'groq/fast' }, '/name'],
      [{ description: 7 }, '/description'],
      [{ description: 'a\0' }, '/description'],
      [{ targets: undefined }, '/targets'],
      [{ targets: null }, '/targets'],
      [{ targets: [] }, '/targets'],
      [{ targets: Array.from({ length: 21 }, () => ({ model: MODEL })) }, '/targets'],
      [{ targets: [MODEL] }, '/targets/0'],
      [{ targets: [{}] }, '/targets/0/model'],
      [{ targets: [{ model: 'nowhere:gpt-5.4' }] }, '/targets/0/model'],
      [{ targets: [{ model: MODEL }, { model: 'fast' }] }, '/targets/1/model'],
      [{ targets: [{ model: 'groq/llama' }] }, '/targets/0/model'],
      [{ targets: [{ model: 'groq:' }] }, '/targets/0/model'],
      [{ targets: [{ model: 'groq:a b' }] }, '/targets/0/model'],
      [{ targets: [{ model: MODEL, weight: 0 }] }, '/targets/0/weight'],
      [{ targets: [{ model: MODEL, weight: 1.5 }] }, '/targets/0/weight'],
      [{ targets: [{ model: MODEL, priority: -1 }] }, '/targets/0/priority'],
      [{ targets: [{ model: MODEL, providerApiKeyId: 'x' }] }, '/targets/0/providerApiKeyId'],
      [{ targets: [{ model: MODEL, providerApiKeyId: createId() }] }, '/targets/0/providerApiKeyId'],
      [{ targets: [{ model: MODEL, key: 'x' }] }, '/targets/0/key'],
      [{ crossKeyOwners: null }, '/crossKeyOwners'],
      [{ maxAttempts: 0 }, '/maxAttempts'],
      [{ maxAttempts: 11 }, '/maxAttempts'],
      [{ retries: 1 }, '/retries'],
    ])('creating an alias with %j is refused with 400 and a pointer', async (over, pointer) => {
      const answer = await gateway.admin.post(PATH, { name: 'x', targets: [{ model: MODEL }], ...over });
      expect(answer.status).toBe(400);
      expect(answer.body.errors[0].pointer).toBe(pointer);
    });

    it('an alias name may contain a colon after a word that is not a provider', async () => {
      expect((await make({ name: 'team:fast' })).name).toBe('team:fast');
    });

    it('creating an alias with a taken name is refused with 409, except in another case', async () => {
      const { name: taken } = await make();
      expect(await gateway.admin.post(PATH, { name: taken, targets: [{ model: MODEL }] })).toMatchObject({
        status: 409,
        body: { code: 'conflict', errors: [{ pointer: '/name' }] },
      });
      expect((await make({ name: (taken as string).toUpperCase() })).id).toEqual(expect.any(String));
    });
  });

  describe('pinned keys', () => {
    const pinned = (as: Person, providerApiKeyId: string, model = MODEL) =>
      as.client.post(PATH, { name: name(), targets: [{ model, providerApiKeyId }] });

    it('a pinned key must belong to the organization or a team, not to a user or another organization', async () => {
      const team = await storeKey(cast.editor, { scope: 'team', teamId: cast.teamId });
      expect((await pinned(cast.editor, team.id)).status).toBe(201);
      const strange = await storeKey(cast.stranger, { scope: 'org' });
      for (const key of [await storeKey(cast.editor), await storeKey(cast.member), strange]) {
        expect(await pinned(cast.editor, key.id)).toMatchObject({
          status: 400,
          body: { errors: [{ pointer: '/targets/0/providerApiKeyId' }] },
        });
      }
    });

    it('a pinned key must be of the provider of its model', async () => {
      const key = await storeKey(cast.editor, { scope: 'org' });
      const { status, body } = await pinned(cast.editor, key.id, 'openai:gpt-5.4');
      expect([status, body.errors[0].detail]).toEqual([400, 'This key is for groq, not for openai.']);
    });

    describe('use of pinned keys', () => {
      let org: string;
      let team: string;
      beforeAll(async () => {
        org = (await storeKey(cast.editor, { scope: 'org' })).id as string;
        team = (await storeKey(cast.editor, { scope: 'team', teamId: cast.teamId })).id as string;
      });

      const use = (keySource: KeySource, id: string) =>
        gateway.app.nest
          .get(CredentialResolver, { strict: false })
          .resolvePinned(
            { keySource, organizationId: cast.organizationId as OrgId },
            findProvider('groq')!,
            id as ProviderKeyId,
          );
      const member = ({ id }: Person, teamId: string | null = null): KeySource => ({
        kind: 'member',
        userId: id as UserId,
        teamId: teamId as TeamId | null,
      });
      const bound = (id: string, provider = 'groq'): KeySource => ({
        kind: 'bound',
        keys: new Map([[provider, id as ProviderKeyId]]),
      });
      const notMapped = { code: 'provider_not_mapped' };

      it('a pinned key of the organization serves all members, and one of a team its members', async () => {
        expect(await use(member(cast.member), org)).toMatchObject({ providerKeyId: org, scope: 'org' });
        expect(await use(member(cast.teamMember), team)).toMatchObject({ providerKeyId: team, scope: 'team' });
        await expect(use(member(cast.member), team)).rejects.toMatchObject(notMapped);
        await expect(use(member(cast.stranger), org)).rejects.toMatchObject(notMapped);
      });

      it("a pinned key serves credentials mapped to it, and the organization's any mapped credential", async () => {
        const own = (await storeKey(cast.member)).id as string;
        expect(await use(bound(team), team)).toMatchObject({ providerKeyId: team });
        expect(await use(bound(own), org)).toMatchObject({ providerKeyId: org });
        await expect(use(bound(own), team)).rejects.toMatchObject(notMapped);
        await expect(use(bound(own, 'openai'), org)).rejects.toMatchObject(notMapped);
        await expect(use({ kind: 'none' }, org)).rejects.toMatchObject(notMapped);
      });

      it('a deleted pinned key fails with provider_key_unavailable', async () => {
        const { id } = await storeKey(cast.editor, { scope: 'org' });
        await use(bound(id as string), id as string);
        await cast.editor.client.delete(`/api/llm-provider-api-keys/${id}`);
        await expect(use(bound(id as string), id as string)).rejects.toMatchObject({
          code: 'provider_key_unavailable',
        });
      });
    });
  });

  describe('changes', () => {
    it('PATCH merges members, applies immediately and is audited', async () => {
      const made = await make({ description: 'before', maxAttempts: 5 });
      expect((await find(made.name))!.targets).toHaveLength(1);
      const targets = [{ model: 'openai:gpt-5.4' }, { model: MODEL }];
      const { status, body } = await cast.editor.client.patch(`${PATH}/${made.id}`, { targets, description: null });
      expect(status).toBe(200);
      expect(body).toMatchObject({ name: made.name, description: null, maxAttempts: 5 });
      expect(body.targets.map(({ model }: Json) => model)).toEqual(['openai:gpt-5.4', MODEL]);
      expect(await find(made.name)).toMatchObject({ targets: [{ provider: 'openai', model: 'gpt-5.4' }, {}] });
      expect((await auditOf(gateway, made.id))[1]).toMatchObject({
        action: 'model_alias.update',
        before: { description: 'before' },
        after: { description: null },
      });
      const renamed = name();
      await cast.editor.client.patch(`${PATH}/${made.id}`, { name: renamed });
      expect([await find(made.name), (await find(renamed))?.id]).toEqual([null, made.id]);
      expect((await gateway.admin.patch(`${PATH}/${made.id}`, {})).body).toMatchObject({ name: renamed, targets });
    });

    it.each([
      { name: null },
      { name: 'openai:x' },
      { targets: null },
      { targets: [] },
      { targets: [{ model: 'nowhere:x' }] },
      { maxAttempts: null },
      { id: createId() },
    ])('changing an alias to %j is refused with 400', async (body) => {
      const { id } = await make();
      expect((await gateway.admin.patch(`${PATH}/${id}`, body)).status).toBe(400);
    });

    it('renaming an alias to a taken name is refused with 409', async () => {
      const [one, other] = [await make(), await make()];
      expect((await gateway.admin.patch(`${PATH}/${one.id}`, { name: other.name })).status).toBe(409);
    });

    it('an alias with a deleted pinned key can still be changed', async () => {
      const key = await storeKey(cast.editor, { scope: 'org' });
      const made = await make({ targets: [{ model: MODEL, providerApiKeyId: key.id }] });
      await cast.editor.client.delete(`/api/llm-provider-api-keys/${key.id}`);
      const { status, body } = await gateway.admin.patch(`${PATH}/${made.id}`, { maxAttempts: 1 });
      expect([status, body.targets[0].providerApiKeyId]).toEqual([200, key.id]);
    });
  });

  describe('deletion', () => {
    it('DELETE applies immediately and is audited, and a second one returns 404', async () => {
      const made = await make();
      expect(await find(made.name)).not.toBeNull();
      expect((await cast.editor.client.delete(`${PATH}/${made.id}`)).status).toBe(204);
      expect(await find(made.name)).toBeNull();
      expect((await cast.editor.client.delete(`${PATH}/${made.id}`)).status).toBe(404);
      expect((await auditOf(gateway, made.id)).at(-1)).toMatchObject({
        action: 'model_alias.delete',
        before: { id: made.id },
        after: null,
      });
    });
  });

  describe('permissions', () => {
    it('every request without a credential gets 401', async () => {
      const { id } = await make();
      const nobody = gateway.admin.as(null);
      for (const answer of [
        await nobody.get(PATH),
        await nobody.post(PATH, { name: 'x', targets: [{ model: MODEL }] }),
        await nobody.get(`${PATH}/${id}`),
        await nobody.patch(`${PATH}/${id}`, {}),
        await nobody.delete(`${PATH}/${id}`),
      ]) {
        expect(answer.status).toBe(401);
      }
    });

    it('members may read but not write aliases', async () => {
      const { id } = await make();
      const { client } = cast.member;
      expect((await client.get(PATH)).status).toBe(200);
      for (const answer of [
        await client.post(PATH, { name: name(), targets: [{ model: MODEL }] }),
        await client.patch(`${PATH}/${id}`, { name: name() }),
        await client.delete(`${PATH}/${id}`),
      ]) {
        expect(answer).toMatchObject({ status: 403, body: { code: 'permission_denied' } });
      }
    });

    it('an alias of another organization, an unknown id and an invalid id get 404', async () => {
      const { id: own } = await make();
      for (const [client, id] of [
        [cast.stranger.client, own],
        [gateway.admin, createId()],
        [gateway.admin, 'fast'],
      ] as const) {
        for (const answer of [
          await client.get(`${PATH}/${id}`),
          await client.patch(`${PATH}/${id}`, { name: 'x' }),
          await client.delete(`${PATH}/${id}`),
        ]) {
          expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
        }
      }
      expect((await cast.stranger.client.get(PATH)).body.data).toEqual([]);
    });

    it('alias names are unique per organization', async () => {
      const { name: taken } = await make();
      expect((await cast.stranger.client.post(PATH, { name: taken, targets: [{ model: MODEL }] })).status).toBe(201);
      expect((await find(taken))!.organizationId).toBe(cast.organizationId);
    });
  });
});
