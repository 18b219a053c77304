/**
 * The authorization code flow with openid-client, which verifies the responses: issuer, state, nonce, signatures, PKCE.
 */
import * as oauth from 'oauth4webapi';
import * as oidc from 'openid-client';
import { exportJWK } from 'jose';
import {
  CALLBACK,
  DAY,
  LibraryApps,
  refusalOf,
  SECOND,
  time,
  type CreatedClient,
  type Newcomer,
  type Walk,
} from '../../support/oauth/openid-client-app.js';
import { newPkce } from '../../support/oauth/oauth-driver.js';
import { formOf, headingOf, type PageLocation } from '../../support/oauth/page-browser.js';
import { startStage, storedSecret, type Stage } from '../../support/gateway/stage.js';

describe('the authorization code flow', () => {
  let stage: Stage;
  let apps: LibraryApps;
  let person: Newcomer;
  /** A public and a confidential client. */
  let open: CreatedClient;
  let closed: CreatedClient;
  beforeAll(async () => {
    stage = await startStage();
    apps = new LibraryApps(stage);
    person = await apps.newcomer();
    open = await apps.app({ name: 'Open app', tokenEndpointAuthMethod: 'none' });
    closed = await apps.app({ name: 'Closed app' });
  });
  afterEach(() => time.undo());
  afterAll(() => stage.close());

  /** Passes the end of a walk to the library, which throws the error of the server. */
  const finish = (config: oidc.Configuration, place: PageLocation, checks: oidc.AuthorizationCodeGrantChecks) =>
    oidc.authorizationCodeGrant(config, place.url, checks);
  /** Returns the parameters at the app's callback; fails when the browser is not there. */
  const toldAt = (place: PageLocation): Record<string, string> => {
    expect(`${place.url.origin}${place.url.pathname}`).toBe(CALLBACK);
    return Object.fromEntries(place.url.searchParams);
  };
  const issuer = () => stage.gateway.url;

  describe.each<[string, () => Promise<oidc.Configuration>]>([
    ['a public client', () => apps.configure(open)],
    ['a public client that discovers by RFC 8414', () => apps.configure(open, oidc.None(), 'oauth2')],
    ['a confidential client', () => apps.configure(closed)],
    [
      'a confidential client that sends its secret in the form',
      () => apps.configure(closed, oidc.ClientSecretPost(closed.clientSecret!)),
    ],
    [
      'a client with a key',
      async () => {
        const { privateKey, publicKey } = await oauth.generateKeyPair('ES256', { extractable: true });
        const client = await apps.app({ jwks: { keys: [await exportJWK(publicKey)] } });
        return apps.configure(client, oidc.PrivateKeyJwt(privateKey));
      },
    ],
  ])('%s', (_, configured) => {
    it('the code flow ends with tokens, a verified ID token and the allowed userinfo', async () => {
      const config = await configured();
      oidc.enableNonRepudiationChecks(config); // the ID token's signature against the published key set
      const nonce = oidc.randomNonce();
      const over = { scope: 'openid profile email llm:proxy', nonce };
      const { url, checks } = await apps.begin(config, over);
      const newcomer = await apps.newcomer();
      const { place, pages } = await apps.walk(url, { person: newcomer });
      expect(pages).toEqual(['Sign in', 'Allow this app?']);
      expect(toldAt(place)).toEqual({ code: expect.any(String), state: checks.expectedState, iss: issuer() });

      const tokens = await finish(config, place, { ...checks, idTokenExpected: true });
      expect({ ...tokens }).toEqual({
        access_token: expect.stringMatching(/^llm_ut_[\w-]{43}[0-9A-Za-z]{6}$/),
        refresh_token: expect.stringMatching(/^llm_rt_[\w-]{43}[0-9A-Za-z]{6}$/),
        id_token: expect.any(String),
        token_type: 'bearer',
        expires_in: 3600,
        scope: expect.any(String),
      });
      expect(tokens.scope!.split(' ')).toContain('llm:proxy');
      expect(tokens.claims()).toMatchObject({
        iss: issuer(),
        aud: config.clientMetadata().client_id,
        sub: newcomer.id,
        nonce,
      });

      const { id, email } = newcomer;
      const told = await oidc.fetchUserInfo(config, tokens.access_token, id);
      expect(told).toEqual({ sub: id, name: 'Nadia Newcomer', email, email_verified: true });
      await apps.expectServed(tokens.access_token);
      expect(stage.fake.received.at(-1)!.headers.authorization).toBe(`Bearer ${storedSecret('openai')}`);
    });
  });

  it('userinfo returns only the claims of the granted scopes', async () => {
    const config = await apps.configure(open);
    const tokens = await apps.authorize(config, { person, over: { scope: 'openid llm:proxy', nonce: 'a-nonce' } });
    expect(await oidc.fetchUserInfo(config, tokens.access_token, person.id)).toEqual({ sub: person.id });
    const nameless = await apps.authorize(config, { person });
    expect(nameless.id_token).toBeUndefined();
    const refused = await refusalOf(oidc.fetchUserInfo(config, nameless.access_token, person.id));
    expect(refused).toMatchObject({ status: 403, error: 'insufficient_scope' });
  });

  describe('the ID token', () => {
    it('an ID token is signed with a published RS256 or ES256 key', async () => {
      for (const alg of ['RS256', 'ES256']) {
        const registered = await apps.oauth.register({ id_token_signed_response_alg: alg });
        const config = await apps.configure({ clientId: registered.body.client_id as string }, oidc.None(), 'oidc', {
          id_token_signed_response_alg: alg,
        });
        oidc.enableNonRepudiationChecks(config);
        const redirect_uri = (registered.body.redirect_uris as string[])[0]!;
        const tokens = await apps.authorize(config, { person, over: { scope: 'openid', redirect_uri } });
        const header = JSON.parse(Buffer.from(tokens.id_token!.split('.')[0]!, 'base64url').toString());
        expect(header).toMatchObject({ alg, kid: expect.any(String) });
      }
    });

    it('registration rejects the ID token algorithms HS256 and none (OpenID Connect Core §16.12)', async () => {
      for (const alg of ['HS256', 'none']) {
        const { status, body } = await apps.oauth.register({ id_token_signed_response_alg: alg });
        expect([status, body.error]).toEqual([400, 'invalid_client_metadata']);
      }
    });

    it('an ID token gets 401 on LLM routes and in the admin API', async () => {
      const config = await apps.configure(open);
      const tokens = await apps.authorize(config, { person, over: { scope: 'openid llm:proxy' } });
      await apps.expectRefused(tokens.id_token!, 401, 'credential_invalid');
      expect((await stage.gateway.admin.as(tokens.id_token!).get('/api/me')).status).toBe(401);
    });
  });

  describe('error responses to the app (RFC 6749 §4.1.2.1, RFC 9207)', () => {
    /** Returns the library's error for the response at the callback. */
    const failing = async (over: Record<string, string>, walk: Walk = { person }, client = open) => {
      const config = await apps.configure(client);
      const { url, checks, parameters } = await apps.begin(config, over);
      const { place } = await apps.walk(url, walk);
      expect(toldAt(place)).toMatchObject({ state: parameters.state, iss: issuer() });
      const error: unknown = await finish(config, place, checks).catch((problem: unknown) => problem);
      expect(error).toBeInstanceOf(oidc.AuthorizationResponseError);
      return error as oidc.AuthorizationResponseError;
    };

    it('a denied consent returns access_denied, is audited and is not remembered', async () => {
      const client = await apps.app({ tokenEndpointAuthMethod: 'none' });
      const denied = await failing({}, { person, decision: 'deny' }, client);
      expect([denied.error, denied.error_description]).toEqual(['access_denied', 'the user does not allow it']);
      const entries = await apps.audited('oauth_consent.deny', client.clientId);
      expect(entries).toEqual([
        expect.objectContaining({ actor_type: 'user', actor_id: person.id, after: { scopes: ['llm:proxy'] } }),
      ]);
      const { url } = await apps.begin(await apps.configure(client));
      expect((await apps.walk(url, { person })).pages).toEqual(['Sign in', 'Allow this app?']);
    });

    it.each([
      [{ scope: 'llm:proxy root' }, 'invalid_scope'],
      [{ scope: 'llm:proxy admin:read' }, 'invalid_scope'],
      [{ resource: 'https://elsewhere.example/v1' }, 'invalid_target'],
      [{ code_challenge: '' }, 'invalid_request'],
      [{ code_challenge_method: 'plain' }, 'invalid_request'],
      [{ code_challenge_method: '' }, 'invalid_request'],
      [{ prompt: 'none' }, 'login_required'],
      [{ prompt: 'none login' }, 'invalid_request'],
      [{ request: 'e30.e30.' }, 'request_not_supported'],
      [{ request_uri: 'https://elsewhere.example/request' }, 'request_uri_not_supported'],
    ])('an authorization request with %j returns %s', async (over, error) => {
      expect((await failing(over as Record<string, string>)).error).toBe(error);
    });

    it.each([{ response_type: 'token' }, { response_type: 'code id_token', nonce: 'n' }])(
      'a request for tokens in the browser returns unsupported_response_type in the fragment: %j',
      async (over) => {
        const { url, parameters } = await apps.begin(await apps.configure(open), over as Record<string, string>);
        const { place } = await apps.walk(url, { person });
        expect(toldAt(place)).toEqual({});
        expect(Object.fromEntries(new URLSearchParams(place.url.hash.slice(1)))).toMatchObject({
          error: 'unsupported_response_type',
          state: parameters.state,
          iss: issuer(),
        });
      },
    );

    it.each([
      ['with an unregistered redirect_uri', { redirect_uri: 'https://elsewhere.example/oauth/callback' }],
      ['with a longer redirect_uri', { redirect_uri: `${CALLBACK}/more` }],
      ['with a query in redirect_uri', { redirect_uri: `${CALLBACK}?next=x` }],
      ['for an unknown client', { client_id: 'llm_oauth_nobody' }],
      ['without redirect_uri', { redirect_uri: '' }],
    ])('an authorization request %s gets an error page instead of a redirect', async (_, over) => {
      const { url } = await apps.begin(await apps.configure(open), over);
      const { place } = await apps.walk(url, { person });
      expect(place.url.origin).toBe(issuer());
      expect(place.status).toBe(400);
      expect(place.headers.get('content-type')).toMatch(/^text\/html/);
      expect(headingOf(place.html)).toBe('This did not work');
    });
  });

  describe('PKCE (RFC 7636)', () => {
    it('an authorization code requires its PKCE verifier, for confidential clients too', async () => {
      for (const config of [await apps.configure(open), await apps.configure(closed)]) {
        const { url, checks } = await apps.begin(config);
        const { place } = await apps.walk(url, { person });
        const wrong = { ...checks, pkceCodeVerifier: oidc.randomPKCECodeVerifier() };
        expect(await refusalOf(finish(config, place, wrong))).toMatchObject({ status: 400, error: 'invalid_grant' });
        const { pkceCodeVerifier: _, ...none } = checks;
        const refusal = await refusalOf(finish(config, place, none));
        expect([refusal.status, refusal.error]).toEqual([400, 'invalid_grant']);
      }
    });
  });

  describe('the authorization code', () => {
    const newCode = async (client = open) => {
      const config = await apps.configure(client);
      const { url, checks } = await apps.begin(config);
      const { place } = await apps.walk(url, { person });
      return { config, place, checks, code: place.url.searchParams.get('code')! };
    };

    it('an authorization code is redeemed once, and a later replay revokes its tokens (RFC 6749 §4.1.2)', async () => {
      const { config, place, checks } = await newCode();
      const tokens = await finish(config, place, checks);
      expect(await refusalOf(finish(config, place, checks))).toMatchObject({ error: 'invalid_grant' });
      // A simultaneous second redemption is a client's mistake, and ends nothing.
      await apps.expectServed(tokens.access_token);

      stage.gateway.clock.advance(6 * SECOND);
      expect(await refusalOf(finish(config, place, checks))).toMatchObject({ status: 400, error: 'invalid_grant' });
      await apps.expectRefused(tokens.access_token, 401, 'credential_invalid');
      expect(await refusalOf(oidc.refreshTokenGrant(config, tokens.refresh_token!))).toMatchObject({
        error: 'invalid_grant',
      });
      const reuse = await apps.auditedOf('oauth_grant.reuse_detected', open);
      expect(reuse.at(-1)).toMatchObject({ actor_type: 'user', actor_id: person.id, target_type: 'oauth_grant' });
    });

    it('an authorization code of another client or redirect_uri is rejected with invalid_grant', async () => {
      const { config, place, checks, code } = await newCode();
      const other = await apps.configure(closed);
      expect(await refusalOf(finish(other, place, checks))).toMatchObject({ status: 400, error: 'invalid_grant' });
      const elsewhere = await apps.oauth.redeem(open.clientId, code, checks.pkceCodeVerifier!, {
        redirect_uri: 'https://app.example.com/other',
      });
      expect([elsewhere.status, elsewhere.body.error]).toEqual([400, 'invalid_grant']);
      await finish(config, place, checks);
    });

    it('an authorization code expires after a minute', async () => {
      const { config, place, checks } = await newCode();
      time.travel(66 * SECOND);
      expect(await refusalOf(finish(config, place, checks))).toMatchObject({ status: 400, error: 'invalid_grant' });
    });

    it('an authorization code redeemed for another resource gets invalid_target and stays valid (RFC 8707 §2.2)', async () => {
      const { config, place, checks } = await newCode();
      const swapped = oidc.authorizationCodeGrant(config, place.url, checks, { resource: `${issuer()}/api` });
      expect(await refusalOf(swapped)).toMatchObject({ status: 400, error: 'invalid_target' });
      await apps.expectServed((await finish(config, place, checks)).access_token);
    });

    it('a redeemed authorization code is audited without the tokens', async () => {
      const client = await apps.app({ tokenEndpointAuthMethod: 'none' });
      const tokens = await apps.authorize(await apps.configure(client), { person });
      const entries = await apps.auditedOf('oauth_token.issue', client);
      expect(entries).toEqual([
        expect.objectContaining({
          actor_type: 'user',
          actor_id: person.id,
          after: expect.objectContaining({
            grantType: 'authorization_code',
            scope: 'llm:proxy',
            resource: `${issuer()}/v1`,
          }),
        }),
      ]);
      for (const token of [tokens.access_token, tokens.refresh_token!]) {
        expect(JSON.stringify(entries)).not.toContain(token.slice(7));
      }
    });
  });

  describe('the browser session (OpenID Connect Core §3.1.2.1)', () => {
    it('a browser session skips the next sign-in, and prompt=none requires session and consent', async () => {
      const browser = apps.oauth.browser();
      const client = await apps.app({ tokenEndpointAuthMethod: 'none' });
      const config = await apps.configure(client);
      const silent = async (): Promise<Record<string, string>> => {
        const { url } = await apps.begin(config, { prompt: 'none' });
        const { place, pages } = await apps.walk(url, { browser, person });
        expect(pages).toEqual([]);
        return toldAt(place);
      };
      expect(await silent()).toMatchObject({ error: 'login_required', iss: issuer() });
      await apps.authorize(await apps.configure(open), { browser, person });
      expect(await silent()).toMatchObject({ error: 'consent_required', iss: issuer() });
      const { url, checks } = await apps.begin(config);
      const { place, pages } = await apps.walk(url, { browser, person });
      expect(pages).toEqual(['Allow this app?']);
      await finish(config, place, checks);
      expect(await silent()).toMatchObject({ code: expect.any(String), iss: issuer() });
    });

    it('prompt=login asks for a sign-in despite a session', async () => {
      const browser = apps.oauth.browser();
      const config = await apps.configure(open);
      await apps.authorize(config, { browser, person });
      const { url, checks } = await apps.begin(config, { prompt: 'login' });
      // No grant is created before that.
      const grants = () => stage.sql('SELECT id FROM oauth_grant ORDER BY id');
      const before = await grants();
      await browser.go(url);
      expect(await grants()).toEqual(before);
      const { place, pages } = await apps.walk(url, { browser, person });
      expect(pages).toEqual(['Sign in']);
      await finish(config, place, checks);
    });

    it('max_age asks for a new sign-in, which auth_time proves', async () => {
      const browser = apps.oauth.browser();
      const config = await apps.configure(open);
      const scope = 'openid llm:proxy';
      await apps.authorize(config, { browser, person, over: { scope } });
      const walked = async () => {
        const { url, checks } = await apps.begin(config, { scope, max_age: '60' });
        const { place, pages } = await apps.walk(url, { browser, person });
        const tokens = await finish(config, place, { ...checks, maxAge: 60 });
        return { pages, age: Date.now() / 1000 - tokens.claims()!.auth_time! };
      };
      const soon = await walked();
      expect(soon.pages).toEqual([]);
      time.travel(120 * SECOND);
      const late = await walked();
      expect(late.pages).toEqual(['Sign in']);
      expect(late.age).toBeLessThan(60);
    });

    it('a browser session ends after twelve hours, or after two weeks with remember', async () => {
      const config = await apps.configure(open);
      const pagesAfter = async (remember: boolean, milliseconds: number): Promise<string[]> => {
        const browser = apps.oauth.browser();
        const { url } = await apps.begin(config);
        const signIn = await browser.go(url);
        const { email, password } = person;
        await browser.submit(signIn, { email, password, ...(remember ? { remember: 'yes' } : {}) });
        time.travel(milliseconds);
        const again = await apps.walk((await apps.begin(config)).url, { browser, person });
        time.undo();
        return again.pages;
      };
      expect(await pagesAfter(false, DAY / 2 - 600 * SECOND)).toEqual([]);
      expect(await pagesAfter(false, DAY / 2 + 60 * SECOND)).toEqual(['Sign in']);
      expect(await pagesAfter(true, 14 * DAY - 600 * SECOND)).toEqual([]);
      expect(await pagesAfter(true, 14 * DAY + 60 * SECOND)).toEqual(['Sign in']);
    });

    it('login_hint fills in the address of the sign-in form', async () => {
      const { url } = await apps.begin(await apps.configure(open), { login_hint: 'nadia@example.com' });
      const { html } = await apps.oauth.browser().go(url);
      expect(/<input[^>]*name="email"[^>]*>/.exec(html)![0]).toContain('value="nadia@example.com"');
    });

    it('a wrong password, an unknown address and a disabled user get the same error', async () => {
      const gone = await apps.newcomer();
      await stage.gateway.admin.post(`/api/users/${gone.id}/disable`);
      const browser = apps.oauth.browser();
      const signIn = await browser.go((await apps.begin(await apps.configure(open))).url);
      const tries = [
        { email: person.email, password: 'a wrong password' },
        { email: 'nobody@example.com', password: person.password },
        { email: gone.email, password: gone.password },
      ];
      const errors = [];
      for (const typed of tries) {
        const answer = await browser.submit(signIn, typed);
        expect([answer.status, headingOf(answer.html)]).toEqual([400, 'Sign in']);
        errors.push(/id="sign-in-error"[^>]*>([\s\S]*?)<\/(?:p|div)>/.exec(answer.html)![1]);
      }
      expect(new Set(errors).size).toBe(1);
      const { place } = await apps.walk(signIn.url, { browser, person });
      expect(toldAt(place)).toHaveProperty('code');
    });
  });

  describe('response_mode=form_post (OAuth 2.0 Form Post Response Mode)', () => {
    it('form_post returns the code to the app by a form', async () => {
      const config = await apps.configure(closed);
      const { url, checks } = await apps.begin(config, { response_mode: 'form_post' });
      const { place } = await apps.walk(url, { person });
      expect(place.status).toBe(200);
      const { action, hidden } = formOf(place.html);
      expect(action).toBe(CALLBACK);
      expect(hidden).toEqual({ code: expect.any(String), state: checks.expectedState, iss: issuer() });
      expect(place.headers.get('content-security-policy')).toContain(`form-action 'self' ${new URL(CALLBACK).origin}`);
      const posted = new Request(CALLBACK, { method: 'POST', body: new URLSearchParams(hidden) });
      await apps.expectServed((await oidc.authorizationCodeGrant(config, posted, checks)).access_token);
    });

    it('form_post returns errors to the app by a form', async () => {
      const { url } = await apps.begin(await apps.configure(closed), { response_mode: 'form_post', prompt: 'none' });
      const { place } = await apps.walk(url, {});
      expect(formOf(place.html).hidden).toMatchObject({ error: 'login_required', iss: issuer() });
    });
  });

  it('the token endpoint accepts cross-origin requests only from an origin of the client', async () => {
    const pkce = newPkce();
    const code = await apps.oauth.code(open.clientId, pkce, { person, over: { redirect_uri: CALLBACK } });
    const redeem = (origin: string) =>
      apps.oauth.post(
        'token',
        {
          grant_type: 'authorization_code',
          client_id: open.clientId,
          code,
          code_verifier: pkce.verifier,
          redirect_uri: CALLBACK,
        },
        { origin },
      );
    const strange = await redeem('https://elsewhere.example');
    expect([strange.status, strange.body.error]).toEqual([400, 'invalid_request']);
    expect(strange.headers.get('access-control-allow-origin')).toBeNull();
    const own = await redeem('https://app.example.com');
    expect(own.status).toBe(200);
    expect(own.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    expect(own.headers.get('access-control-allow-credentials')).toBeNull();
  });
});
