import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SealedBox } from '../../../src/platform/crypto/sealed-box.js';
import { createId } from '../../../src/platform/ids.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { auditOf, castOf, effectsOf, sql, type Cast } from '../../support/gateway/people.js';

const PATH = '/api/llm-provider-api-keys';
const SECRET = 'sk-proj-0123456789abcdefghijWXYZ';

describe('provider keys', () => {
  let gateway: TestGateway;
  let cast: Cast;

  beforeAll(async () => {
    gateway = await startGateway({ LLM_GROQ_BASE_URL: 'https://groq.example/openai/v1' });
    cast = await castOf(gateway);
  });
  afterAll(() => gateway.close());

  const make = (over: object = {}) => ({ name: 'main', provider: 'openai', apiKey: SECRET, ...over });
  const teamKey = () => cast.teamAdmin.client.create(PATH, make({ scope: 'team', teamId: cast.teamId }));
  const orgKey = (over: object = {}) => cast.editor.client.create(PATH, make({ scope: 'org', ...over }));
  const rowOf = async (id: string): Promise<Record<string, string>> =>
    (await sql<Record<string, string>>(gateway, 'SELECT * FROM provider_key WHERE id = $1', [id]))[0]!;

  describe('create', () => {
    it('a new provider key is personal by default and is shown without its secret', async () => {
      const { status, body } = await cast.member.client.post(PATH, make());
      expect(status).toBe(201);
      expect(body).toEqual({
        id: expect.any(String),
        name: 'main',
        provider: 'openai',
        scope: 'personal',
        ownerId: cast.member.id,
        teamId: null,
        isPrimary: false,
        last4: 'WXYZ',
        secretRef: null,
        servers: null,
        baseUrl: null,
        extraHeaders: {},
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
        lastUsedAt: null,
      });
    });

    it('the stored secret of a provider key decrypts only in its own row', async () => {
      const { id } = await cast.member.client.create(PATH, make());
      const sealed = (await rowOf(id)).sealed_secret!;
      expect(sealed).not.toContain(SECRET);
      const box = new SealedBox(gateway.resources.config.encryptionKeys);
      expect(box.open(sealed, { table: 'provider_key', column: 'sealed_secret', id }).expose()).toBe(SECRET);
      expect(() => box.open(sealed, { table: 'provider_key', column: 'sealed_secret', id: createId() })).toThrow();
    });

    it("creating a provider key writes an audit entry without the secret and announces the owner's keys", async () => {
      const { id } = await cast.member.client.create(PATH, make());
      const [entry] = await auditOf(gateway, id);
      expect(entry).toMatchObject({ action: 'provider_key.create', before: null, actor_id: cast.member.id });
      expect(JSON.stringify(entry)).not.toContain(SECRET);
      expect(await effectsOf(gateway, `provider-keys-of:${cast.member.id}`)).toContain('changed');
    });

    it.each([
      ['an unknown provider', { provider: 'nobody' }, '/provider'],
      ['a missing key', { apiKey: undefined }, '/apiKey'],
      ['a key with white space', { apiKey: 'sk abc' }, '/apiKey'],
      ['a key with a line break', { apiKey: 'sk-abc\r\nx: y' }, '/apiKey'],
      ['a virtual key as the key', { apiKey: 'arch_abcdefghijk' }, '/apiKey'],
      ['an access token as the key', { apiKey: 'llm_at_abcdefghijk' }, '/apiKey'],
      ['an unknown field', { colour: 'red' }, '/colour'],
      ['a NUL in the name', { name: 'a\0b' }, '/name'],
      ['an empty name', { name: '  ' }, '/name'],
      ['a private address as baseUrl', { baseUrl: 'https://169.254.169.254/v1' }, '/baseUrl'],
      ['a public address without TLS', { baseUrl: 'http://8.8.8.8/v1' }, '/baseUrl'],
      ['a baseUrl with a query', { baseUrl: 'https://api.example.com/v1?a=b' }, '/baseUrl'],
      ['a missing baseUrl for a provider without a default', { provider: 'azure' }, '/baseUrl'],
      ['scope team without a team', { scope: 'team' }, '/teamId'],
      ['a team without scope team', { teamId: createId() }, '/teamId'],
      ['a credential in extraHeaders', { extraHeaders: { Authorization: 'Bearer x' } }, '/extraHeaders/Authorization'],
      [
        'a header whose name says secret',
        { extraHeaders: { 'cf-access-client-secret': 'x' } },
        '/extraHeaders/cf-access-client-secret',
      ],
      ['the header cookie', { extraHeaders: { cookie: 'a=b' } }, '/extraHeaders/cookie'],
      ['the header host', { extraHeaders: { Host: 'x' } }, '/extraHeaders/Host'],
      ['a hop-by-hop header', { extraHeaders: { 'transfer-encoding': 'chunked' } }, '/extraHeaders/transfer-encoding'],
      ['a content header', { extraHeaders: { 'content-type': 'x' } }, '/extraHeaders/content-type'],
      [
        'a header of the gateway',
        { extraHeaders: { 'x-archestra-user-id': 'x' } },
        '/extraHeaders/x-archestra-user-id',
      ],
      ['a header with a line break', { extraHeaders: { 'x-a': 'b\r\nc: d' } }, '/extraHeaders/x-a'],
      ['a header twice', { extraHeaders: { 'x-a': '1', 'X-A': '2' } }, '/extraHeaders/X-A'],
    ])('POST /api/llm-provider-api-keys refuses %s with 400', async (_, over, pointer) => {
      const { status, body } = await cast.editor.client.post(PATH, make(over));
      expect(status).toBe(400);
      expect(body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
      expect(JSON.stringify(body)).not.toContain(SECRET);
    });

    it('the refusal of a credential in extraHeaders suggests apiKey', async () => {
      const { body } = await cast.member.client.post(PATH, make({ extraHeaders: { 'x-api-key': 'x' } }));
      expect(body.detail).toContain('apiKey');
    });

    it('POST /api/llm-provider-api-keys refuses a missing body with 400', async () => {
      expect((await cast.member.client.post(PATH)).status).toBe(400);
    });

    it('a provider with an optional key needs none, and a base URL of the deployment is accepted', async () => {
      await cast.member.client.create(PATH, {
        name: 'local',
        provider: 'ollama',
        baseUrl: 'http://127.0.0.1:11434/v1/',
      });
      await cast.member.client.create(PATH, make({ provider: 'groq' }));
    });

    it('POST /api/llm-provider-api-keys refuses a team of another organization with 400', async () => {
      const { status, body } = await cast.owner.client.post(PATH, make({ scope: 'team', teamId: cast.strangeTeamId }));
      expect(status).toBe(400);
      expect(body.errors[0].pointer).toBe('/teamId');
    });

    it('POST /api/llm-provider-api-keys without a credential gets 401', async () => {
      expect((await gateway.admin.as(null).post(PATH, make())).status).toBe(401);
    });

    it('only team admins and team_key:write can create team keys', async () => {
      const body = make({ scope: 'team', teamId: cast.teamId });
      expect((await cast.teamAdmin.client.post(PATH, body)).status).toBe(201);
      expect((await cast.editor.client.post(PATH, body)).status).toBe(201);
      for (const person of [cast.teamMember, cast.member]) {
        const { status, body: problem } = await person.client.post(PATH, body);
        expect([status, problem.code]).toEqual([403, 'permission_denied']);
      }
    });

    it('creating a provider key of the organization needs org_key:write', async () => {
      expect((await cast.editor.client.post(PATH, make({ scope: 'org' }))).status).toBe(201);
      expect((await cast.member.client.post(PATH, make({ scope: 'org' }))).status).toBe(403);
    });
  });

  describe('secretRef', () => {
    const byReference = (secretRef: string) => ({ name: 'kept', provider: 'openai', scope: 'org', secretRef });

    it('a secretRef replaces the key for those with org_key:write', async () => {
      const key = await cast.editor.client.create(PATH, byReference('env:LLM_SECRET_OPENAI'));
      expect(key).toMatchObject({ secretRef: 'env:LLM_SECRET_OPENAI', last4: '' });
      const { status } = await cast.member.client.post(PATH, {
        ...byReference('env:LLM_SECRET_OPENAI'),
        scope: 'personal',
      });
      expect(status).toBe(403);
    });

    it.each(['env:DATABASE_URL', 'env:ENCRYPTION_KEYS', 'vault:kv/a#b', 'file:/etc/passwd', 'nothing'])(
      'POST /api/llm-provider-api-keys refuses the secretRef %s with 400',
      async (ref) => {
        const { status, body } = await cast.editor.client.post(PATH, byReference(ref));
        expect([status, body.errors[0].pointer]).toEqual([400, '/secretRef']);
      },
    );

    it('POST /api/llm-provider-api-keys refuses a secretRef beside apiKey with 400', async () => {
      const { status } = await cast.editor.client.post(PATH, {
        ...byReference('env:LLM_SECRET_OPENAI'),
        apiKey: SECRET,
      });
      expect(status).toBe(400);
    });
  });

  describe('list and read', () => {
    it('the provider key list shows own keys, team keys and keys of the organization, and never a secret', async () => {
      const own = await cast.teamMember.client.create(PATH, make());
      const others = await cast.other.client.create(PATH, make());
      const team = await teamKey();
      const org = await orgKey();
      const { status, body } = await cast.teamMember.client.get(`${PATH}?limit=100`);
      expect(status).toBe(200);
      const ids = body.data.map((key: { id: string }) => key.id);
      expect(ids).toEqual(expect.arrayContaining([own.id, team.id, org.id]));
      expect(ids).not.toContain(others.id);
      expect(JSON.stringify(body)).not.toMatch(/sk-proj|sealed/i);
      expect(body.pagination).toMatchObject({ currentPage: 1, limit: 100, hasPrev: false });
    });

    it('any_key:write reads every key, and team_key:write the keys of every team', async () => {
      const personal = await cast.member.client.create(PATH, make());
      const team = await teamKey();
      expect((await cast.owner.client.get(`${PATH}/${personal.id}`)).status).toBe(200);
      expect((await cast.editor.client.get(`${PATH}/${personal.id}`)).status).toBe(404);
      expect((await cast.editor.client.get(`${PATH}/${team.id}`)).status).toBe(200);
      expect((await cast.member.client.get(`${PATH}/${team.id}`)).status).toBe(404);
    });

    it('the provider key list filters by provider, scope and search, page by page', async () => {
      const key = await cast.other.client.create(PATH, make({ name: '100% Cohere_key', provider: 'cohere' }));
      const { body } = await cast.other.client.get(
        `${PATH}?provider=cohere&scope=personal&search=${encodeURIComponent('100% c')}&limit=1`,
      );
      expect(body.data.map((row: { id: string }) => row.id)).toEqual([key.id]);
      expect(body.pagination).toMatchObject({ total: 1, totalPages: 1, hasNext: false });
      expect((await cast.other.client.get(`${PATH}?search=x_Cohere`)).body.data).toEqual([]);
    });

    it.each(['limit=0', 'limit=101', 'offset=-1', 'provider=nobody', 'scope=all', 'colour=red', 'search=%00'])(
      'GET /api/llm-provider-api-keys?%s is refused with 400',
      async (query) => {
        expect((await cast.member.client.get(`${PATH}?${query}`)).status).toBe(400);
      },
    );

    it('/available lists the keys that the caller may use', async () => {
      const personal = await cast.member.client.create(PATH, make({ provider: 'mistral' }));
      const team = await cast.teamAdmin.client.create(
        PATH,
        make({ provider: 'mistral', scope: 'team', teamId: cast.teamId }),
      );
      const org = await orgKey({ provider: 'mistral' });
      const available = async (who: { client: typeof gateway.admin }) =>
        (await who.client.get(`${PATH}/available?provider=mistral`)).body.data.map((key: { id: string }) => key.id);
      expect(await available(cast.member)).toEqual([org.id, personal.id]);
      expect(await available(cast.teamMember)).toEqual([org.id, team.id]);
      expect(await available(cast.owner)).toEqual([org.id]);
    });

    it('an unknown id, a malformed id and a provider key of another organization get 404', async () => {
      const key = await orgKey();
      for (const id of [createId(), 'nothing']) expect((await cast.owner.client.get(`${PATH}/${id}`)).status).toBe(404);
      const { status, body } = await cast.stranger.client.get(`${PATH}/${key.id}`);
      expect([status, body.code]).toEqual([404, 'not_found']);
      expect((await cast.stranger.client.get(PATH)).body.data).toEqual([]);
      expect((await gateway.admin.as(null).get(PATH)).status).toBe(401);
    });
  });

  describe('primary keys', () => {
    it('one key per scope, owner and provider is primary, also after concurrent creation', async () => {
      const first = await orgKey({ provider: 'xai', isPrimary: true });
      const others = await Promise.all([1, 2, 3].map(() => orgKey({ provider: 'xai', isPrimary: true })));
      const second = await orgKey({ provider: 'xai' });
      await cast.editor.client.patch(`${PATH}/${second.id}`, { isPrimary: true });
      const personal = await cast.editor.client.create(PATH, make({ provider: 'xai', isPrimary: true }));
      const { body } = await cast.editor.client.get(`${PATH}?provider=xai`);
      const primary = body.data
        .filter((key: { isPrimary: boolean }) => key.isPrimary)
        .map((key: { id: string }) => key.id);
      expect(primary.sort()).toEqual([second.id, personal.id].sort());
      expect(primary).not.toContain(first.id);
      expect(others).toHaveLength(3);
    });
  });

  describe('update', () => {
    it('PATCH /api/llm-provider-api-keys/{id} merges fields and extraHeaders', async () => {
      const key = await cast.member.client.create(PATH, make({ extraHeaders: { 'x-a': '1', 'x-b': '2' } }));
      const { status, body } = await cast.member.client.patch(`${PATH}/${key.id}`, {
        name: 'new',
        extraHeaders: { 'x-a': null, 'x-c': '3' },
      });
      expect(status).toBe(200);
      expect(body).toMatchObject({ name: 'new', extraHeaders: { 'x-b': '2', 'x-c': '3' }, last4: 'WXYZ' });
      expect(body.extraHeaders).not.toHaveProperty('x-a');
      expect((await auditOf(gateway, key.id)).at(-1)).toMatchObject({
        action: 'provider_key.update',
        before: { name: 'main' },
        after: { name: 'new' },
      });
      expect(await effectsOf(gateway, `provider-key:${key.id}`)).toEqual(['changed', 'changed']);
    });

    it('changing the host of a stored key requires the key again', async () => {
      const key = await cast.member.client.create(PATH, make());
      const refused = await cast.member.client.patch(`${PATH}/${key.id}`, { baseUrl: 'https://thief.example/v1' });
      expect([refused.status, refused.body.errors[0].pointer]).toEqual([400, '/apiKey']);
      expect(refused.body.detail).toContain('send apiKey again');
      expect((await rowOf(key.id)).base_url).toBeNull();
      const agreed = await cast.member.client.patch(`${PATH}/${key.id}`, {
        baseUrl: 'https://mine.example/v1/',
        apiKey: 'sk-another-0000000009999',
      });
      expect(agreed.body).toMatchObject({ baseUrl: 'https://mine.example/v1', last4: '9999' });
      expect((await cast.member.client.patch(`${PATH}/${key.id}`, { baseUrl: 'https://mine.example/v1' })).status).toBe(
        200,
      );
      expect((await cast.member.client.patch(`${PATH}/${key.id}`, { baseUrl: null })).status).toBe(400);
    });

    it.each([{ name: null }, { isPrimary: null }, { provider: 'groq' }, { scope: 'org' }, { apiKey: '' }])(
      'PATCH /api/llm-provider-api-keys/{id} refuses %j with 400',
      async (body) => {
        const key = await cast.member.client.create(PATH, make());
        expect((await cast.member.client.patch(`${PATH}/${key.id}`, body)).status).toBe(400);
      },
    );

    it('changing a provider key gets 403 when the caller only sees it and 404 when it is hidden', async () => {
      const rows: [string, object, [Cast[keyof Cast], number][]][] = [
        [
          (await cast.member.client.create(PATH, make())).id,
          { name: 'x' },
          [
            [cast.owner, 403],
            [cast.editor, 404],
            [cast.stranger, 404],
          ],
        ],
        [
          (await teamKey()).id,
          { name: 'x' },
          [
            [cast.teamMember, 403],
            [cast.member, 404],
            [cast.editor, 200],
            [cast.stranger, 404],
          ],
        ],
        [
          (await orgKey()).id,
          { name: 'x' },
          [
            [cast.member, 403],
            [cast.owner, 200],
            [cast.stranger, 404],
          ],
        ],
      ];
      for (const [id, body, people] of rows) {
        for (const [person, expected] of people) {
          expect((await (person as Cast['owner']).client.patch(`${PATH}/${id}`, body)).status).toBe(expected);
        }
      }
      expect((await gateway.admin.as(null).patch(`${PATH}/${rows[0]![0]}`, {})).status).toBe(401);
    });
  });

  describe('rotate', () => {
    it('rotation of a provider key replaces the stored secret', async () => {
      const key = await cast.member.client.create(PATH, make());
      const sealed = (await rowOf(key.id)).sealed_secret;
      const { status, body } = await cast.member.client.post(`${PATH}/${key.id}/rotate`, {
        apiKey: 'sk-proj-next-00000000abcd',
      });
      expect([status, body.last4]).toEqual([200, 'abcd']);
      expect((await rowOf(key.id)).sealed_secret).not.toBe(sealed);
      const entry = (await auditOf(gateway, key.id)).at(-1);
      expect(entry).toMatchObject({
        action: 'provider_key.rotate',
        before: { last4: 'WXYZ' },
        after: { last4: 'abcd' },
      });
      expect(JSON.stringify(entry)).not.toContain('sk-proj-next');
      expect(await effectsOf(gateway, `provider-key:${key.id}`)).toEqual(['changed', 'changed']);
    });

    it('rotation of a provider key needs exactly one secret and the owner of the key', async () => {
      const key = await cast.member.client.create(PATH, make());
      const path = `${PATH}/${key.id}/rotate`;
      expect((await cast.member.client.post(path, {})).status).toBe(400);
      expect((await cast.member.client.post(path)).status).toBe(400);
      expect((await cast.editor.client.post(path, { apiKey: SECRET, secretRef: 'env:LLM_SECRET_X' })).status).toBe(404);
      expect((await cast.member.client.post(path, { secretRef: 'env:LLM_SECRET_X' })).status).toBe(403);
      expect((await cast.owner.client.post(path, { apiKey: SECRET })).status).toBe(403);
      expect((await cast.other.client.post(path, { apiKey: SECRET })).status).toBe(404);
      expect((await cast.stranger.client.post(path, { apiKey: SECRET })).status).toBe(404);
      expect((await gateway.admin.as(null).post(path, { apiKey: SECRET })).status).toBe(401);
    });
  });

  describe('delete', () => {
    it('deleting a provider key answers 204 and a second time 404', async () => {
      const key = await cast.member.client.create(PATH, make());
      expect((await cast.member.client.delete(`${PATH}/${key.id}`)).status).toBe(204);
      expect((await cast.member.client.delete(`${PATH}/${key.id}`)).status).toBe(404);
      expect((await auditOf(gateway, key.id)).at(-1)).toMatchObject({ action: 'provider_key.delete', after: null });
      expect(await effectsOf(gateway, `provider-key:${key.id}`)).toEqual(['changed', 'changed']);
    });

    it('a personal key can also be deleted with any_key:write', async () => {
      const key = await cast.member.client.create(PATH, make());
      expect((await cast.other.client.delete(`${PATH}/${key.id}`)).status).toBe(404);
      expect((await cast.stranger.client.delete(`${PATH}/${key.id}`)).status).toBe(404);
      expect((await gateway.admin.as(null).delete(`${PATH}/${key.id}`)).status).toBe(401);
      expect((await cast.owner.client.delete(`${PATH}/${key.id}`)).status).toBe(204);
      const team = await teamKey();
      expect((await cast.teamMember.client.delete(`${PATH}/${team.id}`)).status).toBe(403);
    });
  });

  describe('the test of a key', () => {
    let upstream: Server;
    let baseUrl: string;
    let seen: { url: string; headers: IncomingHttpHeaders }[];
    let answer: { status: number; body: string };

    beforeAll(async () => {
      upstream = createServer((request, response) => {
        seen.push({ url: request.url!, headers: request.headers });
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
      });
      await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
      baseUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/v1`;
    });
    beforeEach(() => {
      seen = [];
      answer = { status: 200, body: '{"data":[]}' };
    });
    afterAll(() => void upstream.close());

    it('testing a provider key calls the provider with it and returns the status', async () => {
      const key = await cast.member.client.create(PATH, make({ baseUrl, extraHeaders: { 'X-Project': 'a' } }));
      const { status, body } = await cast.member.client.post(`${PATH}/${key.id}/test`);
      expect(status).toBe(200);
      expect(body).toEqual({ ok: true, status: 200, latencyMs: expect.any(Number), message: expect.any(String) });
      expect(seen).toHaveLength(1);
      expect(seen[0]).toMatchObject({
        url: '/v1/models',
        headers: { authorization: `Bearer ${SECRET}`, 'x-project': 'a' },
      });
      expect((await auditOf(gateway, key.id)).at(-1)).toMatchObject({
        action: 'provider_key.test',
        after: { ok: true, status: 200 },
      });
    });

    it('the test result never contains the key, even when the provider repeats it', async () => {
      answer = { status: 401, body: JSON.stringify({ error: { message: `Incorrect API key: ${SECRET}` } }) };
      const key = await cast.member.client.create(PATH, make({ baseUrl }));
      const { body } = await cast.member.client.post(`${PATH}/${key.id}/test`);
      expect(body).toMatchObject({ ok: false, status: 401 });
      expect(JSON.stringify([body, await auditOf(gateway, key.id)])).not.toContain(SECRET);
    });

    it('testing a provider key uses the dialect of the provider and the rotated secret', async () => {
      const key = await cast.member.client.create(
        PATH,
        make({ provider: 'anthropic', baseUrl: baseUrl.replace('/v1', '') }),
      );
      await cast.member.client.post(`${PATH}/${key.id}/test`);
      await cast.member.client.post(`${PATH}/${key.id}/rotate`, { apiKey: 'sk-ant-rotated-000000' });
      await cast.member.client.post(`${PATH}/${key.id}/test`);
      expect(seen.map(({ url, headers }) => [url, headers['x-api-key'], headers['anthropic-version']])).toEqual([
        ['/v1/models', SECRET, '2023-06-01'],
        ['/v1/models', 'sk-ant-rotated-000000', '2023-06-01'],
      ]);
    });

    it('testing a provider key reports an unreachable provider and an unavailable secret', async () => {
      const key = await cast.member.client.create(PATH, make({ baseUrl: 'http://127.0.0.1:1/v1' }));
      expect((await cast.member.client.post(`${PATH}/${key.id}/test`)).body).toMatchObject({ ok: false, status: null });
      const kept = await cast.editor.client.create(PATH, {
        name: 'kept',
        provider: 'openai',
        secretRef: 'env:LLM_SECRET_NOT_SET',
      });
      expect((await cast.editor.client.post(`${PATH}/${kept.id}/test`)).body).toMatchObject({
        ok: false,
        status: null,
      });
    });

    it('only those who manage a key can test it', async () => {
      const key = await cast.member.client.create(PATH, make({ baseUrl }));
      expect((await cast.owner.client.post(`${PATH}/${key.id}/test`)).status).toBe(403);
      expect((await cast.other.client.post(`${PATH}/${key.id}/test`)).status).toBe(404);
      expect((await cast.stranger.client.post(`${PATH}/${key.id}/test`)).status).toBe(404);
      expect((await gateway.admin.as(null).post(`${PATH}/${key.id}/test`)).status).toBe(401);
      expect(seen).toEqual([]);
    });
  });
});
