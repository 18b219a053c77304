import { UnitOfWork } from '../../../src/platform/database/unit-of-work.js';
import { OrganizationCreator } from '../../../src/orgs/setup/organization-creator.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { addPerson, auditOf, castOf, effectsOf, sql, type Cast } from '../../support/gateway/people.js';

const PATH = '/api/organization';

describe('/api/organization', () => {
  let gateway: TestGateway;
  let cast: Cast;

  beforeAll(async () => {
    gateway = await startGateway();
    cast = await castOf(gateway);
  });
  afterAll(() => gateway.close());

  it('every role sees its own organization with its defaults', async () => {
    const { status, body } = await cast.member.client.get(PATH);
    expect(status).toBe(200);
    expect(body).toEqual({
      id: cast.organizationId,
      name: 'Default organization',
      slug: 'default',
      isDefault: true,
      clientTokenLifetimeSeconds: 3600,
      userTokenLifetimeSeconds: 3600,
      keyResolutionOrder: ['personal', 'team', 'org'],
      captureContent: 'off',
      contentRetentionDays: 30,
      allowSelfRegisteredApps: true,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    expect((await cast.stranger.client.get(PATH)).body).toMatchObject({
      id: cast.stranger.organizationId,
      slug: 'elsewhere',
    });
  });

  it('PATCH /api/organization changes the fields that are sent and writes both states into the audit log', async () => {
    const change = {
      name: 'Acme',
      clientTokenLifetimeSeconds: 300,
      keyResolutionOrder: ['org', 'personal'],
      captureContent: 'redacted',
      contentRetentionDays: 365,
    };
    const { status, body } = await gateway.admin.patch(PATH, change);
    expect(status).toBe(200);
    expect(body).toMatchObject({ ...change, slug: 'default', userTokenLifetimeSeconds: 3600 });
    expect((await gateway.admin.get(PATH)).body).toEqual(body);
    expect((await auditOf(gateway, cast.organizationId)).at(-1)).toMatchObject({
      action: 'organization.update',
      before: { name: 'Default organization' },
      after: change,
    });
    expect(await effectsOf(gateway, `organization:${cast.organizationId}`)).toEqual(['changed']);
  });

  it.each([
    { name: '' },
    { name: null },
    { slug: 'Not A Slug' },
    { slug: '-x' },
    { clientTokenLifetimeSeconds: 299 },
    { clientTokenLifetimeSeconds: '3600' },
    { userTokenLifetimeSeconds: 86_401 },
    { keyResolutionOrder: [] },
    { keyResolutionOrder: ['org', 'org'] },
    { keyResolutionOrder: ['vault'] },
    { captureContent: 'all' },
    { contentRetentionDays: 0 },
    { allowSelfRegisteredApps: 'yes' },
    { isDefault: false },
    { unknown: 1 },
  ])('PATCH /api/organization refuses %j with 400', async (body) => {
    const answer = await gateway.admin.patch(PATH, body);
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0].pointer).toBe(`/${Object.keys(body)[0]}`);
  });

  it('a slug in use gets 409 with its pointer', async () => {
    const { status, body } = await gateway.admin.patch(PATH, { slug: 'elsewhere' });
    expect(status).toBe(409);
    expect(body).toMatchObject({ code: 'conflict', errors: [{ pointer: '/slug' }] });
  });

  it('only owners and admins can change the organization', async () => {
    const { client } = await addPerson(gateway, cast.organizationId, 'admin');
    expect((await client.patch(PATH, { allowSelfRegisteredApps: false })).status).toBe(200);
    expect((await cast.editor.client.patch(PATH, { name: 'x' })).status).toBe(403);
    expect((await cast.member.client.patch(PATH, { name: 'x' })).status).toBe(403);
    expect((await gateway.admin.as(null).patch(PATH, { name: 'x' })).status).toBe(401);
    expect((await gateway.admin.as(null).get(PATH)).status).toBe(401);
  });

  describe('OrganizationCreator', () => {
    const create = (over: object) => {
      const given = {
        name: 'Third',
        slug: 'third',
        isDefault: false,
        ownerEmail: 'Third@Example.com',
        ownerPasswordHash: null,
        ...over,
      };
      const creator = gateway.app.nest.get(OrganizationCreator);
      return gateway.app.nest.get(UnitOfWork).run((work) => creator.create(work, given));
    };

    it('the creator makes an organization with an invited owner and a default LLM proxy', async () => {
      const { organizationId, ownerId, invitation } = await create({});
      expect(invitation!.token).toHaveLength(43);
      expect(
        await sql(gateway, 'SELECT email, role, email_verified_at FROM app_user WHERE organization_id = $1', [
          organizationId,
        ]),
      ).toEqual([{ email: 'third@example.com', role: 'owner', email_verified_at: null }]);
      const proxies = await sql(gateway, 'SELECT name, is_default FROM llm_proxy WHERE organization_id = $1', [
        organizationId,
      ]);
      expect(proxies).toEqual([{ name: 'default', is_default: true }]);
      expect(await auditOf(gateway, ownerId)).toMatchObject([{ action: 'user.create', actor_id: null }]);
    });

    it('the creator leaves nothing behind when the slug is in use', async () => {
      await expect(create({ slug: 'default', ownerEmail: 'fourth@example.com' })).rejects.toThrow();
      expect(await sql(gateway, "SELECT 1 FROM app_user WHERE email = 'fourth@example.com'")).toEqual([]);
    });
  });
});
