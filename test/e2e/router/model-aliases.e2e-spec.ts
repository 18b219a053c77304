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

  describe('create', () => {
    it('needs a name and targets; everything else has a default', async () => {
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

    it('stores all of its fields, the targets in the order of trying', async () => {
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
    ])('refuses %j with 400 and its pointer', async (over, pointer) => {
      const answer = await gateway.admin.post(PATH, { name: 'x', targets: [{ model: MODEL }], ...over });
      expect(answer.status).toBe(400);
      expect(answer.body.errors[0].pointer).toBe(pointer);
    });

    it('lets a colon stand where no provider comes before it', async () => {
      expect((await make({ name: 'team:fast' })).name).toBe('team:fast');
    });

    it('refuses a name that is taken with 409 and its pointer; another case is another name', async () => {
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

    it("are the organisation's and the teams', and nobody's own or another organisation's", async () => {
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

    it('are of the same provider as the model', async () => {
      const key = await storeKey(cast.editor, { scope: 'org' });
      const { status, body } = await pinned(cast.editor, key.id, 'openai:gpt-5.4');
      expect([status, body.errors[0].detail]).toEqual([400, 'This key is for groq, not for openai.']);
    });

    describe('serve', () => {
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

      it("everyone with the organisation's, and members with their team's", async () => {
        expect(await use(member(cast.member), org)).toMatchObject({ providerKeyId: org, scope: 'org' });
        expect(await use(member(cast.teamMember), team)).toMatchObject({ providerKeyId: team, scope: 'team' });
        await expect(use(member(cast.member), team)).rejects.toMatchObject(notMapped);
        await expect(use(member(cast.stranger), org)).rejects.toMatchObject(notMapped);
      });

      it("credentials that are mapped to the key, and to any key of the provider with the organisation's", async () => {
        const own = (await storeKey(cast.member)).id as string;
        expect(await use(bound(team), team)).toMatchObject({ providerKeyId: team });
        expect(await use(bound(own), org)).toMatchObject({ providerKeyId: org });
        await expect(use(bound(own), team)).rejects.toMatchObject(notMapped);
        await expect(use(bound(own, 'openai'), org)).rejects.toMatchObject(notMapped);
        await expect(use({ kind: 'none' }, org)).rejects.toMatchObject(notMapped);
      });

      it('nobody once they are gone', async () => {
        const { id } = await storeKey(cast.editor, { scope: 'org' });
        await use(bound(id as string), id as string);
        await cast.editor.client.delete(`/api/llm-provider-api-keys/${id}`);
        await expect(use(bound(id as string), id as string)).rejects.toMatchObject({
          code: 'provider_key_unavailable',
        });
      });
    });
  });

  describe('change', () => {
    it('is a merge patch that holds at once', async () => {
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
    ])('refuses %j with 400', async (body) => {
      const { id } = await make();
      expect((await gateway.admin.patch(`${PATH}/${id}`, body)).status).toBe(400);
    });

    it('refuses a taken name with 409', async () => {
      const [one, other] = [await make(), await make()];
      expect((await gateway.admin.patch(`${PATH}/${one.id}`, { name: other.name })).status).toBe(409);
    });

    it('leaves be what refers to a key that is gone since', async () => {
      const key = await storeKey(cast.editor, { scope: 'org' });
      const made = await make({ targets: [{ model: MODEL, providerApiKeyId: key.id }] });
      await cast.editor.client.delete(`/api/llm-provider-api-keys/${key.id}`);
      const { status, body } = await gateway.admin.patch(`${PATH}/${made.id}`, { maxAttempts: 1 });
      expect([status, body.targets[0].providerApiKeyId]).toEqual([200, key.id]);
    });
  });

  describe('delete', () => {
    it('holds at once and leaves an audit entry; a second time there is nothing left', async () => {
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

  describe('permission matrix', () => {
    it('answers 401 without a credential', async () => {
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

    it('lets members read and not write', async () => {
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

    it("answers 404 for another organisation's, an unknown one and what is no id", async () => {
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

    it('keeps the names of organisations apart', async () => {
      const { name: taken } = await make();
      expect((await cast.stranger.client.post(PATH, { name: taken, targets: [{ model: MODEL }] })).status).toBe(201);
      expect((await find(taken))!.organizationId).toBe(cast.organizationId);
    });
  });
});
