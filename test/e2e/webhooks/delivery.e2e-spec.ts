/** Events in the outbox reach their receivers: signed, at least once, and only through the guarded egress. */
import { createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { WebhookOutbox } from '../../../src/outbox/webhook-outbox.js';
import { SealedBox } from '../../../src/platform/crypto/sealed-box.js';
import { UnitOfWork } from '../../../src/platform/database/unit-of-work.js';
import { createId, type OrgId } from '../../../src/platform/ids.js';
import { DeliveryQueue } from '../../../src/webhooks/delivery/queue.js';
import { WebhookDeliverer } from '../../../src/webhooks/delivery/deliverer.js';
import { WebhookSender } from '../../../src/webhooks/delivery/sender.js';
import type { Json } from '../../support/http/admin-client.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { castOf, sql, type Cast } from '../../support/gateway/people.js';
import { WebhookReceiver, type ReceivedEvent } from '../../support/http/webhook-receiver.js';

const HOUR = 60 * 60_000;
const SECRET_ANSWER = 'the receiver says its innermost';

describe('webhook deliveries', () => {
  let gateway: TestGateway;
  let cast: Cast;
  let receiver: WebhookReceiver;
  let sender: WebhookSender;

  beforeAll(async () => {
    gateway = await startGateway();
    cast = await castOf(gateway);
    receiver = await WebhookReceiver.start();
    sender = gateway.app.nest.get(WebhookSender);
  });
  afterAll(async () => {
    receiver.close();
    await gateway.close();
  });

  const deliver = (): Promise<void> => gateway.app.nest.get(WebhookDeliverer).deliver();
  let count = 0;
  const made = (over: object = {}): Promise<Json> => {
    const path = `/hook-${++count}`;
    const body = { url: receiver.urlOf(path), events: ['limit.exceeded'], ...over };
    return gateway.admin.create('/api/webhooks', body).then((webhook: Json) => ({ ...webhook, path }));
  };
  const exceeded = {
    ...{ limitId: createId<string>(), entityType: 'team', entityId: createId<string>(), limitType: 'tokens' },
    ...{ limitValue: 10, window: '1d', model: [], used: 10 },
  };
  const append = (organizationId: string, onceKey: string | null = null): Promise<void> =>
    gateway.app.nest
      .get(UnitOfWork)
      .run(({ manager }) =>
        gateway.app.nest
          .get(WebhookOutbox)
          .append(manager, organizationId as OrgId, 'limit.exceeded', exceeded, { onceKey }),
      );
  const tested = async (webhook: Json): Promise<void> => {
    expect((await gateway.admin.post(`/api/webhooks/${webhook.id}/test`)).status).toBe(200);
  };
  const deliveries = async (webhook: Json): Promise<Json[]> =>
    (await gateway.admin.get(`/api/webhooks/${webhook.id}/deliveries?limit=100`)).body.data;
  const answering = (webhook: Json, answer: (response: ServerResponse) => void): void =>
    void receiver.answers.set(webhook.path, answer);

  it('a delivery is signed like Standard Webhooks and carries type, timestamp and data', async () => {
    const webhook = await made();
    await append(cast.organizationId);
    await deliver();
    const [{ headers, body }] = receiver.at(webhook.path) as [ReceivedEvent];
    const [delivery] = await deliveries(webhook);
    expect(JSON.parse(body)).toEqual({ type: 'limit.exceeded', timestamp: delivery.createdAt, data: exceeded });
    expect(headers['content-type']).toBe('application/json');
    expect(headers['webhook-id']).toBe(delivery.id);
    expect(Math.abs(Number(headers['webhook-timestamp']) * 1000 - gateway.clock.now())).toBeLessThan(60_000);
    const key = Buffer.from(webhook.secret.slice('whsec_'.length), 'base64');
    const signed = `${delivery.id}.${String(headers['webhook-timestamp'])}.${body}`;
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
    expect(delivery).toMatchObject({
      status: 'delivered',
      attempts: 1,
      nextAttemptAt: null,
      lastStatus: 204,
      lastError: null,
      finishedAt: expect.any(String),
    });
  });

  it('a pending delivery is signed with the new secret after rotation', async () => {
    const webhook = await made();
    answering(webhook, (response) => response.writeHead(500).end());
    await tested(webhook);
    await deliver();
    receiver.answers.delete(webhook.path);
    const { secret } = (await gateway.admin.post(`/api/webhooks/${webhook.id}/rotate`)).body;
    gateway.clock.advance(5_000);
    await deliver();
    const { headers, body } = receiver.at(webhook.path).at(-1)!;
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  });

  it('a failed delivery is retried with the same id and body, and lastError omits the response body', async () => {
    const webhook = await made();
    answering(webhook, (response) => response.writeHead(500).end(SECRET_ANSWER));
    await tested(webhook);
    await deliver();
    const [failed] = await deliveries(webhook);
    expect(failed).toMatchObject({ status: 'pending', attempts: 1, lastStatus: 500, finishedAt: null });
    expect(failed.lastError).toBe('The receiver responded with 500.');
    receiver.answers.delete(webhook.path);
    gateway.clock.advance(5_000);
    await deliver();
    const [first, second] = receiver.at(webhook.path);
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
    expect(second!.body).toBe(first!.body);
    expect(await deliveries(webhook)).toMatchObject([{ status: 'delivered', attempts: 2, lastStatus: 204 }]);
  });

  it('a receiver that hangs delays no other delivery, and its own is retried', async () => {
    const [webhook, other] = [await made(), await made()];
    answering(webhook, () => undefined);
    sender.timeoutMs = 300;
    await tested(webhook);
    await tested(other);
    await deliver();
    sender.timeoutMs = 10_000;
    expect(await deliveries(webhook)).toMatchObject([{ status: 'pending', attempts: 1, lastStatus: null }]);
    expect((await deliveries(webhook))[0].lastError).toMatch(/did not respond in time/);
    expect(await deliveries(other)).toMatchObject([{ status: 'delivered' }]);
    receiver.answers.delete(webhook.path);
    gateway.clock.advance(5_000);
    await deliver();
    expect(await deliveries(webhook)).toMatchObject([{ status: 'delivered', attempts: 2 }]);
  });

  it('a delivery is given up after a day', async () => {
    const webhook = await made();
    answering(webhook, (response) => response.writeHead(503).end());
    await tested(webhook);
    await deliver();
    gateway.clock.advance(23 * HOUR);
    await deliver();
    expect(await deliveries(webhook)).toMatchObject([{ status: 'pending', attempts: 2 }]);
    gateway.clock.advance(HOUR);
    await deliver();
    expect(await deliveries(webhook)).toMatchObject([
      { status: 'given_up', attempts: 3, nextAttemptAt: null, lastStatus: 503, finishedAt: expect.any(String) },
    ]);
  });

  it('a delivery follows no redirect', async () => {
    const webhook = await made();
    const elsewhere = receiver.urlOf('/elsewhere');
    answering(webhook, (response) => response.writeHead(307, { location: elsewhere }).end());
    await tested(webhook);
    await deliver();
    expect(await deliveries(webhook)).toMatchObject([{ status: 'pending', lastStatus: 307 }]);
    expect(receiver.at('/elsewhere')).toEqual([]);
  });

  it('a delivery never reaches a private address outside UPSTREAM_ALLOWED_HOSTS', async () => {
    const webhook = await made();
    const url = receiver.urlOf(webhook.path, '127.0.0.2');
    await sql(gateway, 'UPDATE webhook SET url = $2 WHERE id = $1', [webhook.id, url]);
    await tested(webhook);
    await deliver();
    expect(await deliveries(webhook)).toMatchObject([{ status: 'pending', attempts: 1, lastStatus: null }]);
    expect((await deliveries(webhook))[0].lastError).toMatch(/UPSTREAM_ALLOWED_HOSTS/);
    expect(receiver.at(webhook.path)).toEqual([]);
  });

  it('concurrent deliverers send every delivery once', async () => {
    const webhooks = await Promise.all([made(), made(), made()]);
    const deliverers = [1, 2, 3, 4].map(another);
    for (let i = 0; i < 20; i++) await append(cast.organizationId);
    await Promise.all(deliverers.map((one) => one.deliver()));
    await deliver();
    // Otherwise they would poll once more, and take the events of the next tests.
    await Promise.all(deliverers.map((one) => one.onApplicationShutdown()));
    for (const webhook of webhooks) {
      const ids = receiver.at(webhook.path).map(({ headers }) => headers['webhook-id']);
      expect(new Set(ids).size).toBe(20);
      expect(ids).toHaveLength(20);
    }
  });

  it('a delivery of a process that died is taken over', async () => {
    const webhook = await made({ url: receiver.urlOf('/taken-over') });
    // Bypasses the gateway, so that it does not poll immediately.
    await sql(
      gateway,
      `INSERT INTO webhook_delivery (id, webhook_id, event, payload, next_attempt_at, attempts) VALUES ($1, $2, 'test', '{}', $3, 1)`,
      [createId(gateway.clock.now()), webhook.id, new Date(gateway.clock.now() + 60_000)],
    );
    await deliver();
    expect(receiver.at('/taken-over')).toEqual([]);
    gateway.clock.advance(60_000);
    await deliver();
    expect(receiver.at('/taken-over')).toHaveLength(1);
    expect(await deliveries(webhook)).toMatchObject([{ status: 'delivered', attempts: 2 }]);
  });

  it('an event goes only to enabled webhooks of its organization that subscribe to it', async () => {
    const asking = await made();
    const others = [await made({ events: ['guardrail.blocked'] }), await made({ isDisabled: true })];
    await append(cast.stranger.organizationId);
    await append(cast.organizationId);
    await deliver();
    expect(receiver.at(asking.path)).toHaveLength(1);
    for (const other of others) expect(await deliveries(other)).toEqual([]);
  });

  it('events with the same once-key are delivered once', async () => {
    const webhook = await made();
    await Promise.all([append(cast.organizationId, 'a'), append(cast.organizationId, 'a')]);
    await append(cast.organizationId, 'a');
    await append(cast.organizationId, 'b');
    await deliver();
    expect(receiver.at(webhook.path)).toHaveLength(2);
  });

  it('credential.revoked is delivered once for each credential', async () => {
    const webhook = await made({ events: ['credential.revoked'] });
    const { admin } = gateway;
    const apiKey = await admin.create('/api/api-keys', { name: 'for a script' });
    const providerKey = await admin.create('/api/llm-provider-api-keys', {
      ...{ name: 'openai', provider: 'openai', apiKey: 'sk-0123456789abcdef0123' },
    });
    const virtualKey = await admin.create('/api/llm-virtual-keys', {
      name: 'for a tool',
      providerApiKeys: [{ provider: 'openai', providerApiKeyId: providerKey.id }],
    });
    const client = await admin.create('/api/llm-oauth-clients', {
      ...{ name: 'for an app', grantType: 'client_credentials' },
    });
    await admin.delete(`/api/api-keys/${apiKey.id}`);
    await admin.post(`/api/llm-virtual-keys/${virtualKey.id}/revoke`);
    await admin.post(`/api/llm-virtual-keys/${virtualKey.id}/revoke`);
    await admin.delete(`/api/llm-virtual-keys/${virtualKey.id}`);
    await admin.delete(`/api/llm-oauth-clients/${client.id}`);
    await deliver();
    const told = receiver.at(webhook.path).map(({ body }) => JSON.parse(body).data);
    expect(told.sort((a, b) => a.credentialType.localeCompare(b.credentialType))).toEqual([
      { credentialType: 'admin_api_key', id: apiKey.id, name: 'for a script' },
      { credentialType: 'oauth_client', id: client.id, name: 'for an app' },
      { credentialType: 'virtual_key', id: virtualKey.id, name: 'for a tool' },
    ]);
  });

  it('an event of a rolled-back transaction is not delivered', async () => {
    const webhook = await made();
    const undone = gateway.app.nest.get(UnitOfWork).run(async ({ manager }) => {
      const outbox = gateway.app.nest.get(WebhookOutbox);
      await outbox.append(manager, cast.organizationId as OrgId, 'limit.exceeded', exceeded);
      throw new Error('taken back');
    });
    await expect(undone).rejects.toThrow('taken back');
    await deliver();
    expect(await deliveries(webhook)).toEqual([]);
  });

  it('deliveries of a disabled webhook wait for up to a day and are deleted after a month', async () => {
    const webhook = await made();
    answering(webhook, (response) => response.writeHead(500).end());
    await tested(webhook);
    await deliver();
    await gateway.admin.patch(`/api/webhooks/${webhook.id}`, { isDisabled: true });
    gateway.clock.advance(HOUR);
    await deliver();
    expect(await deliveries(webhook)).toMatchObject([{ status: 'pending', attempts: 1 }]);
    gateway.clock.advance(24 * HOUR);
    await queue().sweep();
    expect(await deliveries(webhook)).toMatchObject([{ status: 'given_up', attempts: 1 }]);
    gateway.clock.advance(31 * 24 * HOUR);
    await queue().sweep();
    expect(await deliveries(webhook)).toEqual([]);
  });

  const queue = (): DeliveryQueue => new DeliveryQueue(gateway.resources.database.dataSource, gateway.clock);

  /** Creates a deliverer like that of another process on the same database. */
  const another = (): WebhookDeliverer => {
    const { egress, clock, config, logger } = gateway.resources;
    const itsSender = new WebhookSender(egress, new SealedBox(config.encryptionKeys), clock);
    return new WebhookDeliverer(new WebhookOutbox(clock), queue(), itsSender, logger);
  };
});
