/** Scopes of the admin API for a client: granted only as far as the person who registered it holds them now. */
import * as oidc from 'openid-client';
import {
  CALLBACK,
  LibraryApps,
  refusalOf,
  type CreatedClient,
  type Newcomer,
} from '../../support/oauth/openid-client-app.js';
import { startStage, type Stage } from '../../support/gateway/stage.js';

const BOTH = 'admin:read admin:write';
const CLIENTS = '/api/llm-oauth-clients';

describe('admin scopes of OAuth clients', () => {
  let stage: Stage;
  let apps: LibraryApps;
  let owner: Newcomer;
  beforeAll(async () => {
    stage = await startStage();
    apps = new LibraryApps(stage);
    owner = await apps.newcomer('owner');
  });
  afterAll(() => stage.close());

  const begin = async (client: CreatedClient, scope: string) => apps.begin(await apps.configure(client), { scope });
  /** Returns the error of an authorization; null when it returns a code. */
  const errorOf = async (client: CreatedClient, scope = 'admin:write', person = owner): Promise<string | null> => {
    const { place } = await apps.walk((await begin(client, scope)).url, { person });
    expect(place.url.href.startsWith(CALLBACK)).toBe(true);
    return place.url.searchParams.get('error');
  };
  const tokens = async (client: CreatedClient, scope = BOTH, person = owner) =>
    apps.authorize(await apps.configure(client), { person, over: { scope } });
  const setUser = async (id: string, change: object): Promise<void> =>
    expect((await stage.gateway.admin.patch(`/api/users/${id}`, change)).status).toBe(200);

  it.each(['owner', 'admin'])(
    'admin scopes are granted to a client that an %s registers for the organization',
    async (role) => {
      const registrant = await apps.newcomer(role);
      const { scope } = await tokens(await apps.app({}, registrant.admin));
      expect(scope).toBe(BOTH);
    },
  );

  it.each([
    ['an editor registers for the organization', 'editor', {}],
    ['an owner registers for themselves', 'owner', { scope: 'personal' }],
    ['an editor registers for themselves', 'editor', { scope: 'personal' }],
  ])('admin scopes are rejected for a client that %s', async (_, role, over) => {
    const registrant = await apps.newcomer(role);
    const client = await apps.app(over, registrant.admin);
    for (const scope of ['admin:read', 'admin:write', `openid ${BOTH}`])
      expect([scope, await errorOf(client, scope)]).toEqual([scope, 'invalid_scope']);
    expect(await errorOf(client, 'llm:proxy')).toBeNull();
  });

  it('admin scopes are rejected before sign-in, also when inferred from the resource', async () => {
    const client = await apps.app({}, (await apps.newcomer('editor')).admin);
    const { url } = await apps.begin(await apps.configure(client), {
      scope: '',
      resource: `${stage.gateway.url}/api`,
    });
    const place = await apps.oauth.browser().go(url);
    expect(place.url.searchParams.get('error')).toBe('invalid_scope');
  });

  it('the device flow rejects admin scopes of an editor’s client', async () => {
    const editors = await apps.app({ tokenEndpointAuthMethod: 'none' }, (await apps.newcomer('editor')).admin);
    const asked = await apps.oauth.post('device', { client_id: editors.clientId, scope: BOTH });
    expect([asked.status, asked.body.error]).toEqual([400, 'invalid_scope']);
  });

  it('a client loses its admin scopes when an editor changes its redirect URIs', async () => {
    const client = await apps.app();
    const editor = await apps.newcomer('editor');
    expect((await editor.admin.patch(`${CLIENTS}/${client.id}`, { allowedLlmProxyIds: [] })).status).toBe(200);
    expect(await errorOf(client)).toBeNull();
    const redirectUris = [CALLBACK, 'https://elsewhere.example.com/callback'];
    expect((await editor.admin.patch(`${CLIENTS}/${client.id}`, { redirectUris })).status).toBe(200);
    expect(await errorOf(client)).toBe('invalid_scope');
    expect((await owner.admin.patch(`${CLIENTS}/${client.id}`, { redirectUris: [CALLBACK] })).status).toBe(200);
    expect(await errorOf(client)).toBeNull();
  });

  it.each<[string, (registrant: Newcomer) => Promise<unknown>]>([
    ['is demoted', ({ id }) => setUser(id, { role: 'editor' })],
    ['is disabled', ({ id }) => stage.gateway.admin.post(`/api/users/${id}/disable`, {})],
    ['is deleted', ({ id }) => stage.gateway.admin.delete(`/api/users/${id}`)],
  ])('admin scopes end when the registrant %s', async (_, change) => {
    const registrant = await apps.newcomer('admin');
    const client = await apps.app({}, registrant.admin);
    const config = await apps.configure(client);
    const issued = await tokens(client);
    const as = stage.gateway.admin.as(issued.access_token);
    expect((await as.get('/api/teams')).status).toBe(200);
    await change(registrant);
    const refused = await as.get('/api/teams');
    expect([refused.status, refused.body.code]).toEqual([403, 'insufficient_scope']);
    expect(await refusalOf(oidc.refreshTokenGrant(config, issued.refresh_token!))).toMatchObject({
      status: 400,
      error: 'invalid_scope',
    });
    expect(await errorOf(client)).toBe('invalid_scope');
  });

  it('admin scopes narrow to the current permissions of the registrant', async () => {
    const registrant = await apps.newcomer('admin');
    const client = await apps.app({}, registrant.admin);
    const issued = await tokens(client);
    const role = await stage.gateway.admin.create('/api/roles', {
      name: 'Reader',
      permissions: [
        ...['organization:read', 'user:read', 'role:read', 'team:read', 'llm_proxy:read', 'identity_provider:read'],
        ...['interaction:read_own', 'interaction:read', 'interaction:read_content', 'statistics:read', 'model:read'],
        ...['limit:read', 'model_alias:read', 'webhook:read', 'explain:read_own', 'explain:read', 'audit_log:read'],
      ],
    });
    await setUser(registrant.id, { customRoleId: role.id });
    const as = stage.gateway.admin.as(issued.access_token);
    expect((await as.get('/api/teams')).status).toBe(200);
    expect((await as.post('/api/teams', { name: 'No more' })).status).toBe(403);
    const next = await oidc.refreshTokenGrant(await apps.configure(client), issued.refresh_token!);
    expect(next.scope).toBe('admin:read');
    expect([await errorOf(client, 'admin:read'), await errorOf(client, BOTH)]).toEqual([null, 'invalid_scope']);
  });

  it('an admin token is limited by the permissions of both user and registrant', async () => {
    const byAdmin = await apps.app({}, (await apps.newcomer('admin')).admin);
    const asOwner = stage.gateway.admin.as((await tokens(byAdmin)).access_token);
    const target = await apps.newcomer('member');
    expect((await asOwner.patch(`/api/users/${target.id}`, { role: 'owner' })).status).toBe(403);
    expect((await asOwner.patch(`/api/users/${target.id}`, { role: 'editor' })).status).toBe(200);
    const asMember = stage.gateway.admin.as((await tokens(byAdmin, BOTH, await apps.newcomer())).access_token);
    expect((await asMember.post('/api/teams', { name: 'By a member' })).status).toBe(403);
    const byOwner = stage.gateway.admin.as((await tokens(await apps.app())).access_token);
    expect((await byOwner.patch(`/api/users/${target.id}`, { role: 'owner' })).status).toBe(200);
  });
});
