import { ROLE_PERMISSIONS } from '../../../src/auth/callers/permissions.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { castOf, type Cast } from '../../support/gateway/people.js';

describe('me', () => {
  let gateway: TestGateway;
  let cast: Cast;

  beforeAll(async () => {
    gateway = await startGateway();
    cast = await castOf(gateway);
  });
  afterAll(() => gateway.close());

  it('tells a member who they are, what they may do and where they belong', async () => {
    const { status, body } = await cast.teamAdmin.client.get('/api/me');
    expect(status).toBe(200);
    expect(body).toEqual({
      user: { id: cast.teamAdmin.id, email: `${cast.teamAdmin.id}@example.com`, name: 'member' },
      organization: { id: cast.organizationId, name: 'Default organisation', slug: 'default' },
      role: 'member',
      customRole: null,
      permissions: [...ROLE_PERMISSIONS.member].sort(),
      teams: [{ id: cast.teamId, role: 'admin' }],
      reachableProviders: [],
    });
  });

  it('names the providers that the user has a key for: personal, team and organisation', async () => {
    const key = (over: object) => ({ name: 'k', apiKey: 'sk-0123456789abcdef', ...over });
    await cast.member.client.create('/api/llm-provider-api-keys', key({ provider: 'groq' }));
    await cast.editor.client.create('/api/llm-provider-api-keys', key({ provider: 'openai', scope: 'org' }));
    expect((await cast.member.client.get('/api/me')).body.reachableProviders).toEqual(['groq', 'openai']);
    expect((await cast.other.client.get('/api/me')).body.reachableProviders).toEqual(['openai']);
    expect((await cast.stranger.client.get('/api/me')).body.reachableProviders).toEqual([]);
  });

  it('answers 401 without a credential', async () => {
    expect((await gateway.admin.as(null).get('/api/me')).status).toBe(401);
  });
});
