import { createId } from '../../../src/platform/ids.js';
import type { Json } from '../../support/http/admin-client.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { auditOf, castOf, effectsOf, sql, type Cast } from '../../support/gateway/people.js';

const PATH = '/api/llm-proxies';
const NO_POLICY = {
  allowedModels: [],
  deniedModels: [],
  allowedOperations: [],
  maxOutputTokens: null,
  allowedIpRanges: [],
  allowedHours: [],
  requiredHeaders: [],
  guardrails: [],
};
const OFFICE = { days: ['mon', 'fri'], from: '08:00', to: '18:00', timeZone: 'Europe/Berlin' };
const CARDS = { name: 'cards', detector: 'credit_card', on: 'both', action: 'block' };

describe('LLM proxies', () => {
  let gateway: TestGateway;
  let cast: Cast;

  beforeAll(async () => {
    gateway = await startGateway();
    cast = await castOf(gateway);
  });
  afterAll(() => gateway.close());

  let count = 0;
  const name = () => `proxy ${++count}`;
  const make = (over: object = {}): Promise<Json> => cast.editor.client.create(PATH, { name: name(), ...over });
  const defaults = async (): Promise<string[]> => {
    const { data } = (await gateway.admin.get(`${PATH}?limit=100`)).body;
    return data.filter((proxy: Json) => proxy.isDefault).map((proxy: Json) => proxy.id);
  };

  describe('create', () => {
    it('a new LLM proxy needs only a name and has defaults for the rest', async () => {
      const { status, body } = await cast.editor.client.post(PATH, { name: 'plain' });
      expect(status).toBe(201);
      expect(body).toEqual({
        id: expect.any(String),
        name: 'plain',
        isDefault: false,
        teamIds: [],
        identityProviderIds: [],
        allowDirectKeys: true,
        allowJwtOnRouter: false,
        strictAudit: false,
        policy: NO_POLICY,
        captureContent: null,
        contentRetentionDays: null,
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      });
      expect((await cast.member.client.get(`${PATH}/${body.id}`)).body).toEqual(body);
      expect(await auditOf(gateway, body.id)).toMatchObject([
        { action: 'llm_proxy.create', before: null, after: body },
      ]);
      expect(await effectsOf(gateway, `llm-proxy:${body.id}`)).toEqual(['changed']);
      expect((await gateway.admin.get(`${PATH}?search=PLAI`)).body).toMatchObject({
        data: [body],
        pagination: { total: 1 },
      });
    });

    it('POST /api/llm-proxies stores every field', async () => {
      const given = {
        teamIds: [cast.teamId],
        allowDirectKeys: false,
        allowJwtOnRouter: true,
        strictAudit: true,
        policy: {
          allowedModels: ['openai:gpt-*'],
          deniedModels: ['*-preview'],
          allowedOperations: ['files'],
          maxOutputTokens: 100,
          allowedIpRanges: ['10.0.0.0/8', '2001:db8::/32', '192.0.2.1'],
          allowedHours: [OFFICE, { ...OFFICE, from: '22:00', to: '06:00' }, { ...OFFICE, from: '00:00', to: '24:00' }],
          requiredHeaders: ['agent', 'session'],
          guardrails: [
            { name: 'cards', detector: 'credit_card', pattern: null, on: 'both', action: 'redact' },
            { name: 'projects', detector: 'pattern', pattern: 'PRJ-\\d{4}', on: 'request', action: 'block' },
          ],
        },
        captureContent: 'redacted',
        contentRetentionDays: 14,
      };
      const body = await make(given);
      expect(body).toMatchObject(given);
      expect((await gateway.admin.get(`${PATH}/${body.id}`)).body).toEqual(body);
    });

    it.each([
      [{}, '/name'],
      [{ name: ' ' }, '/name'],
      [{ name: 'x', isDefault: null }, '/isDefault'],
      [{ name: 'x', teamIds: 'all' }, '/teamIds'],
      [{ name: 'x', teamIds: ['all'] }, '/teamIds'],
      [{ name: 'x', allowDirectKeys: 'yes' }, '/allowDirectKeys'],
      [{ name: 'x', captureContent: 'all' }, '/captureContent'],
      [{ name: 'x', contentRetentionDays: 366 }, '/contentRetentionDays'],
      [{ name: 'x', policy: 'none' }, '/policy'],
      [{ name: 'x', policy: { allowedModels: ['a b'] } }, '/policy/allowedModels'],
      [{ name: 'x', policy: { deniedModels: ['a\0'] } }, '/policy/deniedModels/0'],
      [{ name: 'x', policy: { deniedModels: ['\ud800'] } }, '/policy/deniedModels/0'],
      [{ name: 'x', policy: { allowedOperations: ['administration'] } }, '/policy/allowedOperations'],
      [{ name: 'x', policy: { maxOutputTokens: 0 } }, '/policy/maxOutputTokens'],
      [{ name: 'x', policy: { allowedIpRanges: ['10.0.0.0/33'] } }, '/policy/allowedIpRanges'],
      [{ name: 'x', policy: { allowedIpRanges: ['::1', 'localhost'] } }, '/policy/allowedIpRanges'],
      [{ name: 'x', policy: { allowedHours: [{ ...OFFICE, days: [] }] } }, '/policy/allowedHours/0/days'],
      [{ name: 'x', policy: { allowedHours: [{ ...OFFICE, days: ['monday'] }] } }, '/policy/allowedHours/0/days'],
      [{ name: 'x', policy: { allowedHours: [{ ...OFFICE, from: '24:00' }] } }, '/policy/allowedHours/0/from'],
      [{ name: 'x', policy: { allowedHours: [OFFICE, { ...OFFICE, to: '8pm' }] } }, '/policy/allowedHours/1/to'],
      [{ name: 'x', policy: { allowedHours: [{ ...OFFICE, to: '08:00' }] } }, '/policy/allowedHours/0/to'],
      [{ name: 'x', policy: { allowedHours: [{ ...OFFICE, timeZone: 'Mars' }] } }, '/policy/allowedHours/0/timeZone'],
      [{ name: 'x', policy: { allowedHours: [null] } }, '/policy/allowedHours/0'],
      [{ name: 'x', policy: { requiredHeaders: ['team'] } }, '/policy/requiredHeaders'],
      [{ name: 'x', policy: { guardrails: 'all' } }, '/policy/guardrails'],
      [{ name: 'x', policy: { guardrails: [null] } }, '/policy/guardrails/0'],
      [{ name: 'x', policy: { guardrails: [{ ...CARDS, name: 'a, b' }] } }, '/policy/guardrails/0/name'],
      [{ name: 'x', policy: { guardrails: [{ ...CARDS, detector: 'names' }] } }, '/policy/guardrails/0/detector'],
      [{ name: 'x', policy: { guardrails: [{ ...CARDS, pattern: 'a' }] } }, '/policy/guardrails/0/pattern'],
      [{ name: 'x', policy: { guardrails: [{ ...CARDS, detector: 'pattern' }] } }, '/policy/guardrails/0/pattern'],
      [
        { name: 'x', policy: { guardrails: [{ ...CARDS, detector: 'pattern', pattern: '[a' }] } },
        '/policy/guardrails/0/pattern',
      ],
      [
        { name: 'x', policy: { guardrails: [{ ...CARDS, detector: 'pattern', pattern: '(a)\\1' }] } },
        '/policy/guardrails/0/pattern',
      ],
      [
        { name: 'x', policy: { guardrails: [{ ...CARDS, detector: 'pattern', pattern: 'a*' }] } },
        '/policy/guardrails/0/pattern',
      ],
      [{ name: 'x', policy: { guardrails: [{ ...CARDS, on: 'all' }] } }, '/policy/guardrails/0/on'],
      [{ name: 'x', policy: { guardrails: [{ ...CARDS, action: 'log' }] } }, '/policy/guardrails/0/action'],
      [{ name: 'x', policy: { guardrails: [CARDS, CARDS] } }, '/policy/guardrails'],
      [{ name: 'x', policy: { rule: 1 } }, '/policy/rule'],
      [{ name: 'x', identityProviderIds: null }, '/identityProviderIds'],
      [{ name: 'x', identityProviderIds: ['acme'] }, '/identityProviderIds'],
    ])('POST /api/llm-proxies refuses %j with 400 and its pointer', async (body, pointer) => {
      const answer = await gateway.admin.post(PATH, body);
      expect(answer.status).toBe(400);
      expect(answer.body.errors[0].pointer).toBe(pointer);
    });

    it('teamIds with unknown teams or teams of another organization get 400 with a pointer to each', async () => {
      const { status, body } = await gateway.admin.post(PATH, {
        name: name(),
        teamIds: [createId(), cast.teamId, cast.strangeTeamId],
      });
      expect(status).toBe(400);
      expect(body).toMatchObject({
        code: 'validation_failed',
        errors: [{ pointer: '/teamIds/0' }, { pointer: '/teamIds/2' }],
      });
    });

    it('an LLM proxy name in use gets 409 with its pointer', async () => {
      const { status, body } = await gateway.admin.post(PATH, { name: 'default' });
      expect(status).toBe(409);
      expect(body).toMatchObject({ code: 'conflict', errors: [{ pointer: '/name' }] });
    });
  });

  describe('change', () => {
    it('PATCH /api/llm-proxies/{id} merges the policy: absent fields stay and null removes', async () => {
      const { id } = await make({ policy: { allowedModels: ['a*'], maxOutputTokens: 5 }, captureContent: 'full' });
      const patch = (body: object) => cast.editor.client.patch(`${PATH}/${id}`, body);
      expect((await patch({ policy: { maxOutputTokens: null, deniedModels: ['b'] } })).body).toMatchObject({
        policy: { ...NO_POLICY, allowedModels: ['a*'], deniedModels: ['b'] },
        captureContent: 'full',
      });
      expect((await patch({ policy: { allowedModels: [] }, captureContent: null })).body).toMatchObject({
        policy: { ...NO_POLICY, deniedModels: ['b'] },
        captureContent: null,
      });
      // The module that reads it interprets a present list as a rule.
      expect(await sql(gateway, 'SELECT policy FROM llm_proxy WHERE id = $1', [id])).toEqual([
        { policy: { deniedModels: ['b'] } },
      ]);
      expect((await patch({ policy: null })).body.policy).toEqual(NO_POLICY);
      expect((await patch({})).status).toBe(200);
      expect((await auditOf(gateway, id))[1]).toMatchObject({
        action: 'llm_proxy.update',
        before: { policy: { maxOutputTokens: 5 } },
        after: { policy: { maxOutputTokens: null } },
      });
    });

    it.each([
      { name: null },
      { teamIds: null },
      { allowDirectKeys: null },
      { policy: { maxOutputTokens: 'x' } },
      { id: createId() },
    ])('PATCH /api/llm-proxies/{id} refuses %j with 400', async (body) => {
      const { id } = await make();
      expect((await gateway.admin.patch(`${PATH}/${id}`, body)).status).toBe(400);
    });

    it('PATCH /api/llm-proxies/{id} refuses unknown teams with 400 and a name in use with 409', async () => {
      const { id } = await make();
      expect(
        (await gateway.admin.patch(`${PATH}/${id}`, { teamIds: [cast.strangeTeamId] })).body.errors[0].pointer,
      ).toBe('/teamIds/0');
      expect((await gateway.admin.patch(`${PATH}/${id}`, { name: 'default' })).status).toBe(409);
    });

    it.each([
      ['a restriction to one team', {}, { teamIds: ['team'] }, 'revoked'],
      ['disallowed direct keys', {}, { allowDirectKeys: false }, 'revoked'],
      ['disallowed identity tokens', { allowJwtOnRouter: true }, { allowJwtOnRouter: false }, 'revoked'],
      ['a removed restriction', { teamIds: ['team'] }, { teamIds: [] }, 'changed'],
      ['a new name', {}, { name: 'renamed' }, 'changed'],
    ])('the gateway announces %s', async (_, before, change, effect) => {
      const withTeam = (body: object) =>
        JSON.parse(JSON.stringify(body).replace('"team"', JSON.stringify(cast.teamId))) as object;
      const { id } = await make(withTeam(before));
      expect((await gateway.admin.patch(`${PATH}/${id}`, withTeam(change))).status).toBe(200);
      expect(await effectsOf(gateway, `llm-proxy:${id}`)).toEqual(['changed', effect]);
      expect((await effectsOf(gateway, `llm-proxies:${cast.organizationId}`)).at(-1)).toBe('changed');
    });
  });

  describe('the default LLM proxy', () => {
    it('the default moves to the LLM proxy that is created or changed to be it', async () => {
      const made = await make({ isDefault: true });
      expect(await defaults()).toEqual([made.id]);
      const { id } = await make();
      expect((await gateway.admin.patch(`${PATH}/${id}`, { isDefault: true })).body.isDefault).toBe(true);
      expect(await defaults()).toEqual([id]);
    });

    it('one default remains after concurrent creation of several', async () => {
      const answers = await Promise.all(
        [1, 2, 3].map(() => gateway.admin.post(PATH, { name: name(), isDefault: true })),
      );
      expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
      expect(await defaults()).toHaveLength(1);
    });

    it('the default LLM proxy cannot be unset or deleted and gets 409', async () => {
      const [id] = await defaults();
      expect(await gateway.admin.patch(`${PATH}/${id}`, { isDefault: false })).toMatchObject({
        status: 409,
        body: { code: 'conflict', errors: [{ pointer: '/isDefault' }] },
      });
      expect(await gateway.admin.delete(`${PATH}/${id}`)).toMatchObject({ status: 409, body: { code: 'conflict' } });
      expect(await defaults()).toEqual([id]);
    });
  });

  describe('delete', () => {
    it('deleting an LLM proxy is announced as revoked, and a second deletion gets 404', async () => {
      const { id } = await make();
      expect((await cast.editor.client.delete(`${PATH}/${id}`)).status).toBe(204);
      expect((await cast.editor.client.delete(`${PATH}/${id}`)).status).toBe(404);
      expect(await effectsOf(gateway, `llm-proxy:${id}`)).toEqual(['changed', 'revoked']);
      expect((await auditOf(gateway, id)).at(-1)).toMatchObject({
        action: 'llm_proxy.delete',
        before: { id },
        after: null,
      });
    });
  });

  describe('permission matrix', () => {
    it('every operation on LLM proxies without a credential gets 401', async () => {
      expect((await gateway.admin.as(null).get(PATH)).status).toBe(401);
      expect((await gateway.admin.as(null).post(PATH, { name: 'x' })).status).toBe(401);
    });

    it('members read LLM proxies and cannot write them', async () => {
      const { id } = await make();
      const { client } = cast.member;
      expect((await client.get(PATH)).status).toBe(200);
      for (const answer of [
        await client.post(PATH, { name: name() }),
        await client.patch(`${PATH}/${id}`, { name: name() }),
        await client.delete(`${PATH}/${id}`),
      ]) {
        expect(answer).toMatchObject({ status: 403, body: { code: 'permission_denied' } });
      }
    });

    it('an LLM proxy of another organization, an unknown id and a malformed id get 404', async () => {
      const { id: own } = await make();
      for (const [client, id] of [
        [cast.stranger.client, own],
        [gateway.admin, createId()],
        [gateway.admin, 'default'],
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
  });
});
