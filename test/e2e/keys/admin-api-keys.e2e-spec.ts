import { computeTokenDigest } from '../../../src/platform/crypto/token-digest.js';
import { isWellFormed } from '../../../src/platform/crypto/token-mint.js';
import { createId } from '../../../src/platform/ids.js';
import type { Json } from '../../support/http/admin-client.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { auditOf, castOf, effectsOf, sql, type Cast } from '../../support/gateway/people.js';

const PATH = '/api/api-keys';
const BOTH = ['admin:read', 'admin:write'];

describe('admin API keys', () => {
  let gateway: TestGateway;
  let cast: Cast;

  beforeAll(async () => {
    gateway = await startGateway();
    cast = await castOf(gateway);
  });
  afterAll(() => gateway.close());

  const ids = (body: Json): string[] => body.data.map((key: Json) => key.id);

  describe('create', () => {
    it('POST /api/api-keys answers 201, shows the value once and stores only its digest', async () => {
      const { status, body, headers } = await cast.member.client.post(PATH, { name: ' script ' });
      expect(status).toBe(201);
      expect(headers.get('cache-control')).toBe('no-store');
      const { value, ...shown } = body;
      expect(shown).toEqual({
        id: expect.any(String),
        userId: cast.member.id,
        name: 'script',
        tokenStart: value.slice(0, 13),
        scopes: ['admin:read'],
        expiresAt: null,
        createdAt: expect.any(String),
        lastUsedAt: null,
      });
      expect(isWellFormed(value, 'arch_api_')).toBe(true);
      expect((await cast.member.client.get(`${PATH}/${body.id}`)).body).toEqual(shown);
      expect(await auditOf(gateway, body.id)).toMatchObject([{ action: 'api_key.create', before: null, after: shown }]);
      const [row] = await sql<{ digest: Buffer }>(gateway, 'SELECT * FROM admin_api_key WHERE id = $1', [body.id]);
      expect(Buffer.from(row!.digest)).toEqual(computeTokenDigest(value));
      expect(JSON.stringify([row, await auditOf(gateway, body.id), gateway.log])).not.toContain(value);
    });

    it.each([
      [{}, '/name'],
      [{ name: '' }, '/name'],
      [{ name: 'x', scopes: [] }, '/scopes'],
      [{ name: 'x', scopes: null }, '/scopes'],
      [{ name: 'x', scopes: ['llm:proxy'] }, '/scopes'],
      [{ name: 'x', expiresAt: 'soon' }, '/expiresAt'],
      [{ name: 'x', expiresAt: 4e12 }, '/expiresAt'],
      [{ name: 'x', expiresAt: '2020-01-01T00:00:00Z' }, '/expiresAt'],
      [{ name: 'x', userId: createId() }, '/userId'],
    ])('POST /api/api-keys refuses %j with 400 and its pointer', async (body, pointer) => {
      const answer = await cast.member.client.post(PATH, body);
      expect(answer.status).toBe(400);
      expect(answer.body.errors[0].pointer).toBe(pointer);
    });
  });

  describe('authentication with an admin API key', () => {
    it('an admin API key acts as its user within its scopes', async () => {
      const reading = gateway.admin.as((await gateway.admin.create(PATH, { name: 'reads' })).value);
      expect((await reading.get('/api/users')).status).toBe(200);
      const refused = await reading.post('/api/teams', { name: 'x' });
      expect(refused).toMatchObject({ status: 403, body: { code: 'insufficient_scope' } });
      expect(refused.headers.get('www-authenticate')).toContain('scope="admin:write"');
      const writing = gateway.admin.as(
        (await gateway.admin.create(PATH, { name: 'writes', scopes: ['admin:write'] })).value,
      );
      expect((await writing.post('/api/teams', { name: 'by a key' })).status).toBe(201);
      expect((await writing.get('/api/users')).status).toBe(200);
    });

    it('an admin API key never exceeds the role of its user', async () => {
      const { value } = await cast.member.client.create(PATH, { name: 'both', scopes: BOTH });
      expect((await gateway.admin.as(value).get('/api/users')).status).toBe(403);
    });

    it('an admin API key is accepted without the Bearer scheme', async () => {
      const answer = await gateway.admin
        .as(null)
        .call('GET', '/api/me', undefined, { authorization: gateway.adminKey });
      expect(answer.status).toBe(200);
    });

    it('an admin API key expires at expiresAt to the millisecond', async () => {
      const expiresAt = new Date(gateway.clock.now() + 60_000).toISOString();
      const { value } = await gateway.admin.create(PATH, { name: 'short', expiresAt });
      const client = gateway.admin.as(value);
      expect((await client.get('/api/me')).status).toBe(200);
      gateway.clock.advance(60_000);
      expect(await client.get('/api/me')).toMatchObject({ status: 401, body: { code: 'credential_expired' } });
    });

    it.each(['arch_api_', 'arch_api_short', `arch_api_${'x'.repeat(49)}`])(
      'the malformed key %s gets 401',
      async (key) => {
        expect(await gateway.admin.as(key).get('/api/me')).toMatchObject({
          status: 401,
          body: { code: 'credential_invalid' },
        });
      },
    );

    it('an admin API key gets 401 method_not_accepted on LLM routes', async () => {
      const answer = await gateway.admin.call('POST', '/v1/openai/chat/completions', { model: 'gpt-4o', messages: [] });
      expect(answer.status).toBe(401);
      expect(JSON.stringify(answer.body)).toContain('method_not_accepted');
    });
  });

  describe('list', () => {
    it('the admin API key list shows own keys, and with any_api_key:write those of every user', async () => {
      const mine = await cast.other.client.create(PATH, { name: 'mine' });
      const own = (await cast.other.client.get(`${PATH}?limit=100`)).body;
      expect(own.data.every((key: Json) => key.userId === cast.other.id)).toBe(true);
      expect(ids(own)).toContain(mine.id);
      const all = (await gateway.admin.get(`${PATH}?limit=100`)).body;
      expect(ids(all)).toEqual(expect.arrayContaining(ids(own)));
      expect(all.data.every((key: Json) => key.userId !== cast.stranger.id)).toBe(true);
      expect(JSON.stringify(all)).not.toMatch(/digest|"value"/);
      expect((await gateway.admin.get(`${PATH}?search=min`)).body.data).toHaveLength(1);
    });
  });

  describe('delete', () => {
    it('a deleted admin API key gets 401 on its next call, and a second deletion gets 404', async () => {
      const { id, value } = await cast.member.client.create(PATH, { name: 'gone', scopes: BOTH });
      const client = gateway.admin.as(value);
      expect((await client.get('/api/me')).status).toBe(200);
      expect((await cast.member.client.delete(`${PATH}/${id}`)).status).toBe(204);
      expect((await client.get('/api/me')).status).toBe(401);
      expect((await cast.member.client.delete(`${PATH}/${id}`)).status).toBe(404);
      expect(await effectsOf(gateway, `admin-api-key:${id}`)).toEqual(['revoked']);
      expect((await auditOf(gateway, id)).at(-1)).toMatchObject({
        action: 'api_key.delete',
        before: { id },
        after: null,
      });
    });

    it('an owner can delete every key, and other users only their own', async () => {
      const { id } = await cast.member.client.create(PATH, { name: 'theirs' });
      for (const { client } of [cast.other, cast.editor, cast.stranger]) {
        expect((await client.get(`${PATH}/${id}`)).status).toBe(404);
        expect((await client.delete(`${PATH}/${id}`)).status).toBe(404);
      }
      expect((await gateway.admin.delete(`${PATH}/${id}`)).status).toBe(204);
    });

    it('/api/api-keys answers 404 to a malformed id and 401 without a credential', async () => {
      expect((await gateway.admin.delete(`${PATH}/mine`)).status).toBe(404);
      expect((await gateway.admin.as(null).delete(`${PATH}/${createId()}`)).status).toBe(401);
      expect((await gateway.admin.as(null).post(PATH, { name: 'x' })).status).toBe(401);
      expect((await gateway.admin.as(null).get(PATH)).status).toBe(401);
    });
  });
});
