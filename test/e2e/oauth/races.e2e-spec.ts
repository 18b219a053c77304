/** One-time credentials work once, with any number of simultaneous attempts, in one process and over two. */
import { generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { ConsentStore } from '../../../src/oauth/consent/consent.store.js';
import { TokenAudit } from '../../../src/oauth/tokens/audit.js';
import type { OrgId } from '../../../src/platform/ids.js';
import type { AdminClient, Json } from '../../support/http/admin-client.js';
import { testDatabase, type TestDatabase } from '../../support/gateway/databases.js';
import { Deployment, llmStatus } from '../../support/oauth/deployment.js';
import { newPkce, OAuthDriver, OWNER, type OAuthResponse } from '../../support/oauth/oauth-driver.js';
import { formOf, PageBrowser } from '../../support/oauth/page-browser.js';
import { familyOf, startStage, type Stage } from '../../support/gateway/stage.js';
import { eventually } from '../../support/http/wire-client.js';

const AT_ONCE = 20;
const ROUNDS = 8;
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** The processes of a race. */
interface Arena {
  /** One per process; the first one's address is the issuer's. */
  drivers: OAuthDriver[];
  admin: AdminClient;
  /** Returns the statuses of an LLM call with the token, one per process. */
  call(token: string): Promise<number[]>;
  sql<T>(text: string, values?: unknown[]): Promise<T[]>;
}

describe('races in one process', () => {
  let stage: Stage;
  let arena: Arena;
  beforeAll(async () => {
    stage = await startStage();
    arena = {
      drivers: [new OAuthDriver(stage.gateway.url)],
      admin: stage.gateway.admin,
      call: async (token) => [(await stage.chat(familyOf('openai'), [['authorization', `Bearer ${token}`]])).status],
      sql: stage.sql,
    };
  });
  afterAll(() => stage.close());

  promiseSingleUse(() => arena);

  it('a consent revoked during authorizations leaves no usable code', async () => {
    const { oauth, browser, clientId } = await consentedApp(arena);
    const [owner] = await stage.sql<{ id: string; organizationId: OrgId }>(
      'SELECT id, organization_id AS "organizationId" FROM app_user WHERE email = $1',
      [OWNER.email],
    );
    const decision = { user: owner!, context: { requestId: 'r', clientAddress: '127.0.0.1' } };
    const revoke = () => stage.gateway.app.nest.get(ConsentStore, { strict: false }).revoke(decision, clientId);
    const seen = new Set<string>();
    for (let i = 0; i < ROUNDS; i++) {
      if (i > 0) await oauth.code(clientId, newPkce(), { browser });
      const pkces = Array.from({ length: 6 }, newPkce);
      // In the first round it completes before the app's request, in the last after; in between, both overlap.
      if (i === 0) await revoke();
      const asking = pkces.map(async (pkce, j) => {
        await later(i % 2 === 0 ? j : 0);
        const place = await browser.go(oauth.authorizeUrl(clientId, pkce, { prompt: 'none' }));
        return place.url.searchParams.get('code') ?? '';
      });
      await (i === ROUNDS - 1 ? Promise.all(asking) : later(i));
      if (i > 0) await revoke();
      const codes = await Promise.all(asking);
      for (const [j, code] of codes.entries()) {
        if (code === '') continue;
        const { status, body } = await oauth.redeem(clientId, code, pkces[j]!.verifier);
        seen.add(`code, then ${status}`);
        expect([status, body.error]).toEqual([400, 'invalid_grant']);
      }
      if (codes.includes('')) seen.add('no code');
    }
    expect([...seen]).toEqual(expect.arrayContaining(['no code', 'code, then 400']));
  });

  it.each([
    ['disabled and enabled', [{ isDisabled: true }, { isDisabled: false }]],
    ['rotated with revokeTokens', [{ revokeTokens: true, overlapSeconds: 60 }]],
  ])('a token request gets invalid_grant if its client is %s meanwhile', async (_, changes) => {
    const client = await application(arena);
    const path = `/api/llm-oauth-clients/${client.id}`;
    const audit = stage.gateway.app.nest.get(TokenAudit, { strict: false });
    // Between the authentication of the client and the writing of its token.
    const ofIssue = audit.prepareIssue.bind(audit);
    audit.prepareIssue = async (...issue) => {
      audit.prepareIssue = ofIssue;
      for (const change of changes)
        await ('revokeTokens' in change
          ? arena.admin.post(`${path}/rotate-secret`, change)
          : arena.admin.patch(path, change));
      return audit.prepareIssue(...issue);
    };
    const late = await arena.drivers[0]!.clientToken(secretOf(client));
    expect([late.status, late.body.error]).toEqual([400, 'invalid_grant']);
    expect(await tokensOf(arena, client)).toBe(0);
    const next = await arena.drivers[0]!.clientToken(secretOf(client));
    expect(await arena.call(next.body.access_token as string)).toEqual([200]);
  });

  it('a session that ends during concurrent requests stays ended', async () => {
    const oauth = arena.drivers[0]!;
    const signedIn = () =>
      stage.sql("SELECT id FROM oauth_artifact WHERE model = 'Session' AND user_id IS NOT NULL ORDER BY id");
    for (let i = 0; i < ROUNDS; i++) {
      const before = await signedIn();
      const { browser, clientId } = await consentedApp(arena);
      const ask = () => browser.request(oauth.authorizeUrl(clientId, newPkce(), { prompt: 'none' }));
      const signOut = await browser.go('/api/auth/oauth2/end-session');
      const { action, hidden } = formOf(signOut.html);
      const cookies = new Map(browser.cookies);
      const asking = Array.from({ length: 8 }, ask);
      await later(i);
      const ended = await browser.request(action, { ...hidden, logout: 'yes' });
      expect(ended.status).toBe(303);
      await Promise.all(asking);
      // With the old cookie, or with a new one that was issued meanwhile.
      for (const jar of [cookies, new Map(browser.cookies)]) {
        browser.cookies.clear();
        for (const [key, cookie] of jar) browser.cookies.set(key, cookie);
        const answer = await ask();
        // A person who is not signed in has not allowed the app, so the error is on a page.
        expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
        expect(await answer.text()).toContain('<code>login_required</code>');
      }
      expect(await signedIn()).toEqual(before);
    }
  });
});

const describeOnPostgres = process.env.TEST_DATABASE_URL ? describe : describe.skip;

describeOnPostgres('races over two processes on one database', () => {
  let database: TestDatabase;
  let deployment: Deployment;
  let arena: Arena;
  beforeAll(async () => {
    database = await testDatabase();
    deployment = await Deployment.prepare({ database });
    const one = await deployment.add();
    const other = await deployment.add();
    await deployment.storeProviderKey();
    arena = {
      drivers: [deployment.oauth(one), deployment.oauth(other)],
      admin: one.admin,
      call: (token) => Promise.all([one, other].map((each) => llmStatus(each, token))),
      sql: async <T>(text: string, values: unknown[] = []) =>
        (await deployment.database!.query(text, values)).rows as T[],
    };
  }, 120_000);
  afterAll(async () => {
    await deployment?.close();
    await database?.drop();
  }, 60_000);

  promiseSingleUse(() => arena);
});

function promiseSingleUse(arena: () => Arena): void {
  it(`one of ${AT_ONCE} concurrent submissions of a consent form creates the grant and its code`, async () => {
    const rows = async (from: string, clientId: string): Promise<number> =>
      (await arena().sql(`SELECT 1 FROM ${from} = $1`, [clientId])).length;
    for (let i = 0; i < ROUNDS / 2; i++) {
      const { oauth, browser } = await consentedApp(arena());
      const clientId = (await oauth.register()).body.client_id as string;
      const pkce = newPkce();
      const { action, hidden } = formOf((await browser.go(oauth.authorizeUrl(clientId, pkce))).html);
      const cookies = new Map(browser.cookies);
      const places = await atOnce(arena(), (driver) => {
        const own = new PageBrowser(oauth.url, driver.url);
        for (const [key, cookie] of cookies) own.cookies.set(key, cookie);
        return own.go(action, { ...hidden, decision: 'allow' });
      });
      // The others are redirected the same way, or read that the interaction is over.
      expect(places.filter(({ status }) => ![0, 400, 404, 409].includes(status))).toEqual([]);
      const codes = new Set(places.flatMap(({ url }) => url.searchParams.get('code') ?? []));
      expect(codes.size).toBe(1);
      expect(await rows('oauth_grant WHERE client_id', clientId)).toBe(1);
      expect(await rows("oauth_artifact WHERE model = 'AuthorizationCode' AND client_id", clientId)).toBe(1);
      expect(await rows("audit_entry WHERE action = 'oauth_consent.allow' AND target_id", clientId)).toBe(1);
      await expectWorking(arena(), clientId, await oauth.redeem(clientId, [...codes][0]!, pkce.verifier));
    }
  });

  it(`one of ${AT_ONCE} concurrent redemptions of a code succeeds, and a replay revokes its tokens`, async () => {
    const { oauth, browser, clientId } = await consentedApp(arena());
    const pkce = newPkce();
    const code = await oauth.code(clientId, pkce, { browser });
    const winner = theOne(await atOnce(arena(), (driver) => driver.redeem(clientId, code, pkce.verifier)));
    const next = await expectWorking(arena(), clientId, winner);
    // Long after, the code is used again.
    await backdate(arena(), 'AuthorizationCode');
    const replay = await oauth.redeem(clientId, code, pkce.verifier);
    expect([replay.status, replay.body.error]).toEqual([400, 'invalid_grant']);
    await expectNothingLives(arena(), clientId, [winner, next]);
  });

  it(`one of ${AT_ONCE} concurrent uses of a refresh token succeeds, and a replay ends its grant`, async () => {
    const { clientId, tokens } = await signedInApp(arena());
    const used = tokens.body.refresh_token as string;
    const winner = theOne(await atOnce(arena(), (driver) => driver.refresh(clientId, used)));
    const next = await expectWorking(arena(), clientId, winner);
    // Losers within the grace period are not treated as thieves; a use after it counts as theft.
    await backdate(arena(), 'RefreshToken');
    const replay = await arena().drivers[0]!.refresh(clientId, used);
    expect([replay.status, replay.body.error]).toEqual([400, 'invalid_grant']);
    await expectNothingLives(arena(), clientId, [tokens, winner, next]);
  });

  it(`one of ${AT_ONCE} concurrent polls for a device code succeeds, and a replay revokes its tokens`, async () => {
    const oauth = arena().drivers[0]!;
    const grants = [DEVICE_GRANT, 'refresh_token'];
    const clientId = (await oauth.register({ grant_types: grants, redirect_uris: [], response_types: [] })).body
      .client_id as string;
    const device = await oauth.post('device', { client_id: clientId, scope: 'llm:proxy offline_access' });
    const browser = oauth.browser();
    const typed = await browser.submit(await browser.go('/device'), { user_code: device.body.user_code as string });
    const { place } = await oauth.through(browser, await browser.submit(typed, { confirm: 'yes' }));
    expect([place.status, place.html]).toEqual([200, expect.stringContaining('</html>')]);
    const poll = (driver: OAuthDriver) =>
      driver.token({ grant_type: DEVICE_GRANT, client_id: clientId, device_code: device.body.device_code as string });
    const winner = theOne(await atOnce(arena(), poll));
    const next = await expectWorking(arena(), clientId, winner);
    await backdate(arena(), 'DeviceCode');
    expect((await poll(oauth)).body.error).toBe('invalid_grant');
    await expectNothingLives(arena(), clientId, [winner, next]);
  });

  it(`one of ${AT_ONCE} concurrent uses of a pushed request yields a code`, async () => {
    const { oauth, browser, clientId } = await consentedApp(arena());
    const pkce = newPkce();
    const parameters = Object.fromEntries(oauth.authorizeUrl(clientId, pkce).searchParams);
    const pushed = await oauth.post('par', parameters);
    expect(pushed.status).toBe(201);
    const session = browser.cookies;
    const answers = await atOnce(arena(), async (driver) => {
      const each = driver.browser();
      for (const [key, cookie] of session) each.cookies.set(key, cookie);
      const url = new URL('/api/auth/oauth2/authorize', driver.url);
      url.searchParams.set('client_id', clientId);
      url.searchParams.set('request_uri', pushed.body.request_uri as string);
      return (await each.request(url)).headers.get('location') ?? '';
    });
    const codes = answers.flatMap((location) => new URL(location).searchParams.get('code') ?? []);
    const errors = answers.flatMap((location) => new URL(location).searchParams.get('error') ?? []);
    expect([codes.length, errors]).toEqual([1, Array<string>(AT_ONCE - 1).fill('invalid_request_uri')]);
    await expectWorking(arena(), clientId, await oauth.redeem(clientId, codes[0]!, pkce.verifier));
  });

  it(`one of ${AT_ONCE} concurrent uses of a client assertion yields a token`, async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const client = await assertingClient(arena(), publicKey);
    const signed = await assertion(client, privateKey, arena().drivers[0]!.url);
    const answers = await atOnce(arena(), (driver) => driver.token(assertedBy(signed)));
    const won = answers.filter(({ status }) => status === 200);
    const lost = answers.filter(({ status }) => status !== 200);
    expect([won.length, new Set(lost.map(({ status, body }) => `${status} ${body.error}`))]).toEqual([
      1,
      new Set(['401 invalid_client']),
    ]);
    expect(new Set(await arena().call(won[0]!.body.access_token as string))).toEqual(new Set([200]));
  });

  it('disabling a client during token requests leaves no valid token', async () => {
    const client = await application(arena());
    const outcomes = new Set<number>();
    for (let i = 0; i < ROUNDS; i++) {
      const switched = (isDisabled: boolean) =>
        arena().admin.patch(`/api/llm-oauth-clients/${client.id}`, { isDisabled });
      const asking = atOnce(arena(), (driver) => driver.clientToken(secretOf(client), {}));
      await later(i * 2);
      expect((await switched(true)).status).toBe(200);
      const answers = await asking;
      expect((await switched(false)).status).toBe(200);
      for (const { status } of answers) outcomes.add(status);
      expect(await tokensOf(arena(), client)).toBe(0);
      await eventually(
        async () => (await arena().drivers.at(-1)!.clientToken(secretOf(client))).status === 200,
        'a token for the application that is enabled again',
        2_000,
      );
      await arena().sql("DELETE FROM oauth_artifact WHERE model = 'ClientCredentials'");
    }
    expect([...outcomes]).toEqual(expect.arrayContaining([200]));
  });

  it.each(['refresh_token', 'access_token'] as const)(
    'revoking the %s during a refresh leaves no valid token',
    async (revoked) => {
      const { oauth, browser, clientId } = await consentedApp(arena());
      const outcomes = new Set<number>();
      for (let i = 0; i < ROUNDS; i++) {
        const pkce = newPkce();
        const tokens = await oauth.redeem(clientId, await oauth.code(clientId, pkce, { browser }), pkce.verifier);
        const [first, last] = [arena().drivers[0]!, arena().drivers.at(-1)!];
        const refresh = () => first.refresh(clientId, tokens.body.refresh_token as string);
        const revoke = () => last.post('revoke', { client_id: clientId, token: tokens.body[revoked] as string });
        // In the first round one completes before the other begins, in the last the other; in between, both overlap.
        const over = i === 0 ? await revoke() : i === ROUNDS - 1 ? await refresh() : null;
        const [refreshed, answer] = await Promise.all([
          i === ROUNDS - 1 ? over! : later(i === 0 ? 0 : ROUNDS - i).then(refresh),
          i === 0 ? over! : later(i).then(revoke),
        ]);
        expect(answer.status).toBe(200);
        outcomes.add(refreshed.status);
        await expectNothingLives(arena(), clientId, [tokens, refreshed]);
      }
      expect([...outcomes].sort()).toEqual([200, 400]);
    },
  );
}

