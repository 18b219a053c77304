/** Refresh tokens with openid-client and oauth4webapi: a new one each time, and reuse of an old one ends the grant. */
import * as oauth from 'oauth4webapi';
import * as oidc from 'openid-client';
import { TokenAudit } from '../../../src/oauth/tokens/audit.js';
import {
  DAY,
  LibraryApps,
  refusalOf,
  SECOND,
  time,
  type CreatedClient,
  type Newcomer,
} from '../../support/oauth/openid-client-app.js';
import { startStage, type Stage } from '../../support/gateway/stage.js';

const HOUR = 3600 * SECOND;
const ENDED = { status: 400, error: 'invalid_grant' };

describe('the refresh token grant (RFC 6749 §6, RFC 9700 §4.14)', () => {
  let stage: Stage;
  let apps: LibraryApps;
  let person: Newcomer;
  let client: CreatedClient;
  let config: oidc.Configuration;
  beforeAll(async () => {
    stage = await startStage();
    apps = new LibraryApps(stage);
    person = await apps.newcomer('admin');
    client = await apps.app({ tokenEndpointAuthMethod: 'none' });
    config = await apps.configure(client);
  });
  afterEach(() => time.undo());
  afterAll(() => stage.close());

  const begin = async (scope = 'llm:proxy', by = config) => {
    const tokens = await apps.authorize(by, { person, over: { scope } });
    return { access: tokens.access_token, refresh: tokens.refresh_token!, scope: tokens.scope };
  };
  const refresh = async (token: string, parameters: Record<string, string> = {}, by = config) => {
    const tokens = await oidc.refreshTokenGrant(by, token, parameters);
    return { access: tokens.access_token, refresh: tokens.refresh_token!, scope: tokens.scope };
  };

  it('a refresh returns a new access and refresh token and keeps earlier access tokens valid', async () => {
    const first = await begin();
    const second = await refresh(first.refresh);
    const third = await refresh(second.refresh);
    expect(new Set([first.refresh, second.refresh, third.refresh]).size).toBe(3);
    for (const { access, refresh: value } of [first, second, third]) {
      expect(value).toMatch(/^llm_rt_[\w-]{43}[0-9A-Za-z]{6}$/);
      await apps.expectServed(access);
    }
  });

  it('a refresh is audited without the tokens', async () => {
    const own = await apps.app({ tokenEndpointAuthMethod: 'none' });
    const by = await apps.configure(own);
    const { access, refresh: value } = await refresh((await begin('llm:proxy', by)).refresh, {}, by);
    const entries = await apps.auditedOf('oauth_token.refresh', own);
    expect(entries).toEqual([
      expect.objectContaining({
        actor_type: 'user',
        actor_id: person.id,
        after: expect.objectContaining({ grantType: 'authorization_code refresh_token', scope: 'llm:proxy' }),
      }),
    ]);
    for (const token of [access, value]) expect(JSON.stringify(entries)).not.toContain(token.slice(7));
  });

  it('a refresh of a confidential client requires its secret', async () => {
    const closed = await apps.app();
    const by = await apps.configure(closed);
    const { refresh: value } = await begin('openid llm:proxy', by);
    const insecure = { [oauth.allowInsecureRequests]: true };
    const server = await oauth.processDiscoveryResponse(
      apps.issuer,
      await oauth.discoveryRequest(apps.issuer, { algorithm: 'oauth2', ...insecure }),
    );
    const asClient = { client_id: closed.clientId };
    const ask = async (auth: oauth.ClientAuth) =>
      oauth.processRefreshTokenResponse(
        server,
        asClient,
        await oauth.refreshTokenGrantRequest(server, asClient, auth, value, insecure),
      );
    await expect(ask(oauth.None())).rejects.toMatchObject({ status: 401, error: 'invalid_client' });
    const tokens = await ask(oauth.ClientSecretPost(closed.clientSecret!));
    expect(oauth.getValidatedIdTokenClaims(tokens)).toMatchObject({ sub: person.id, aud: closed.clientId });
    await apps.expectServed(tokens.access_token);
  });

  it('a client registered without the refresh_token grant gets no refresh token', async () => {
    const { body } = await apps.oauth.register({ grant_types: ['authorization_code'] });
    const by = await apps.configure({ clientId: body.client_id as string });
    const redirect_uri = (body.redirect_uris as string[])[0]!;
    const tokens = await apps.authorize(by, { person, over: { redirect_uri } });
    expect(tokens.refresh_token).toBeUndefined();
  });

  it.each(['before the new ones are written', 'while they are written'])(
    'a refresh that fails %s keeps the refresh token valid',
    async (when) => {
      const { refresh: value } = await begin();
      const audit = stage.gateway.app.nest.get(TokenAudit, { strict: false });
      const ofIssue = audit.prepareIssue.bind(audit);
      const fail = (): Promise<never> => Promise.reject(new Error('this was not to be'));
      audit.prepareIssue = () => {
        audit.prepareIssue = ofIssue;
        return when === 'while they are written' ? Promise.resolve(fail) : fail();
      };
      expect((await apps.oauth.refresh(client.clientId, value)).status).toBe(500);
      const next = await refresh(value);
      await apps.expectServed(next.access);
      await apps.expectServed((await refresh(next.refresh)).access);
    },
  );

  describe('scopes of a refresh', () => {
    it('a refresh may narrow the scopes, and the next may request all of them', async () => {
      const first = await begin('admin:read admin:write');
      const narrow = await refresh(first.refresh, { scope: 'admin:read' });
      expect(narrow.scope).toBe('admin:read');
      const reader = stage.gateway.admin.as(narrow.access);
      expect((await reader.get('/api/teams')).status).toBe(200);
      expect((await reader.post('/api/teams', { name: 'Never' })).status).toBe(403);
      const wide = await refresh(narrow.refresh);
      expect(wide.scope!.split(' ').sort()).toEqual(['admin:read', 'admin:write']);
      expect((await stage.gateway.admin.as(wide.access).post('/api/teams', { name: 'Now' })).status).toBe(201);
    });

    it.each([
      ['a further scope of the resource', 'admin:read', 'admin:read admin:write'],
      ['a scope of another resource', 'admin:read', 'admin:read llm:proxy'],
      ['only a scope of another resource', 'llm:proxy', 'admin:read'],
      ['an unknown scope', 'llm:proxy', 'llm:proxy root'],
    ])('a refresh with %s gets 400 invalid_scope and keeps the refresh token valid', async (_, had, wanted) => {
      const { refresh: value } = await begin(had);
      expect(await refusalOf(refresh(value, { scope: wanted }))).toMatchObject({ status: 400, error: 'invalid_scope' });
      expect((await refresh(value)).scope).toBe(had);
    });

    it('a refresh for another resource gets 400 invalid_target (RFC 8707 §2.2)', async () => {
      const { refresh: value } = await begin();
      const swapped = refresh(value, { resource: `${stage.gateway.url}/api` });
      expect(await refusalOf(swapped)).toMatchObject({ status: 400, error: 'invalid_target' });
      await apps.expectServed((await refresh(value, { resource: `${stage.gateway.url}/v1` })).access);
    });
  });

  describe('reuse of a refresh token', () => {
    it('a used refresh token is rejected within ten seconds without ending the grant', async () => {
      const first = await begin();
      const second = await refresh(first.refresh);
      stage.gateway.clock.advance(9 * SECOND);
      expect(await refusalOf(refresh(first.refresh))).toMatchObject(ENDED);
      for (const { access } of [first, second]) await apps.expectServed(access);
      await apps.expectServed((await refresh(second.refresh)).access);
    });

    it('a used refresh token that returns after ten seconds ends its grant and no other', async () => {
      const own = await apps.app({ tokenEndpointAuthMethod: 'none' });
      const by = await apps.configure(own);
      const first = await begin('llm:proxy', by);
      const other = await begin('llm:proxy', by);
      const second = await refresh(first.refresh, {}, by);
      stage.gateway.clock.advance(11 * SECOND);
      expect(await refusalOf(refresh(first.refresh, {}, by))).toMatchObject(ENDED);
      for (const { access } of [first, second]) await apps.expectRefused(access, 401, 'credential_invalid');
      expect(await refusalOf(refresh(second.refresh, {}, by))).toMatchObject(ENDED);
      await apps.expectServed(other.access);
      await refresh(other.refresh, {}, by);
      expect(await apps.auditedOf('oauth_grant.reuse_detected', own)).toEqual([
        expect.objectContaining({ actor_type: 'user', actor_id: person.id, client_address: '127.0.0.1' }),
      ]);
    });
  });

  describe('validity of refresh tokens', () => {
    it('a refresh token expires after 14 days without use', async () => {
      const [kept, lost] = [await begin(), await begin()];
      time.travel(14 * DAY - HOUR);
      await apps.expectServed((await refresh(kept.refresh)).access);
      time.travel(HOUR + 60 * SECOND);
      expect(await refusalOf(refresh(lost.refresh))).toMatchObject(ENDED);
    });

    it('a refresh token family expires after 90 days, even when in use', async () => {
      let { refresh: value } = await begin();
      for (let day = 13; day < 90; day += 13) {
        time.travel(13 * DAY);
        value = (await refresh(value)).refresh;
      }
      time.travel(12 * DAY - HOUR); // 78 days and these
      value = (await refresh(value)).refresh;
      time.travel(HOUR + 60 * SECOND);
      expect(await refusalOf(refresh(value))).toMatchObject(ENDED);
    });

    it('a refresh token is rejected for another client and stays valid for its own', async () => {
      const { access, refresh: value } = await begin();
      const thief = await apps.configure(await apps.app({ tokenEndpointAuthMethod: 'none' }));
      expect(await refusalOf(refresh(value, {}, thief))).toMatchObject(ENDED);
      await apps.expectServed(access);
      await refresh(value);
    });

    it('a refresh token gets 401 as a bearer token', async () => {
      const { refresh: value } = await begin('openid llm:proxy');
      await apps.expectRefused(value, 401, 'credential_invalid');
      expect((await stage.gateway.admin.as(value).get('/api/me')).status).toBe(401);
      expect((await refusalOf(oidc.fetchUserInfo(config, value, person.id))).status).toBe(401);
    });

    it('a mistyped refresh token is rejected with invalid_grant', async () => {
      const { refresh: value } = await begin();
      const mistyped = `${value.slice(0, -1)}${value.endsWith('x') ? 'y' : 'x'}`;
      expect(await refusalOf(refresh(mistyped))).toMatchObject(ENDED);
      await refresh(value);
    });
  });
});
