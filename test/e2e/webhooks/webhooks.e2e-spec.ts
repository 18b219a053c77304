import { createId } from '../../../src/platform/ids.js';
import type { AdminClient, Json } from '../../support/http/admin-client.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { addPerson, auditOf, castOf, sql, type Cast, type Person } from '../../support/gateway/people.js';

const PATH = '/api/webhooks';
const WEBHOOK_URL = 'https://hooks.example.com/in?token=1';

describe('webhooks', () => {
  let gateway: TestGateway;
  let cast: Cast;

  beforeAll(async () => {
    gateway = await startGateway();
    cast = await castOf(gateway);
  });
  afterAll(() => gateway.close());

  const made = (over: object = {}, client: AdminClient = gateway.admin): Promise<Json> =>
    client.create(PATH, { url: WEBHOOK_URL, events: ['limit.exceeded'], ...over });
  const shown = ({ secret: _, ...view }: Json): Json => view;

  describe('create', () => {
    it('POST /api/webhooks answers 201 with the webhook, shows its secret once and keeps it out of the audit log', async () => {
      const { status, body, headers } = await gateway.admin.post(PATH, {
        url: WEBHOOK_URL,
        description: 'Pager',
        events: ['limit.exceeded', 'credential.revoked'],
      });
      expect(status).toBe(201);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(body).toEqual({
        id: expect.any(String),
        url: WEBHOOK_URL,
        description: 'Pager',
        events: ['limit.exceeded', 'credential.revoked'],
        isDisabled: false,
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
        secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
      });
      expect((await gateway.admin.get(`${PATH}/${body.id}`)).body).toEqual(shown(body));
      expect(await auditOf(gateway, body.id)).toMatchObject([
        { action: 'webhook.create', before: null, after: shown(body) },
      ]);
      const [row] = await sql<Json>(gateway, 'SELECT * FROM webhook WHERE id = $1', [body.id]);
      expect(JSON.stringify(row)).not.toContain(body.secret.slice('whsec_'.length));
    });

    it.each([
      ['a missing url', { url: undefined }, '/url'],
      ['an invalid url', { url: 'hooks' }, '/url'],
      ['another scheme', { url: 'ftp://hooks.example.com/' }, '/url'],
      ['credentials in the url', { url: 'https://a:b@hooks.example.com/' }, '/url'],
      ['a private address that is not listed', { url: 'https://10.0.0.1/' }, '/url'],
      ['an address of cloud metadata', { url: 'http://169.254.169.254/latest' }, '/url'],
      ['missing events', { events: undefined }, '/events'],
      ['an empty list of events', { events: [] }, '/events'],
      ['an unknown event', { events: ['everything'] }, '/events'],
      ['a repeated event', { events: ['limit.exceeded', 'limit.exceeded'] }, '/events'],
      ['null for isDisabled', { isDisabled: null }, '/isDisabled'],
      ['a given secret', { secret: 'whsec_x' }, '/secret'],
    ])('POST /api/webhooks refuses %s with 400 and its pointer', async (_, over, pointer) => {
      const answer = await gateway.admin.post(PATH, { url: WEBHOOK_URL, events: ['limit.exceeded'], ...over });
      expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
      expect(answer.body.errors[0].pointer).toBe(pointer);
    });

    it('the 51st webhook of an organization gets 409', async () => {
      const { client } = cast.stranger;
      for (let i = 0; i < 50; i++) await made({}, client);
      expect(await client.post(PATH, { url: WEBHOOK_URL, events: ['limit.exceeded'] })).toMatchObject({
        status: 409,
        body: { code: 'conflict' },
      });
    });
  });

  it("the webhook list pages, searches and shows only webhooks of the caller's organization", async () => {
    const ours = await made({ description: 'Zoo keeper' });
    const found = await gateway.admin.get(`${PATH}?search=zoo&limit=1`);
    expect(found).toMatchObject({ status: 200, body: { data: [shown(ours)], pagination: { total: 1 } } });
    expect((await gateway.admin.get(`${PATH}?limit=0`)).status).toBe(400);
    expect((await cast.stranger.client.get(`${PATH}?search=zoo`)).body.data).toEqual([]);
  });

  it('PATCH /api/webhooks/{id} changes the fields that are sent and writes both states into the audit log', async () => {
    const before = shown(await made({ description: 'old' }));
    const { status, body } = await gateway.admin.patch(`${PATH}/${before.id}`, { description: null, isDisabled: true });
    expect(status).toBe(200);
    expect(body).toEqual({ ...before, description: null, isDisabled: true, updatedAt: body.updatedAt });
    expect((await auditOf(gateway, before.id))[1]).toMatchObject({ action: 'webhook.update', before, after: body });
    for (const wrong of [{ url: 'http://10.0.0.1/' }, { url: null }, { events: [] }, { id: createId() }])
      expect((await gateway.admin.patch(`${PATH}/${before.id}`, wrong)).status).toBe(400);
  });

  it("rotation of a webhook's secret shows the new one once and keeps it out of the audit log", async () => {
    const { id, secret } = await made();
    const { status, body, headers } = await gateway.admin.post(`${PATH}/${id}/rotate`);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body.secret).toMatch(/^whsec_/);
    expect(body.secret).not.toBe(secret);
    const entries = await auditOf(gateway, id);
    expect(entries[1]).toMatchObject({ action: 'webhook.rotate_secret', after: shown(body) });
    expect(JSON.stringify(entries)).not.toContain('whsec_');
  });

  it('a test event is queued regardless of subscribed events, and deliveries are listed newest first', async () => {
    const { id } = await made({ url: 'https://hooks.invalid/' });
    const first = await gateway.admin.post(`${PATH}/${id}/test`);
    expect(first).toMatchObject({
      status: 200,
      body: { event: 'test', status: 'pending', attempts: 0, lastStatus: null, lastError: null, finishedAt: null },
    });
    const second = (await gateway.admin.post(`${PATH}/${id}/test`)).body;
    const { body } = await gateway.admin.get(`${PATH}/${id}/deliveries?limit=1`);
    expect(body).toMatchObject({ data: [{ id: second.id }], nextCursor: expect.any(String) });
    const next = await gateway.admin.get(`${PATH}/${id}/deliveries?limit=1&cursor=${body.nextCursor}`);
    expect(next.body).toMatchObject({ data: [{ id: first.body.id }], nextCursor: null });
    expect((await gateway.admin.get(`${PATH}/${id}/deliveries?status=delivered`)).body.data).toEqual([]);
    for (const query of ['status=lost', 'limit=0', 'cursor=x'])
      expect((await gateway.admin.get(`${PATH}/${id}/deliveries?${query}`)).status).toBe(400);
    expect((await auditOf(gateway, id)).map(({ action }) => action)).toEqual([
      'webhook.create',
      'webhook.test',
      'webhook.test',
    ]);
  });

  it('testing a disabled webhook gets 409', async () => {
    const { id } = await made({ isDisabled: true });
    expect(await gateway.admin.post(`${PATH}/${id}/test`)).toMatchObject({ status: 409, body: { code: 'conflict' } });
  });

  it('deleting a webhook deletes its deliveries and writes an audit entry', async () => {
    const before = shown(await made({ url: 'https://hooks.invalid/' }));
    await gateway.admin.post(`${PATH}/${before.id}/test`);
    expect((await gateway.admin.delete(`${PATH}/${before.id}`)).status).toBe(204);
    expect((await gateway.admin.delete(`${PATH}/${before.id}`)).status).toBe(404);
    expect(await sql(gateway, 'SELECT 1 FROM webhook_delivery WHERE webhook_id = $1', [before.id])).toEqual([]);
    expect((await auditOf(gateway, before.id)).at(-1)).toMatchObject({ action: 'webhook.delete', before, after: null });
  });

  describe('permission matrix', () => {
    const everything = async (client: AdminClient, id: string): Promise<number[]> => {
      const answers = [
        await client.get(PATH),
        await client.get(`${PATH}/${id}`),
        await client.get(`${PATH}/${id}/deliveries`),
        await client.post(PATH, { url: WEBHOOK_URL, events: ['limit.exceeded'] }),
        await client.patch(`${PATH}/${id}`, { description: 'x' }),
        await client.post(`${PATH}/${id}/rotate`),
        await client.post(`${PATH}/${id}/test`),
        await client.delete(`${PATH}/${id}`),
      ];
      return answers.map(({ status }) => status);
    };

    it('every operation on webhooks without a credential gets 401', async () => {
      expect(await everything(gateway.admin.as(null), createId())).toEqual(Array(8).fill(401));
    });

    it('admins manage webhooks, and editors and members get 403', async () => {
      const admin = await addPerson(gateway, cast.organizationId, 'admin');
      const expected: [Person, number[]][] = [
        [admin, [200, 200, 200, 201, 200, 200, 200, 204]],
        [cast.editor, Array(8).fill(403)],
        [cast.member, Array(8).fill(403)],
      ];
      for (const [{ client }, statuses] of expected)
        expect(await everything(client, (await made({ url: 'https://hooks.invalid/' })).id)).toEqual(statuses);
    });

    it('a webhook of another organization, an unknown id and a malformed id get 404', async () => {
      const ours = await made();
      for (const id of [createId(), 'hook']) {
        const statuses = await everything(gateway.admin, id);
        expect(statuses).toEqual([200, 404, 404, 201, 404, 404, 404, 404]);
      }
      const statuses = await everything(cast.stranger.client, ours.id);
      expect([...statuses.slice(1, 3), ...statuses.slice(4)]).toEqual(Array(6).fill(404));
      expect((await gateway.admin.get(`${PATH}/${ours.id}`)).status).toBe(200);
    });
  });
});
