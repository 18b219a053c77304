/**
 * Devices and command lines without a browser: openid-client requests and polls, a person completes the pages
 * elsewhere.
 */
import * as oidc from 'openid-client';
import {
  LibraryApps,
  refusalOf,
  SECOND,
  time,
  type CreatedClient,
  type Newcomer,
  type Walk,
} from '../../support/oauth/openid-client-app.js';
import { formOf, headingOf, type PageBrowser, type PageLocation } from '../../support/oauth/page-browser.js';
import { startStage, storedSecret, type Stage } from '../../support/gateway/stage.js';

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const PENDING = { status: 400, error: 'authorization_pending' };
const CODE_FORM = 'Connect a device';
const CONFIRM = 'Is this your device?';

describe('the device flow (RFC 8628)', () => {
  let stage: Stage;
  let apps: LibraryApps;
  let person: Newcomer;
  let client: CreatedClient;
  let config: oidc.Configuration;
  beforeAll(async () => {
    stage = await startStage();
    apps = new LibraryApps(stage);
    person = await apps.newcomer();
    client = await apps.app({
      name: 'Command line',
      applicationType: 'native',
      tokenEndpointAuthMethod: 'none',
      redirectUris: ['http://127.0.0.1/callback'],
    });
    config = await apps.configure(client);
  });
  afterEach(() => time.undo());
  afterAll(() => stage.close());

  const begin = (parameters: Record<string, string> = { scope: 'openid llm:proxy' }, by = config) =>
    oidc.initiateDeviceAuthorization(by, parameters);
  /** Polls like the library, but without its pause of five seconds. */
  const poll = (begun: oidc.DeviceAuthorizationResponse, by = config) =>
    oidc.pollDeviceAuthorizationGrant(by, { ...begun, interval: 0 });
  /** Sends one request to the token endpoint. */
  const ask = (begun: oidc.DeviceAuthorizationResponse, by = config) =>
    refusalOf(oidc.genericGrantRequest(by, GRANT, { device_code: begun.device_code }));

  const enter = async (browser: PageBrowser, code: string): Promise<PageLocation> => {
    const page = await browser.go('/device');
    expect([page.status, headingOf(page.html)]).toEqual([200, CODE_FORM]);
    return browser.submit(page, { user_code: code });
  };
  /** Walks from the code to the last page. */
  const walk = async (
    code: string,
    { person: by = person, browser = apps.oauth.browser(), decision = 'allow' }: Walk = {},
  ) => {
    const confirm = await enter(browser, code);
    expect(headingOf(confirm.html)).toBe(CONFIRM);
    const next = await browser.submit(confirm, { confirm: 'yes' });
    const { place, pages } = await apps.oauth.through(browser, next, { person: by, decision });
    return { pages, last: headingOf(place.html), place };
  };

  it('a device gets tokens after a user entered its code, signed in and consented', async () => {
    const begun = await begin();
    expect(begun).toEqual({
      device_code: expect.any(String),
      user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
      verification_uri: `${stage.gateway.url}/device`,
      verification_uri_complete: `${stage.gateway.url}/device?user_code=${begun.user_code}`,
      expires_in: 600,
    });
    expect(await ask(begun)).toMatchObject(PENDING);

    const polled = poll(begun);
    const { pages, last } = await walk(begun.user_code);
    expect([...pages, last]).toEqual(['Sign in', 'Allow this app?', 'Your device is connected']);
    const tokens = await polled;
    expect(tokens.scope!.split(' ')).toContain('llm:proxy');
    expect(tokens.claims()).toMatchObject({ sub: person.id, aud: client.clientId, iss: stage.gateway.url });
    const answer = await apps.expectServed(tokens.access_token);
    expect(stage.fake.received.at(-1)!.headers.authorization).toBe(`Bearer ${storedSecret('openai')}`);
    expect(await stage.recordOf(answer)).toMatchObject({
      auth_method: 'oauth-user',
      user_id: person.id,
      oauth_client_id: client.id,
    });

    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token!);
    await apps.expectServed(refreshed.access_token);
    expect((await oidc.fetchUserInfo(config, refreshed.access_token, person.id)).sub).toBe(person.id);
    const [issued] = await apps.auditedOf('oauth_token.issue', client);
    expect(issued).toMatchObject({ actor_id: person.id, after: { grantType: 'device_code', scope: 'llm:proxy' } });
  });

  it('a device that names no scope gets llm:proxy', async () => {
    const begun = await begin({});
    await walk(begun.user_code);
    const tokens = await poll(begun);
    expect(tokens.scope).toBe('llm:proxy');
    await apps.expectServed(tokens.access_token);
  });

  it('a confidential client and a self-registered client use the device flow', async () => {
    const { body } = await apps.oauth.register({
      grant_types: [GRANT, 'refresh_token'],
      redirect_uris: [],
      response_types: [],
    });
    const others = [await apps.app(), { clientId: body.client_id as string, clientSecret: null }];
    for (const other of others) {
      const by = await apps.configure(other);
      const begun = await begin({ scope: 'llm:proxy' }, by);
      await walk(begun.user_code);
      await apps.expectServed((await poll(begun, by)).access_token);
    }
  });

  it('a user code is accepted in lower case, with or without its hyphen', async () => {
    for (const typed of [
      (code: string) => code.toLowerCase(),
      (code: string) => code.replace('-', ''),
      (code: string) => ` ${code.replace('-', ' ')} `,
    ]) {
      const { user_code } = await begin();
      expect(headingOf((await enter(apps.oauth.browser(), typed(user_code))).html)).toBe(CONFIRM);
    }
  });

  describe('the device pages', () => {
    it('verification_uri_complete fills in the code and still requires confirmation (§3.3.1)', async () => {
      const begun = await begin();
      const browser = apps.oauth.browser();
      const page = await browser.go(begun.verification_uri_complete!);
      expect(headingOf(page.html)).toBe(CODE_FORM);
      expect(/<input[^>]*name="user_code"[^>]*>/.exec(page.html)![0]).toContain(`value="${begun.user_code}"`);
      expect(await ask(begun)).toMatchObject(PENDING);
      const confirm = await browser.submit(page, { user_code: begun.user_code });
      expect(headingOf(confirm.html)).toBe(CONFIRM);
    });

    it('the confirmation page shows the code, the app and the address of the device (§5.4)', async () => {
      const { user_code } = await begin();
      const { html, headers } = await enter(apps.oauth.browser(), user_code);
      for (const part of [user_code, 'Command line', '127.0.0.1']) expect(html).toContain(part);
      expect([headers.get('x-frame-options'), headers.get('cache-control')]).toEqual(['DENY', 'no-store']);
    });

    it('an unknown or empty code shows the form again with the reason', async () => {
      const browser = apps.oauth.browser();
      let page = await enter(browser, 'BBBB-BBBB');
      expect(headingOf(page.html)).toBe(CODE_FORM);
      expect(page.html).toContain('This code is unknown.');
      expect(/<input[^>]*name="user_code"[^>]*>/.exec(page.html)![0]).toContain('value="BBBB-BBBB"');
      page = await browser.submit(page, { user_code: '' });
      expect(page.html).toContain('Type the code that the device shows.');
      page = await browser.submit(page, { user_code: (await begin()).user_code });
      expect(headingOf(page.html)).toBe(CONFIRM);
    });

    it('the device page rejects a form with a wrong xsrf value', async () => {
      const begun = await begin();
      const browser = apps.oauth.browser();
      const { hidden } = formOf((await browser.go('/device')).html);
      for (const xsrf of ['', `${hidden.xsrf}x`]) {
        const page = await browser.go('/device', { user_code: begun.user_code, confirm: 'yes', xsrf });
        expect(headingOf(page.html)).not.toBe('Sign in');
      }
      expect(await ask(begun)).toMatchObject(PENDING);
    });
  });

  describe('responses to the device', () => {
    it('the device gets access_denied when the user cancels', async () => {
      const begun = await begin();
      const browser = apps.oauth.browser();
      const done = await browser.submit(await enter(browser, begun.user_code), { abort: 'yes' });
      expect(headingOf(done.html)).toBe('Nothing was connected');
      expect(await refusalOf(poll(begun))).toMatchObject({ status: 400, error: 'access_denied' });
    });

    it('the device gets access_denied when the user denies consent, which is audited', async () => {
      const denied = await apps.app({ tokenEndpointAuthMethod: 'none' });
      const by = await apps.configure(denied);
      const begun = await begin({ scope: 'llm:proxy' }, by);
      const { last } = await walk(begun.user_code, { decision: 'deny' });
      expect(last).toBe('Nothing was connected');
      expect(await refusalOf(poll(begun, by))).toMatchObject({ status: 400, error: 'access_denied' });
      expect(await apps.audited('oauth_consent.deny', denied.clientId)).toEqual([
        expect.objectContaining({ actor_id: person.id }),
      ]);
    });

    it('the device gets access_denied when the user belongs to another organization', async () => {
      const { ownerId } = await stage.otherOrganization();
      const begun = await begin();
      const { pages, last } = await walk(begun.user_code, { person: await apps.givePassword(ownerId) });
      expect(pages).toEqual(['Sign in']);
      expect(last).not.toBe('Your device is connected');
      expect(await refusalOf(poll(begun))).toMatchObject({ status: 400, error: 'access_denied' });
    });

    it('the device gets slow_down when it polls within five seconds, and its tokens later (§3.5)', async () => {
      const begun = await begin();
      expect(await ask(begun)).toMatchObject(PENDING);
      expect(await ask(begun)).toMatchObject({ status: 400, error: 'slow_down' });
      const other = await begin();
      expect(await ask(other)).toMatchObject(PENDING);
      await walk(begun.user_code);
      await apps.expectServed((await poll(begun)).access_token);
    });

    it('the device gets expired_token after ten minutes, and the page rejects the code as expired', async () => {
      const begun = await begin();
      time.travel(606 * SECOND);
      expect(await ask(begun)).toMatchObject({ status: 400, error: 'expired_token' });
      const page = await enter(apps.oauth.browser(), begun.user_code);
      expect([headingOf(page.html), page.html]).toEqual([CODE_FORM, expect.stringContaining('This code has expired.')]);
    });

    it.each([
      ['invalid_scope', { scope: 'llm:proxy root' }],
      ['invalid_scope', { scope: 'llm:proxy admin:read' }],
      ['invalid_target', { resource: 'https://elsewhere.example' }],
    ])('the device authorization endpoint returns %s for %j', async (error, parameters) => {
      expect(await refusalOf(begin(parameters as unknown as Record<string, string>))).toMatchObject({
        status: 400,
        error,
      });
    });

    it('the device authorization endpoint returns invalid_client to unknown and unauthenticated clients', async () => {
      const nobody = await apps.configure({ clientId: 'llm_oauth_nobody' });
      expect((await refusalOf(begin({}, nobody))).error).toBe('invalid_client');
      const closed = await apps.configure({ ...(await apps.app()), clientSecret: null });
      expect((await refusalOf(begin({}, closed))).error).toBe('invalid_client');
    });

    it('the device authorization endpoint returns unauthorized_client to a client_credentials client', async () => {
      const refusal = await refusalOf(begin({}, await apps.configure(await apps.service())));
      expect(refusal).toMatchObject({ status: 400, error: 'unauthorized_client' });
    });
  });

  describe('the user code and device code', () => {
    it('a user code is accepted only once', async () => {
      const begun = await begin();
      await walk(begun.user_code);
      const page = await enter(apps.oauth.browser(), begun.user_code);
      expect([headingOf(page.html), page.html]).toEqual([
        CODE_FORM,
        expect.stringContaining('This code has already been used.'),
      ]);
      await poll(begun);
    });

    it('a device code is redeemed once, and a later replay revokes its tokens', async () => {
      const begun = await begin();
      await walk(begun.user_code);
      const { access_token } = await poll(begun);
      expect(await ask(begun)).toMatchObject({ error: 'invalid_grant' });
      await apps.expectServed(access_token);
      stage.gateway.clock.advance(6 * SECOND);
      expect(await ask(begun)).toMatchObject({ error: 'invalid_grant' });
      await apps.expectRefused(access_token, 401, 'credential_invalid');
    });

    it('a device code is rejected for another client with invalid_grant', async () => {
      const begun = await begin();
      await walk(begun.user_code);
      const other = await apps.configure(await apps.app({ tokenEndpointAuthMethod: 'none' }));
      expect(await ask(begun, other)).toMatchObject({ status: 400, error: 'invalid_grant' });
      await poll(begun);
    });

    it('a device code yields no tokens once its client or user is disabled', async () => {
      const gone = await apps.app({ tokenEndpointAuthMethod: 'none' });
      const by = await apps.configure(gone);
      const begun = await begin({ scope: 'llm:proxy' }, by);
      await walk(begun.user_code);
      await stage.gateway.admin.patch(`/api/llm-oauth-clients/${gone.id}`, { isDisabled: true });
      expect((await ask(begun, by)).error).toBe('invalid_client');
      const leaver = await apps.newcomer();
      const another = await begin();
      await walk(another.user_code, { person: leaver });
      await stage.gateway.admin.post(`/api/users/${leaver.id}/disable`);
      expect(await ask(another)).toMatchObject({ status: 400, error: 'invalid_grant' });
    });
  });

  // Last: it exhausts this address's limit of mistyped codes per minute.
  it('after ten mistyped codes in a minute an address gets 429, even for a valid code (§5.1)', async () => {
    const browser = apps.oauth.browser();
    const begun = await begin();
    let page = await browser.go('/device');
    const statuses: number[] = [];
    for (let i = 0; i < 12; i++) {
      const answer = await browser.submit(page, { user_code: 'BBBB-BBBB' });
      statuses.push(answer.status);
      if (answer.status === 200) page = answer;
    }
    expect(statuses.at(-1)).toBe(429);
    expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(10);
    const refused = await browser.submit(page, { user_code: begun.user_code });
    expect([refused.status, headingOf(refused.html)]).toEqual([429, 'This did not work']);
    expect(refused.html).toContain('try again in a minute');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await ask(begun)).toMatchObject(PENDING);
  });
});
