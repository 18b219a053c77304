/** After any kind of stop, a deployment continues in its previous state: no sign-in or consent is repeated. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyMigratedDatabase, testDatabase, type TestDatabase } from '../../support/gateway/databases.js';
import { Deployment, llmStatus } from '../../support/oauth/deployment.js';
import { newPkce, type OAuthResponse } from '../../support/oauth/oauth-driver.js';
import { formOf, headingOf, type PageBrowser } from '../../support/oauth/page-browser.js';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

interface Code {
  code: string;
  verifier: string;
}

interface Before {
  browser: PageBrowser;
  clientId: string;
  tokens: OAuthResponse;
  usedRefreshToken: string;
  machine: { clientId: string; clientSecret: string; token: string };
  device: { clientId: string; code: string; userCode: string };
  jwks: string;
}

const postgres = process.env.TEST_DATABASE_URL !== undefined;

describe.each([
  ['the embedded database', 1],
  ...(postgres ? ([['two processes on Postgres', 2]] as const) : []),
] as const)('a restart with %s', (_, processes) => {
  let database: TestDatabase | undefined;
  let dataDir: string;
  let deployment: Deployment;
  let before: Before;

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'gatehouse-restart-'));
    if (processes > 1) database = await testDatabase();
    else copyMigratedDatabase(dataDir);
    deployment = await Deployment.prepare(database ? { database } : { dataDir });
    await start();
    await deployment.storeProviderKey();
    before = await everything();
  }, 120_000);
  afterAll(async () => {
    await deployment?.close();
    await database?.drop();
    rmSync(dataDir, { recursive: true, force: true });
  }, 60_000);

  const start = async (): Promise<void> => {
    for (let i = 0; i < processes; i++) await deployment.add();
  };
  const codeOf = async (clientId: string, browser: PageBrowser): Promise<Code> => {
    const pkce = newPkce();
    return { code: await deployment.oauth().code(clientId, pkce, { browser }), verifier: pkce.verifier };
  };
  const redeem = ({ clientId }: Before, { code, verifier }: Code): Promise<OAuthResponse> =>
    deployment.oauth().redeem(clientId, code, verifier);
  const jwks = async (): Promise<string> => (await fetch(`${deployment.issuer}/api/auth/jwks`)).text();

  async function everything(): Promise<Before> {
    const oauth = deployment.oauth();
    const browser = oauth.browser();
    const clientId = (await oauth.register()).body.client_id as string;
    const { code, verifier } = await codeOf(clientId, browser);
    const first = await oauth.redeem(clientId, code, verifier);
    const tokens = await oauth.refresh(clientId, first.body.refresh_token as string);
    const { admin } = deployment.processes[0]!;
    const proxies = await admin.get('/api/llm-proxies');
    const keys = await admin.get('/api/llm-provider-api-keys');
    const machine = await admin.create('/api/llm-oauth-clients', {
      name: 'machine',
      grantType: 'client_credentials',
      scope: 'org',
      allowedLlmProxyIds: [proxies.body.data[0].id],
      providerApiKeys: [{ provider: 'openai', providerApiKeyId: keys.body.data[0].id }],
    });
    const credentials = { clientId: machine.clientId as string, clientSecret: machine.clientSecret as string };
    const grants = { grant_types: [DEVICE_GRANT], redirect_uris: [], response_types: [] };
    const television = (await oauth.register(grants)).body.client_id as string;
    const device = await oauth.post('device', { client_id: television });
    return {
      browser,
      clientId,
      tokens,
      usedRefreshToken: first.body.refresh_token as string,
      machine: { ...credentials, token: (await oauth.clientToken(credentials)).body.access_token as string },
      device: {
        clientId: television,
        code: device.body.device_code as string,
        userCode: device.body.user_code as string,
      },
      jwks: await jwks(),
    };
  }

  const expectAsBefore = async (): Promise<void> => {
    const oauth = deployment.oauth();
    const { clientId, tokens, machine, browser, device } = before;
    for (const process of deployment.processes) {
      expect(await llmStatus(process, tokens.body.access_token as string)).toBe(200);
      expect(await llmStatus(process, machine.token)).toBe(200);
    }
    expect((await oauth.clientToken(machine)).status).toBe(200);
    expect(await jwks()).toBe(before.jwks);
    // The browser is signed in and has consented: it gets no page.
    const session = [...browser.cookies.values()].map(({ name, value }) => `${name}=${value}`).join('; ');
    const me = await fetch(`${deployment.issuer}/api/me`, { headers: { cookie: session } });
    expect(me.status).toBe(200);
    const silent = await browser.go(oauth.authorizeUrl(clientId, newPkce(), { prompt: 'none' }));
    expect([silent.url.searchParams.get('error'), silent.url.searchParams.has('code')]).toEqual([null, true]);
    // A form that was open during the restart is still accepted, with the CSRF proof in it.
    const { html, url } = await oauth.browser().go(oauth.authorizeUrl(clientId, newPkce()));
    expect([headingOf(html), formOf(html).action]).toEqual(['Sign in', url.pathname]);
    const poll = { grant_type: DEVICE_GRANT, client_id: device.clientId, device_code: device.code };
    expect((await oauth.token(poll)).body.error).toBe('authorization_pending');
    const typed = await browser.submit(await browser.go('/device'), { user_code: device.userCode });
    expect(headingOf(typed.html)).toBe('Is this your device?');
  };

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'tokens, sessions, consents, codes and keys survive %s and a restart',
    async (signal) => {
      // Begun before, finished after.
      const halfway = deployment.oauth().browser();
      const page = await halfway.go(deployment.oauth().authorizeUrl(before.clientId, newPkce()));
      const fresh = await codeOf(before.clientId, before.browser);
      const used = await codeOf(before.clientId, before.browser);
      const issued = await redeem(before, used);
      expect(issued.status).toBe(200);
      const exits = await deployment.stopAll(signal);
      expect(exits).toEqual(exits.map(() => 0));
      await start();
      await expectAsBefore();
      // An unused code can still be used, once; a used one cannot.
      expect((await redeem(before, fresh)).status).toBe(200);
      for (const code of [fresh, used]) expect((await redeem(before, code)).body.error).toBe('invalid_grant');
      const { place } = await deployment.oauth().through(halfway, page);
      expect(place.url.searchParams.has('code')).toBe(true);
    },
    120_000,
  );

  // Backdates the use, to skip the grace period: only a database that others may write to allows it.
  (processes > 1 ? it : it.skip)('a replayed refresh token from before the restarts revokes its grant', async () => {
    const { clientId, tokens, usedRefreshToken } = before;
    const next = await deployment.oauth().refresh(clientId, tokens.body.refresh_token as string);
    expect(next.status).toBe(200);
    await deployment.database!.query("UPDATE oauth_artifact SET consumed_at = consumed_at - interval '11 seconds'");
    const replay = await deployment.oauth().refresh(clientId, usedRefreshToken);
    expect([replay.status, replay.body.error]).toEqual([400, 'invalid_grant']);
    for (const { body } of [tokens, next])
      expect(await llmStatus(deployment.processes[0]!, body.access_token as string)).toBe(401);
  });
});