const secretOf = ({ clientId, clientSecret }: Json): { clientId: string; clientSecret: string } => ({
  clientId: clientId as string,
  clientSecret: clientSecret as string,
});

async function tokensOf(arena: Arena, { clientId }: Json): Promise<number> {
  const rows = await arena.sql("SELECT 1 FROM oauth_artifact WHERE model = 'ClientCredentials' AND client_id = $1", [
    clientId,
  ]);
  return rows.length;
}

/** Creates a browser that is signed in and has allowed the app. */
async function consentedApp(arena: Arena): Promise<{ oauth: OAuthDriver; browser: PageBrowser; clientId: string }> {
  const oauth = arena.drivers[0]!;
  const browser = oauth.browser();
  const clientId = (await oauth.register()).body.client_id as string;
  await oauth.code(clientId, newPkce(), { browser });
  return { oauth, browser, clientId };
}

async function signedInApp(arena: Arena): Promise<{ clientId: string; tokens: OAuthResponse }> {
  const { oauth, browser, clientId } = await consentedApp(arena);
  const pkce = newPkce();
  const tokens = await oauth.redeem(clientId, await oauth.code(clientId, pkce, { browser }), pkce.verifier);
  return { clientId, tokens };
}

async function assertingClient(arena: Arena, publicKey: KeyObject): Promise<string> {
  const jwks = { keys: [publicKey.export({ format: 'jwk' })] };
  return (await application(arena, { jwks })).clientId as string;
}

