/**
 * The access of a token that a user has allowed an app: what the user may access, no more, and only as long as that
 * holds.
 */
import * as oidc from 'openid-client';
import type { Decision } from '../../../src/oauth/consent/consent.store.js';
import { ConsentStore } from '../../../src/oauth/consent/consent.store.js';
import { createId } from '../../../src/platform/ids.js';
import {
  LibraryApps,
  refusalOf,
  SECOND,
  time,
  type CreatedClient,
  type Newcomer,
} from '../../support/oauth/openid-client-app.js';
import { startStage, storedSecret, type Stage } from '../../support/gateway/stage.js';

const CLIENTS = '/api/llm-oauth-clients';
const KEYS = '/api/llm-provider-api-keys';

describe('user tokens', () => {
  let stage: Stage;
  let apps: LibraryApps;
  beforeAll(async () => {
    stage = await startStage();
    apps = new LibraryApps(stage);
  });
  afterEach(() => time.undo());
  afterAll(() => stage.close());

  const app = (over: object = {}) => apps.app({ tokenEndpointAuthMethod: 'none', ...over });
  const tokensOf = async (person: Newcomer, client: CreatedClient, scope = 'openid llm:proxy') =>
    apps.authorize(await apps.configure(client), { person, over: { scope } });
  const tokenOf = async (person: Newcomer, over: object = {}): Promise<string> =>
    (await tokensOf(person, await app(over))).access_token;
  const teamWith = async (...members: Newcomer[]): Promise<string> => {
    const { id } = await stage.gateway.admin.create('/api/teams', { name: `Team ${createId<string>()}` });
    for (const { id: userId } of members) await stage.gateway.admin.create(`/api/teams/${id}/members`, { userId });
    return id as string;
  };
  const keyUsed = (): string => String(stage.fake.received.at(-1)!.headers.authorization).slice('Bearer '.length);

  describe('calls with a user token', () => {
    it('a call with a user token is recorded for the user and the app', async () => {
      const person = await apps.newcomer();
      const client = await app();
      const { access_token } = await tokensOf(person, client);
      const answer = await apps.expectServed(access_token);
      expect(await stage.recordOf(answer)).toMatchObject({
        auth_method: 'oauth-user',
        user_id: person.id,
        oauth_client_id: client.id,
        virtual_key_id: null,
      });
    });

    it('a user token uses the user’s key before the team’s before the organization’s', async () => {
      const person = await apps.newcomer('editor');
      const token = await tokenOf(person);
      await apps.expectServed(token);
      expect(keyUsed()).toBe(storedSecret('openai'));
      const team = await teamWith(person);
      const key = { name: 'k', provider: 'openai' };
      await stage.gateway.admin.create(KEYS, { ...key, apiKey: 'sk-team-0123456789', scope: 'team', teamId: team });
      await apps.expectServed(token);
      expect(keyUsed()).toBe('sk-team-0123456789');
      const own = await person.admin.create(KEYS, { ...key, apiKey: 'sk-own-0123456789' });
      await apps.expectServed(token);
      expect(keyUsed()).toBe('sk-own-0123456789');
      await person.admin.delete(`${KEYS}/${own.id}`);
      await apps.expectServed(token);
      expect(keyUsed()).toBe('sk-team-0123456789');
    });

    it('x-archestra-team-id selects the team’s key, and other teams get 403 team_not_allowed', async () => {
      const person = await apps.newcomer();
      const teams: string[] = [];
      for (const name of ['first', 'second']) {
        const teamId = await teamWith(person);
        await stage.gateway.admin.create(KEYS, {
          name,
          provider: 'openai',
          apiKey: `sk-${name}-team-0123456789`,
          scope: 'team',
          teamId,
        });
        teams.push(teamId);
      }
      const token = await tokenOf(person);
      await apps.expectServed(token);
      expect(keyUsed()).toBe('sk-first-team-0123456789');
      await apps.expectServed(token, { headers: [['x-archestra-team-id', teams[1]!]] });
      expect(keyUsed()).toBe('sk-second-team-0123456789');
      const strange = await teamWith(await apps.newcomer());
      await apps.expectRefused(token, 403, 'team_not_allowed', { headers: [['x-archestra-team-id', strange]] });
    });

    it('a user token without a key for a provider gets provider_not_mapped', async () => {
      const token = await tokenOf(await apps.newcomer());
      await stage.gateway.admin.delete(`${KEYS}/${stage.providerKeyIds.cohere}`);
      await apps.expectRefused(token, 400, 'provider_not_mapped', { family: 'cohere' });
    });

    it('a user token reaches LLM proxies of the user’s teams and of the app', async () => {
      const [member, outsider] = [await apps.newcomer(), await apps.newcomer()];
      const proxy = await stage.llmProxy({ teamIds: [await teamWith(member)] });
      const client = await app();
      const [inside, outside] = [await tokensOf(member, client), await tokensOf(outsider, client)];
      await apps.expectServed(inside.access_token, { proxyId: proxy });
      await apps.expectRefused(outside.access_token, 403, 'proxy_not_allowed', { proxyId: proxy });
      await stage.gateway.admin.patch(`${CLIENTS}/${client.id}`, { allowedLlmProxyIds: [proxy] });
      await apps.expectServed(outside.access_token, { proxyId: proxy });
      // Only they have access: the same user is refused through another app.
      await apps.expectRefused(await tokenOf(outsider), 403, 'proxy_not_allowed', { proxyId: proxy });
      await stage.gateway.admin.patch(`${CLIENTS}/${client.id}`, { allowedLlmProxyIds: [] });
      await apps.expectRefused(outside.access_token, 403, 'proxy_not_allowed', { proxyId: proxy });
    });

    it('a user token gets proxy_not_allowed for an LLM proxy of another organization', async () => {
      const { defaultProxyId } = await stage.otherOrganization();
      await apps.expectRefused(await tokenOf(await apps.newcomer()), 403, 'proxy_not_allowed', {
        proxyId: defaultProxyId,
      });
    });

    it('a user token lives for an hour, or as the organization sets it', async () => {
      const person = await apps.newcomer();
      const client = await app();
      const usual = await tokensOf(person, client);
      expect(usual.expires_in).toBe(3600);
      await stage.gateway.admin.patch('/api/organization', { userTokenLifetimeSeconds: 300 });
      try {
        const short = await tokensOf(person, client);
        expect(short.expires_in).toBe(300);
        const renewed = await oidc.refreshTokenGrant(await apps.configure(client), usual.refresh_token!);
        expect(renewed.expires_in).toBe(300);
        time.travel(301 * SECOND);
        await apps.expectRefused(short.access_token, 401, 'credential_expired');
        await apps.expectServed(usual.access_token);
      } finally {
        await stage.gateway.admin.patch('/api/organization', { userTokenLifetimeSeconds: 3600 });
      }
    });
  });

  describe('immediate effect of changes', () => {
    interface Loss {
      person: Newcomer;
      client: CreatedClient;
    }
    const admin = () => stage.gateway.admin;
    const decision = ({ person }: Loss): Decision => ({
      user: { id: person.id, organizationId: stage.organizationId as Decision['user']['organizationId'] },
      context: { requestId: 'a-request', clientAddress: '127.0.0.1' },
    });

    it.each<[string, (loss: Loss) => Promise<unknown>, string, ((loss: Loss) => Promise<unknown>) | null]>([
      [
        'the user is disabled',
        ({ person }) => admin().post(`/api/users/${person.id}/disable`),
        'invalid_grant',
        ({ person }) => admin().post(`/api/users/${person.id}/enable`),
      ],
      ['the user is deleted', ({ person }) => admin().delete(`/api/users/${person.id}`), 'invalid_grant', null],
      [
        'the user revokes the consent',
        (loss) => stage.gateway.app.nest.get(ConsentStore).revoke(decision(loss), loss.client.clientId),
        'invalid_grant',
        null,
      ],
      [
        'the client is disabled',
        ({ client }) => admin().patch(`${CLIENTS}/${client.id}`, { isDisabled: true }),
        'invalid_client',
        ({ client }) => admin().patch(`${CLIENTS}/${client.id}`, { isDisabled: false }),
      ],
      ['the client is deleted', ({ client }) => admin().delete(`${CLIENTS}/${client.id}`), 'invalid_client', null],
      [
        'the client’s secret is rotated with revokeTokens',
        ({ client }) => admin().post(`${CLIENTS}/${client.id}/rotate-secret`, { revokeTokens: true }),
        'invalid_client',
        null,
      ],
    ])('user tokens end permanently when %s', async (_, lose, error, undo) => {
      const person = await apps.newcomer();
      const client = await apps.app();
      const config = await apps.configure(client);
      const tokens = await tokensOf(person, client);
      const beside = await tokensOf(person, client, 'admin:read');
      await apps.expectServed(tokens.access_token);
      expect((await admin().as(beside.access_token).get('/api/me')).status).toBe(200);

      await lose({ person, client });
      await apps.expectRefused(tokens.access_token, 401, 'credential_invalid');
      expect((await admin().as(beside.access_token).get('/api/me')).status).toBe(401);
      expect((await refusalOf(oidc.fetchUserInfo(config, tokens.access_token, person.id))).status).toBe(401);
      expect((await refusalOf(oidc.refreshTokenGrant(config, tokens.refresh_token!))).error).toBe(error);

      if (!undo) return;
      await undo({ person, client });
      await apps.expectRefused(tokens.access_token, 401, 'credential_invalid');
      expect((await refusalOf(oidc.refreshTokenGrant(config, tokens.refresh_token!))).error).toBe('invalid_grant');
      await apps.expectServed((await tokensOf(person, client)).access_token);
    });

    it('user tokens and refreshes are rejected once the user belongs to another organization', async () => {
      const person = await apps.newcomer();
      const client = await app();
      const config = await apps.configure(client);
      const tokens = await tokensOf(person, client);
      const { id } = await stage.otherOrganization();
      await stage.sql('UPDATE app_user SET organization_id = $2 WHERE id = $1', [person.id, id]);
      await apps.expectRefused(tokens.access_token, 401, 'credential_invalid');
      expect(await refusalOf(oidc.refreshTokenGrant(config, tokens.refresh_token!))).toMatchObject({
        error: 'invalid_grant',
      });
    });

    it('a user token loses the keys and LLM proxies of a former team', async () => {
      const person = await apps.newcomer();
      const team = await teamWith(person);
      const proxy = await stage.llmProxy({ teamIds: [team] });
      const apiKey = 'sk-left-team-0123456789';
      await stage.gateway.admin.create(KEYS, { name: 'k', provider: 'openai', apiKey, scope: 'team', teamId: team });
      const token = await tokenOf(person);
      await apps.expectServed(token, { proxyId: proxy });
      expect(keyUsed()).toBe(apiKey);
      expect((await stage.gateway.admin.delete(`/api/teams/${team}/members/${person.id}`)).status).toBe(204);
      await apps.expectRefused(token, 403, 'proxy_not_allowed', { proxyId: proxy });
      await apps.expectServed(token);
      expect(keyUsed()).toBe(storedSecret('openai'));
    });

    it('a user token in the admin API follows the user’s current role', async () => {
      const person = await apps.newcomer('admin');
      const { access_token } = await tokensOf(person, await app(), 'admin:read admin:write');
      const as = stage.gateway.admin.as(access_token);
      expect((await as.post('/api/teams', { name: 'By token' })).status).toBe(201);
      await stage.gateway.admin.patch(`/api/users/${person.id}`, { role: 'member' });
      expect((await as.post('/api/teams', { name: 'By token again' })).status).toBe(403);
    });

    it('a user token in the admin API follows the user’s current custom role', async () => {
      const { admin } = stage.gateway;
      const person = await apps.newcomer('admin');
      const { access_token } = await tokensOf(person, await app(), 'admin:read admin:write');
      const as = admin.as(access_token);
      expect((await as.get('/api/users')).status).toBe(200);
      const role = await admin.create('/api/roles', {
        name: 'By token',
        permissions: ['team:write', 'audit_log:read'],
      });
      await admin.patch(`/api/users/${person.id}`, { customRoleId: role.id });
      expect((await as.get('/api/users')).status).toBe(403);
      expect((await as.post('/api/teams', { name: 'By custom role' })).status).toBe(201);
      await admin.patch(`/api/roles/${role.id}`, { permissions: ['audit_log:read'] });
      expect((await as.post('/api/teams', { name: 'By custom role again' })).status).toBe(403);
      expect((await as.get('/api/audit-log')).status).toBe(200);
    });

    it('a revoked consent is audited once', async () => {
      const loss = { person: await apps.newcomer(), client: await app() };
      await tokensOf(loss.person, loss.client);
      const consents = stage.gateway.app.nest.get(ConsentStore);
      expect(await consents.revoke(decision(loss), loss.client.clientId)).toBe(true);
      expect(await consents.revoke(decision(loss), loss.client.clientId)).toBe(false);
      expect(await apps.audited('oauth_consent.revoke', loss.client.clientId)).toEqual([
        expect.objectContaining({ actor_type: 'user', actor_id: loss.person.id, before: { grants: 1 } }),
      ]);
    });
  });
});
