/**
 * Tokens of applications and users on two processes: a token revoked on one is refused on the other, and its stream is
 * cut.
 */
import { randomBytes } from 'node:crypto';
import { AdminClient } from '../../support/http/admin-client.js';
import { testDatabase, type TestDatabase } from '../../support/gateway/databases.js';
import { Deployment } from '../../support/oauth/deployment.js';
import type { GatewayProcess } from '../../support/gateway/gateway-process.js';
import { ControlledResponses } from '../../support/providers/controlled-responses.js';
import { invite, type Invited } from '../../support/oauth/invited-user.js';
import { expectRefusal } from '../../support/http/llm-errors.js';
import { basic, newPkce, REDIRECT_URI } from '../../support/oauth/oauth-driver.js';
import { formOf, type PageBrowser } from '../../support/oauth/page-browser.js';
import { familyOf } from '../../support/gateway/stage.js';
import { TcpRelay } from '../../support/faults/tcp-relay.js';
import { eventually, type OpenResponse, type WireResponse } from '../../support/http/wire-client.js';

const describeOnPostgres = process.env.TEST_DATABASE_URL ? describe : describe.skip;
const openai = familyOf('openai');
const STREAMED = JSON.stringify({ model: 'gpt-5.4', stream: true, messages: [] });
const EVENT = 'data: {"choices":[{"delta":{"content":"Hello"}}]}\n\n';
const JSON_TYPE = ['content-type', 'application/json'] as const;
const bearer = (value: string) => ['authorization', `Bearer ${value}`] as const;
/** The message type of a NotificationResponse (PostgreSQL protocol, "Message Formats"). */
const NOTIFICATION = 0x41;
const CLIENTS = '/api/llm-oauth-clients';
const GONE = { status: 401, code: 'credential_invalid' };
const WITHIN_MS = 2_000;

/** A token, and everything by which it can be revoked. */
interface Held {
  token: string;
  refreshToken: string;
  /** Id of the client's record; its own name and secret. */
  id: string;
  clientId: string;
  clientSecret: string;
  person: Invited;
  browser: PageBrowser;
}

type Loss = readonly [string, (held: Held) => Promise<{ status: number }>, { status: number; code: string }];