async function application(arena: Arena, over: object = {}): Promise<Json> {
  const [proxy] = await arena.sql<{ id: string }>('SELECT id FROM llm_proxy WHERE is_default');
  const [key] = await arena.sql<{ id: string }>("SELECT id FROM provider_key WHERE provider = 'openai'");
  return arena.admin.create('/api/llm-oauth-clients', {
    name: 'machine',
    grantType: 'client_credentials',
    scope: 'org',
    allowedLlmProxyIds: [proxy!.id],
    providerApiKeys: [{ provider: 'openai', providerApiKeyId: key!.id }],
    ...over,
  });
}

const assertion = (clientId: string, key: KeyObject, issuer: string): Promise<string> =>
  new SignJWT({ jti: randomBytes(16).toString('hex') })
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(issuer)
    .setIssuedAt()
    .setExpirationTime('60s')
    .sign(key);

const assertedBy = (signed: string): Record<string, string> => ({
  grant_type: 'client_credentials',
  client_assertion_type: ASSERTION,
  client_assertion: signed,
});

/** Sends the same request many times simultaneously, spread over the processes. */
function atOnce<T>(arena: Arena, ask: (driver: OAuthDriver) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: AT_ONCE }, (_, i) => ask(arena.drivers[i % arena.drivers.length]!)));
}

