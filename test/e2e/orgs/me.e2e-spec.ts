import { ROLE_PERMISSIONS } from '../../../src/auth/callers/permissions.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { castOf, type Cast } from '../../support/gateway/people.js';

describe('/api/me', () => {
  let gateway: TestGateway;
  let cast: Cast;

  beforeAll(async () => {
    gateway = await startGateway();
    cast = await castOf(gateway);
  });
  afterAll(() => gateway.close());

  it('/api/me returns the user, the organization, the permissions and the teams', async () => {
    const { status, body } = await cast.teamAdmin.client.get('/api/me');
    expect(status).toBe(200);
    expect(body).toEqual({
      user: { id: cast.teamAdmin.id, email: `${cast.teamAdmin.id}@example.com`, name: 'member' },
      organization: { id: cast.organizationId, name: 'Default organization', slug: 'default' },
      role: 'member',
      customRole: null,
      permissions: [...ROLE_PERMISSIONS.member].sort(),
      teams: [{ id: cast.teamId, role: 'admin' }],
      reachableProviders: [],
    });
  });

  it("/api/me lists the providers of the user's own keys and of the organization's keys", async () => {
    const key = (over: object) => ({ name: 'k', apiKey: 'sk-0123456789abcdef', ...over });
    await cast.member.client.create('/api/llm-provider-api-keys', key({ provider: 'groq' }));
    await cast.editor.client.create('/api/llm-provider-api-keys', key({ provider: 'openai', scope: 'org' }));
    expect((await cast.member.client.get('/api/me')).body.reachableProviders).toEqual(['groq', 'openai']);
    expect((await cast.other.client.get('/api/me')).body.reachableProviders).toEqual(['openai']);
    expect((await cast.stranger.client.get('/api/me')).body.reachableProviders).toEqual([]);
  });

  it('/api/me without a credential gets 401', async () => {
    expect((await gateway.admin.as(null).get('/api/me')).status).toBe(401);
  });
});