describeOnPostgres('tokens on two processes', () => {
  const held = new ControlledResponses();
  let database: TestDatabase;
  let deployment: Deployment;
  let one: GatewayProcess;
  let other: GatewayProcess;
  /** Receives no notifications, and relies on the poll. */
  let deaf: GatewayProcess;
  let deafening: TcpRelay;
  let providerKeyId: string;
  let proxyId: string;

  beforeAll(async () => {
    database = await testDatabase();
    deployment = await Deployment.prepare({ database });
    deployment.fake.on('POST', '/v1/responses', held.respond);
    const url = new URL(database.url!);
    deafening = await TcpRelay.start(url.hostname, Number(url.port || 5432), {
      passes: (opening, chunk) => !(opening.includes('gatehouse auth events') && chunk[0] === NOTIFICATION),
    });
    one = await deployment.add();
    other = await deployment.add();
    url.hostname = '127.0.0.1';
    url.port = String(deafening.port);
    deaf = await deployment.add({ DATABASE_URL: url.href });
    providerKeyId = await deployment.storeProviderKey();
    proxyId = (await deployment.database!.query<{ id: string }>('SELECT id FROM llm_proxy WHERE is_default')).rows[0]!
      .id;
  }, 120_000);
  afterAll(async () => {
    await deployment?.close();
    await deafening?.close();
    await database?.drop();
  }, 60_000);

  const chat = (on: GatewayProcess, token: string): Promise<WireResponse> =>
    on.wire.call('POST', '/v1/openai/chat/completions', [JSON_TYPE, bearer(token)], openai.body);
  const stream = async (on: GatewayProcess, token: string): Promise<OpenResponse> => {
    const asked = on.wire.open('POST', '/v1/openai/responses', [JSON_TYPE, bearer(token)], STREAMED);
    const { response } = await held.next();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(EVENT);
    const answer = await asked;
    await answer.until('Hello');
    return answer;
  };
  const change = (id: string, body: object) => one.admin.patch(`${CLIENTS}/${id}`, body);

  const ofApplication = async (): Promise<Held> => {
    const client = await one.admin.create(CLIENTS, {
      name: 'machine',
      grantType: 'client_credentials',
      scope: 'org',
      allowedLlmProxyIds: [proxyId],
      providerApiKeys: [{ provider: 'openai', providerApiKeyId: providerKeyId }],
    });
    const answer = await deployment.oauth().clientToken(client as { clientId: string; clientSecret: string });
    return { ...(client as Held), token: answer.body.access_token as string };
  };

  const ofUser = async (): Promise<Held> => {
    const oauth = deployment.oauth();
    const person = await invite(
      new AdminClient(deployment.issuer, one.admin.key),
      'member',
      `${randomBytes(6).toString('hex')}@example.com`,
    );
    const client = await one.admin.create(CLIENTS, {
      name: 'an app',
      grantType: 'authorization_code',
      scope: 'org',
      redirectUris: [REDIRECT_URI],
      tokenEndpointAuthMethod: 'none',
    });
    const clientId = client.clientId as string;
    const browser = oauth.browser();
    const pkce = newPkce();
    const { body } = await oauth.redeem(clientId, await oauth.code(clientId, pkce, { browser, person }), pkce.verifier);
    return {
      ...(client as Held),
      token: body.access_token as string,
      refreshToken: body.refresh_token as string,
      person,
      browser,
    };
  };

  const revoke = (form: Record<string, string>, headers = {}) => deployment.oauth().post('revoke', form, headers);

  const OF_APPLICATIONS: Loss[] = [
    ['whose client is disabled', ({ id }) => change(id, { isDisabled: true }), GONE],
    ['whose client is deleted', async ({ id }) => one.admin.delete(`${CLIENTS}/${id}`), GONE],
    [
      'whose provider mapping is removed',
      ({ id }) => change(id, { providerApiKeys: [] }),
      { status: 400, code: 'provider_not_mapped' },
    ],
    [
      'whose LLM proxy is removed from the client',
      ({ id }) => change(id, { allowedLlmProxyIds: [] }),
      { status: 403, code: 'proxy_not_allowed' },
    ],
    [
      'whose client rotates its secret with revokeTokens',
      ({ id }) => one.admin.post(`${CLIENTS}/${id}/rotate-secret`, { overlapSeconds: 0, revokeTokens: true }),
      GONE,
    ],
    [
      'that its client revokes (RFC 7009)',
      ({ token, clientId, clientSecret }) => revoke({ token }, basic(clientId, clientSecret)),
      GONE,
    ],
  ];

  const OF_USERS: Loss[] = [
    ['that its client revokes (RFC 7009)', ({ token, clientId }) => revoke({ token, client_id: clientId }), GONE],
    [
      'whose refresh token is revoked',
      ({ refreshToken, clientId }) => revoke({ token: refreshToken, client_id: clientId }),
      GONE,
    ],
    [
      'whose user revokes the consent',
      async ({ browser }) => {
        const page = await browser.go('/account');
        const { action, hidden } = formOf(page.html, /\/apps\//);
        return browser.go(action, hidden);
      },
      GONE,
    ],
    ['whose user is disabled', ({ person }) => one.admin.post(`/api/users/${person.id}/disable`), GONE],
    ['whose user is deleted', ({ person }) => one.admin.delete(`/api/users/${person.id}`), GONE],
    ['whose client is disabled', ({ id }) => change(id, { isDisabled: true }), GONE],
    ['whose client is deleted', ({ id }) => one.admin.delete(`${CLIENTS}/${id}`), GONE],
  ];

  describe.each([
    ['by notification', () => other],
    ['by the poll alone', () => deaf],
  ])('revocation %s', (how, process) => {
    const expectLoss = async (make: () => Promise<Held>, [what, lose, refusal]: Loss): Promise<void> => {
      const having = await make();
      const { token } = having;
      const there = process();
      for (const each of [one, there]) expect((await chat(each, token)).status).toBe(200);
      const open = await stream(there, token);
      const startedAt = performance.now();
      let cutAfterMs = -1;
      void open.ended.then(() => (cutAfterMs = performance.now() - startedAt));
      expect([200, 204]).toContain((await lose(having)).status);
      // Immediately on the process of the change.
      expectRefusal('openai', await chat(one, token), refusal);
      const refused = await eventually(
        async () => {
          const answer = await chat(there, token);
          // A call in flight at that moment is ended, like a stream, by 401.
          return answer.status === refusal.status && answer;
        },
        'the refusal',
        WITHIN_MS,
      );
      const refusedAfterMs = performance.now() - startedAt;
      expectRefusal('openai', refused, refusal);
      const { complete, text } = await open.ended;
      expect([complete, text.includes('response.failed')]).toEqual([true, true]);
      expect([refusedAfterMs < WITHIN_MS, cutAfterMs < WITHIN_MS]).toEqual([true, true]);
      console.info(
        `${what}, ${how}: refused after ${refusedAfterMs.toFixed(0)} ms, cut after ${cutAfterMs.toFixed(0)} ms`,
      );
    };

    it.each(OF_APPLICATIONS)('a client token %s is rejected by the other process, and its stream is cut', (...loss) =>
      expectLoss(ofApplication, loss),
    );

    it.each(OF_USERS)('a user token %s is rejected by the other process, and its stream is cut', (...loss) =>
      expectLoss(ofUser, loss),
    );
  });

  it('allowSelfRegisteredApps false revokes tokens of self-registered apps on all processes', async () => {
    const oauth = deployment.oauth();
    const { tokens } = await oauth.userTokens();
    const token = tokens.access_token as string;
    for (const each of [one, other, deaf]) expect((await chat(each, token)).status).toBe(200);
    const set = (allowSelfRegisteredApps: boolean) => one.admin.patch('/api/organization', { allowSelfRegisteredApps });
    expect((await set(false)).status).toBe(200);
    for (const each of [one, other, deaf])
      await eventually(async () => (await chat(each, token)).status === 401, 'the refusal', WITHIN_MS);
    expect((await set(true)).status).toBe(200);
  });
});
