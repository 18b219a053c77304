/** Revocation and introspection of tokens, and their state after a person signs out. */
import * as oauth from 'oauth4webapi';
import * as oidc from 'openid-client';
import {
  CALLBACK,
  LibraryApps,
  refusalOf,
  SECOND,
  time,
  type CreatedClient,
  type Newcomer,
} from '../../support/oauth/openid-client-app.js';
import { basic } from '../../support/oauth/oauth-driver.js';
import { formOf, headingOf } from '../../support/oauth/page-browser.js';
import { startStage, type Stage } from '../../support/gateway/stage.js';

const SIGNED_OUT_AT = 'https://app.example.com/signed-out';
const INACTIVE = { active: false };

describe('revocation, introspection and sign-out', () => {
  let stage: Stage;
  let apps: LibraryApps;
  let person: Newcomer;
  let client: CreatedClient;
  let config: oidc.Configuration;
  beforeAll(async () => {
    stage = await startStage();
    apps = new LibraryApps(stage);
    person = await apps.newcomer();
    client = await apps.app({ postLogoutRedirectUris: [SIGNED_OUT_AT] });
    config = await apps.configure(client);
  });
  afterEach(() => time.undo());
  afterAll(() => stage.close());

  const tokensOf = async (by = config, over: Record<string, string> = {}) => {
    const { access_token: access, refresh_token: refresh } = await apps.authorize(by, { person, over });
    return { access, refresh: refresh! };
  };
  const ended = (by: oidc.Configuration, refresh: string) => refusalOf(oidc.refreshTokenGrant(by, refresh));

  describe('token revocation (RFC 7009)', () => {
    it('revocation of a client token ends that token only and is audited', async () => {
      const service = await apps.service();
      const by = await apps.configure(service);
      const [one, other] = [await oidc.clientCredentialsGrant(by), await oidc.clientCredentialsGrant(by)];
      await apps.expectServed(one.access_token);
      await oidc.tokenRevocation(by, one.access_token);
      await apps.expectRefused(one.access_token, 401, 'credential_invalid');
      await apps.expectServed(other.access_token);
      expect(await apps.auditedOf('oauth_token.revoke', service)).toEqual([
        expect.objectContaining({
          actor_type: 'app',
          actor_id: service.id,
          before: { kind: 'ClientCredentials', clientId: service.clientId },
        }),
      ]);
    });

    it.each(['access', 'refresh'] as const)(
      'revocation of a user’s %s token ends its whole grant and no other grant',
      async (kind) => {
        const own = await apps.app({ tokenEndpointAuthMethod: 'none' });
        const by = await apps.configure(own);
        const [tokens, other] = [await tokensOf(by), await tokensOf(by)];
        const renewed = await oidc.refreshTokenGrant(by, tokens.refresh);
        await apps.expectServed(tokens.access);
        await apps.expectServed(renewed.access_token);
        const given = kind === 'access' ? tokens.access : renewed.refresh_token!;
        await oidc.tokenRevocation(by, given, { token_type_hint: `${kind}_token` });
        await apps.expectRefused(tokens.access, 401, 'credential_invalid');
        await apps.expectRefused(renewed.access_token, 401, 'credential_invalid');
        expect(await ended(by, renewed.refresh_token!)).toMatchObject({ status: 400, error: 'invalid_grant' });
        await apps.expectServed(other.access);
        const entries = await apps.auditedOf('oauth_token.revoke', own);
        expect(entries).toEqual([
          expect.objectContaining({
            actor_type: 'user',
            actor_id: person.id,
            before: { kind: kind === 'access' ? 'AccessToken' : 'RefreshToken', clientId: own.clientId },
          }),
        ]);
        expect(JSON.stringify(entries)).not.toContain(given.slice(7));
      },
    );

    it('revocation ignores a wrong token_type_hint and succeeds for a revoked token', async () => {
      const { access } = await tokensOf();
      const insecure = { [oauth.allowInsecureRequests]: true };
      const server = await oauth.processDiscoveryResponse(
        apps.issuer,
        await oauth.discoveryRequest(apps.issuer, insecure),
      );
      for (const hint of ['refresh_token', 'access_token', 'something']) {
        const response = await oauth.revocationRequest(
          server,
          { client_id: client.clientId },
          oauth.ClientSecretPost(client.clientSecret!),
          access,
          { ...insecure, additionalParameters: { token_type_hint: hint } },
        );
        expect(response.status).toBe(200);
        await oauth.processRevocationResponse(response);
      }
      await apps.expectRefused(access, 401, 'credential_invalid');
    });

    it.each([
      ['public', { tokenEndpointAuthMethod: 'none' }],
      ['confidential', {}],
    ])('revocation by another %s client has no effect', async (_, over) => {
      const stranger = await apps.configure(await apps.app(over));
      const { access, refresh } = await tokensOf();
      for (const token of [access, refresh]) await oidc.tokenRevocation(stranger, token).catch(() => undefined);
      await apps.expectServed(access);
      await apps.expectServed((await oidc.refreshTokenGrant(config, refresh)).access_token);
    });

    it('revocation without valid client authentication gets 401 invalid_client', async () => {
      const { access } = await tokensOf();
      const wrong = await apps.oauth.post('revoke', { token: access }, basic(client.clientId, 'llm_secret_wrong'));
      expect([wrong.status, wrong.body.error]).toEqual([401, 'invalid_client']);
      const none = await apps.oauth.post('revoke', { token: access, client_id: client.clientId });
      expect([none.status, none.body.error]).toEqual([401, 'invalid_client']);
      await apps.expectServed(access);
    });

    it('revocation of an unknown token succeeds', async () => {
      for (const token of ['llm_ut_nothing', 'nonsense', 'a'.repeat(5000)]) await oidc.tokenRevocation(config, token);
    });
  });

  describe('token introspection (RFC 7662)', () => {
    let watcher: oidc.Configuration;
    beforeAll(async () => void (watcher = await apps.configure(await apps.service({ mayIntrospect: true }))));
    const look = async (by: oidc.Configuration, token: string) => ({ ...(await oidc.tokenIntrospection(by, token)) });

    it('introspection shows a client its own tokens without their values', async () => {
      const { access, refresh } = await tokensOf(config, { scope: 'openid llm:proxy' });
      const common = {
        active: true,
        client_id: client.clientId,
        sub: person.id,
        iss: stage.gateway.url,
        iat: expect.any(Number),
        exp: expect.any(Number),
      };
      const ofAccess = await look(config, access);
      expect(ofAccess).toEqual({ ...common, aud: `${stage.gateway.url}/v1`, scope: 'llm:proxy', token_type: 'Bearer' });
      expect((ofAccess.exp as number) - (ofAccess.iat as number)).toBe(3600);
      expect(await look(config, refresh)).toEqual({ ...common, scope: expect.stringContaining('llm:proxy') });
      for (const [token, other] of [
        [access, refresh],
        [refresh, access],
      ]) {
        const text = JSON.stringify(await look(config, token!));
        expect(text).not.toContain(token!.slice(7));
        expect(text).not.toContain(other!.slice(7));
      }
    });

    it('introspection of a client token shows no subject', async () => {
      const service = await apps.service();
      const by = await apps.configure(service);
      const { access_token } = await oidc.clientCredentialsGrant(by);
      expect(await look(by, access_token)).toEqual({
        active: true,
        client_id: service.clientId,
        iss: stage.gateway.url,
        aud: `${stage.gateway.url}/v1`,
        scope: 'llm:proxy',
        token_type: 'Bearer',
        iat: expect.any(Number),
        exp: expect.any(Number),
      });
    });

    it('introspection shows tokens to a client with mayIntrospect of the same organization', async () => {
      const { access, refresh } = await tokensOf();
      const service = await oidc.clientCredentialsGrant(await apps.configure(await apps.service()));
      for (const token of [access, refresh, service.access_token])
        expect(await look(watcher, token)).toMatchObject({ active: true });
    });

    it('introspection shows a self-registered client’s tokens to the user’s organization', async () => {
      const { body } = await apps.oauth.register();
      const by = await apps.configure({ clientId: body.client_id as string });
      const { access } = await tokensOf(by, { redirect_uri: (body.redirect_uris as string[])[0]! });
      expect(await look(watcher, access)).toMatchObject({ active: true, sub: person.id });
    });

    it('introspection answers active false to clients without mayIntrospect and other organizations', async () => {
      const elsewhere = await stage.otherOrganization();
      const over = { mayIntrospect: true, allowedLlmProxyIds: [], providerApiKeys: [] };
      const strangers = [await apps.app(), await apps.service(), await apps.service(over, elsewhere.admin)];
      const { access, refresh } = await tokensOf();
      for (const stranger of strangers) {
        const by = await apps.configure(stranger);
        for (const token of [access, refresh, 'llm_ut_nothing']) expect(await look(by, token)).toEqual(INACTIVE);
      }
    });

    it('introspection without valid client authentication shows nothing', async () => {
      const { access } = await tokensOf();
      const wrong = await apps.oauth.post('introspect', { token: access }, basic(client.clientId, 'llm_secret_wrong'));
      expect([wrong.status, wrong.body.error]).toEqual([401, 'invalid_client']);
      const none = await apps.oauth.post('introspect', { token: access });
      expect(none.status).toBeGreaterThanOrEqual(400);
      expect(none.body).not.toHaveProperty('active');
    });

    it.each<
      [string, (tokens: { access: string; refresh: string }, of: CreatedClient, who: Newcomer) => Promise<unknown>]
    >([
      ['are revoked', async ({ refresh }, of) => oidc.tokenRevocation(await apps.configure(of), refresh)],
      ['belong to a disabled user', (_, __, { id }) => stage.gateway.admin.post(`/api/users/${id}/disable`)],
      ['belong to a deleted user', (_, __, { id }) => stage.gateway.admin.delete(`/api/users/${id}`)],
      [
        'belong to a disabled client',
        (_, { id }) => stage.gateway.admin.patch(`/api/llm-oauth-clients/${id}`, { isDisabled: true }),
      ],
      ['belong to a deleted client', (_, { id }) => stage.gateway.admin.delete(`/api/llm-oauth-clients/${id}`)],
      ['have expired', async () => time.travel(91 * 86_400 * SECOND)],
    ])('introspection answers active false for tokens that %s', async (_, lose) => {
      const [of, who] = [await apps.app(), await apps.newcomer()];
      const { access_token, refresh_token } = await apps.authorize(await apps.configure(of), { person: who });
      const tokens = { access: access_token, refresh: refresh_token! };
      for (const token of Object.values(tokens)) expect(await look(watcher, token)).toMatchObject({ active: true });
      await lose(tokens, of, who);
      for (const token of Object.values(tokens)) expect(await look(watcher, token)).toEqual(INACTIVE);
    });

    it('introspection answers active false for a rotated refresh token', async () => {
      const { refresh } = await tokensOf();
      await oidc.refreshTokenGrant(config, refresh);
      stage.gateway.clock.advance(11 * SECOND);
      expect(await look(config, refresh)).toEqual(INACTIVE);
    });
  });

  describe('sign-out (OpenID Connect RP-Initiated Logout)', () => {
    const signedIn = async () => {
      const browser = apps.oauth.browser();
      const tokens = await apps.authorize(config, { person, browser, over: { scope: 'openid llm:proxy' } });
      const stillSignedIn = async (): Promise<boolean> => {
        const { url } = await apps.begin(config, { prompt: 'none' });
        return (await apps.walk(url, { browser })).place.url.searchParams.has('code');
      };
      return { browser, tokens, stillSignedIn };
    };
    const endUrl = (parameters: Record<string, string>) => oidc.buildEndSessionUrl(config, parameters);

    it('a sign-out redirects to the registered address and keeps the app’s tokens', async () => {
      const { browser, tokens, stillSignedIn } = await signedIn();
      expect(await stillSignedIn()).toBe(true);
      const url = endUrl({ id_token_hint: tokens.id_token!, post_logout_redirect_uri: SIGNED_OUT_AT, state: 's' });
      const page = await browser.go(url);
      expect(headingOf(page.html)).toBe('Sign out?');
      expect(page.html).toContain('An app');
      expect(page.headers.get('content-security-policy')).toContain(`form-action 'self' ${new URL(CALLBACK).origin};`);
      const end = await browser.submit(page, { logout: 'yes' });
      expect(end.url.href).toBe(`${SIGNED_OUT_AT}?state=s`);
      expect(await stillSignedIn()).toBe(false);
      await apps.expectServed(tokens.access_token);
      await apps.expectServed((await oidc.refreshTokenGrant(config, tokens.refresh_token!)).access_token);
    });

    it('a sign-out asks first, and the user may stay signed in', async () => {
      const { browser, stillSignedIn } = await signedIn();
      const page = await browser.go(endUrl({}));
      await browser.submit(page, {});
      expect(await stillSignedIn()).toBe(true);
    });

    it('a sign-out without post_logout_redirect_uri ends on a page of the gateway', async () => {
      const { browser, tokens, stillSignedIn } = await signedIn();
      const end = await browser.submit(await browser.go(endUrl({ id_token_hint: tokens.id_token! })), {
        logout: 'yes',
      });
      expect([end.status, headingOf(end.html)]).toEqual([200, 'You are signed out']);
      expect(await stillSignedIn()).toBe(false);
    });

    it('a sign-out without a session still redirects to the registered address', async () => {
      const browser = apps.oauth.browser();
      const page = await browser.go(endUrl({ post_logout_redirect_uri: SIGNED_OUT_AT, state: 's' }));
      // A page that submits itself: a browser follows its response only to targets that the policy allows for forms.
      expect(page.headers.get('content-security-policy')).toContain(
        `form-action 'self' ${new URL(SIGNED_OUT_AT).origin};`,
      );
      const { action, hidden } = formOf(page.html);
      expect((await browser.go(action, hidden)).url.href).toBe(`${SIGNED_OUT_AT}?state=s`);
    });

    it('a sign-out to an unregistered address gets 400 and keeps the session', async () => {
      const { browser, tokens, stillSignedIn } = await signedIn();
      for (const post_logout_redirect_uri of ['https://elsewhere.example/', CALLBACK, `${SIGNED_OUT_AT}/more`]) {
        const page = await browser.go(endUrl({ id_token_hint: tokens.id_token!, post_logout_redirect_uri }));
        expect([page.status, page.url.origin, headingOf(page.html)]).toEqual([
          400,
          stage.gateway.url,
          'This did not work',
        ]);
      }
      expect(await stillSignedIn()).toBe(true);
    });
  });
});
