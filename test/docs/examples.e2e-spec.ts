/** Runs each file of `examples/`: code that people copy must work. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/gateway/gateway.js';
import { everythingSent, startStage, storedSecret, type Stage } from '../support/gateway/stage.js';
import { FakeIdp } from '../support/oauth/fake-idp.js';
import { OAuthDriver } from '../support/oauth/oauth-driver.js';
import { replay } from '../support/providers/recorded-responses.js';
import { runExample } from './example-process.js';
import { hasBash } from './snippet-syntax.js';

const MODEL = 'gpt-5.4';

describe('the examples', () => {
  let stage: Stage;
  /** The text of the recorded response. */
  let said: string;
  beforeAll(async () => {
    stage = await startStage();
    const key = await stage.virtualKey();
    const answer = await fetch(`${stage.gateway.url}/v1/openai/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key.value}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: 'Hello' }] }),
    });
    said = ((await answer.json()) as { choices: [{ message: { content: string } }] }).choices[0].message.content;
  });
  beforeEach(() => stage.fake.forget());
  afterAll(() => stage.close());

  const records = async (method: string) => {
    await stage.gateway.flushRecords();
    return stage.sql('SELECT status, oauth_client_id, user_id FROM interaction WHERE auth_method = $1', [method]);
  };

  it('backend-service.mjs calls models in its own name with the stored key', async () => {
    const client = await stage.gateway.admin.create('/api/llm-oauth-clients', {
      name: 'Nightly report',
      grantType: 'client_credentials',
      allowedLlmProxyIds: [stage.defaultProxyId],
      providerApiKeys: [{ provider: 'openai', providerApiKeyId: stage.providerKeyIds.openai }],
    });
    const { exited } = runExample('backend-service.mjs', {
      GATEHOUSE_URL: stage.gateway.url,
      CLIENT_ID: client.clientId,
      CLIENT_SECRET: client.clientSecret,
      PROXY: stage.defaultProxyId,
      MODEL,
    });
    expect(await exited).toEqual({ code: 0, stdout: `${said}\n${said}\n`, stderr: '' });
    const record = { status: 200, oauth_client_id: client.id, user_id: null };
    expect(await records('oauth-client')).toEqual([record, record]);
    expectStoredKeyOnly();
    const { data: issued } = (await stage.gateway.admin.get('/api/audit-log?action=oauth_token.issue')).body;
    expect(issued).toHaveLength(1);
  });

  it('app-with-users.mjs calls models for the user who signed in and consented, and refreshes', async () => {
    const example = runExample('app-with-users.mjs', {
      GATEHOUSE_URL: stage.gateway.url,
      PORT: String(await freePort()),
      MODEL,
    });
    const [, address] = await example.until(/^Open (\S+)$/m);
    const oauth = new OAuthDriver(stage.gateway.url);
    const browser = oauth.browser();
    const { place, pages } = await oauth.through(browser, await browser.go(address!));
    expect(pages).toEqual(['Sign in', 'Allow this app?']);
    expect(await (await fetch(place.url)).text()).toBe('Done. You can close this page.');
    expect(await example.exited).toEqual({ code: 0, stdout: `Open ${address}\n${said}\n${said}\n`, stderr: '' });
    const [owner] = await stage.sql<{ id: string }>("SELECT id FROM app_user WHERE email = 'owner@example.com'");
    expect(await records('oauth-user')).toMatchObject([
      { status: 200, user_id: owner!.id },
      { status: 200, user_id: owner!.id },
    ]);
    expectStoredKeyOnly();
  });

  it('workload-token.mjs calls with the token of its platform, then with the token that it is exchanged for', async () => {
    const { admin, clock } = stage.gateway;
    const platform = await FakeIdp.start({ alg: 'ES256' });
    const folder = await mkdtemp(join(tmpdir(), 'workload-'));
    try {
      platform.now = () => clock.now();
      const client = await admin.create('/api/llm-oauth-clients', {
        name: 'Summarizer',
        grantType: 'client_credentials',
        scope: 'org',
        allowedLlmProxyIds: [stage.defaultProxyId],
        providerApiKeys: [{ provider: 'openai', providerApiKeyId: stage.providerKeyIds.openai }],
      });
      const trust = { providerId: 'cluster', issuer: platform.issuer, kind: 'workload', audiences: ['gatehouse'] };
      const { id } = await admin.create('/api/identity-providers', trust);
      const subject = 'system:serviceaccount:default:summarizer';
      const binding = { oauthClientId: client.id, subjectPattern: subject, claims: {} };
      await admin.create(`/api/identity-providers/${id}/workloads`, binding);
      await admin.patch(`/api/llm-proxies/${stage.defaultProxyId}`, { identityProviderIds: [id] });
      const file = join(folder, 'token');
      await writeFile(file, `${platform.token({ sub: subject })}\n`);
      const { exited } = runExample('workload-token.mjs', {
        GATEHOUSE_URL: stage.gateway.url,
        PROXY: stage.defaultProxyId,
        TOKEN_FILE: file,
        MODEL,
      });
      expect(await exited).toEqual({ code: 0, stdout: `${said}\n${said}\n`, stderr: '' });
      await stage.gateway.flushRecords();
      expect(
        await stage.sql(
          'SELECT auth_method, surface, status FROM interaction WHERE oauth_client_id = $1 ORDER BY created_at',
          [client.id],
        ),
      ).toEqual([
        { auth_method: 'idp-jwt', surface: 'provider-route', status: 200 },
        { auth_method: 'oauth-client', surface: 'model-router', status: 200 },
      ]);
      expectStoredKeyOnly();
    } finally {
      await platform.close();
      await rm(folder, { recursive: true });
    }
  });

  (hasBash ? it : it.skip)(
    'curl.sh creates a provider key and a virtual key, calls both surfaces, streams, and lists models',
    async () => {
      const { admin, url } = stage.gateway;
      const apiKey = 'sk-of-the-reader-0123456789';
      stage.fake.on('GET', '/v1/models', replay('openai', 'models.json'));
      stage.fake.on('POST', '/v1/chat/completions', (request, response) =>
        replay('openai', JSON.parse(request.body.toString()).stream ? 'chat-stream.sse' : 'chat.json')(
          request,
          response,
        ),
      );
      const environment = { GATEHOUSE_URL: url, GATEHOUSE_API_KEY: admin.key!, OPENAI_API_KEY: apiKey, MODEL };
      const { code, stdout, stderr } = await runExample('curl.sh', environment).exited;
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout.match(/^# .*/gm)).toHaveLength(6);
      expect(stdout.split(said)).toHaveLength(3);
      expect(stdout).toMatch(/^data: \[DONE\]$/m);
      expect(stdout).toContain(`"openai:${MODEL}"`);
      expect(new Set(stage.fake.received.map(({ headers }) => headers.authorization))).toEqual(
        new Set([`Bearer ${apiKey}`]),
      );
      expect(stage.fake.received.map(({ method, url: target }) => `${method} ${target}`)).toEqual([
        ...Array(3).fill('POST /v1/chat/completions'),
        'GET /v1/models',
      ]);
      const refused = await runExample('curl.sh', { ...environment, GATEHOUSE_API_KEY: 'arch_api_wrong' }).exited;
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('credential_invalid') });
    },
  );

  function expectStoredKeyOnly(): void {
    expect(stage.fake.received.map(({ headers }) => headers.authorization)).toEqual(
      Array(2).fill(`Bearer ${storedSecret('openai')}`),
    );
    expect(everythingSent(stage.fake)).not.toMatch(/llm_/);
  }
});
