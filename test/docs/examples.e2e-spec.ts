/** Runs the documented examples: code that people copy must work. */
import { OAuthDriver } from '../support/oauth/oauth-driver.js';
import { freePort } from '../support/gateway/gateway.js';
import { everythingSent, startStage, storedSecret, type Stage } from '../support/gateway/stage.js';
import { runExample } from './example-process.js';

const MODEL = 'gpt-5.4';

describe('the documented examples', () => {
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

  function expectStoredKeyOnly(): void {
    expect(stage.fake.received.map(({ headers }) => headers.authorization)).toEqual(
      Array(2).fill(`Bearer ${storedSecret('openai')}`),
    );
    expect(everythingSent(stage.fake)).not.toMatch(/llm_/);
  }
});