function theOne(answers: readonly OAuthResponse[]): OAuthResponse {
  const won = answers.filter(({ status }) => status === 200);
  const lost = answers.filter(({ status }) => status !== 200);
  expect(lost.map(({ status, body }) => [status, body.error as unknown])).toEqual(
    Array<unknown>(answers.length - 1).fill([400, 'invalid_grant']),
  );
  return won[0]!;
}

/** Expects that the tokens work on every process, and can be refreshed. Returns the next ones. */
async function expectWorking(arena: Arena, clientId: string, { body }: OAuthResponse): Promise<OAuthResponse> {
  expect(new Set(await arena.call(body.access_token as string))).toEqual(new Set([200]));
  const next = await arena.drivers.at(-1)!.refresh(clientId, body.refresh_token as string);
  expect(next.status).toBe(200);
  expect(new Set(await arena.call(next.body.access_token as string))).toEqual(new Set([200]));
  return next;
}

async function expectNothingLives(arena: Arena, clientId: string, issued: readonly OAuthResponse[]): Promise<void> {
  for (const { body } of issued) {
    if (body.access_token === undefined) continue;
    await eventually(
      async () => (await arena.call(body.access_token as string)).every((status) => status === 401),
      'the end of an access token everywhere',
      2_000,
    );
    const again = await arena.drivers[0]!.refresh(clientId, body.refresh_token as string);
    expect([again.status, again.body.error]).toEqual([400, 'invalid_grant']);
  }
}

/** Ends the grace period for parallel requests. */
async function backdate(arena: Arena, model: string): Promise<void> {
  await arena.sql("UPDATE oauth_artifact SET consumed_at = consumed_at - interval '11 seconds' WHERE model = $1", [
    model,
  ]);
}

const later = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
