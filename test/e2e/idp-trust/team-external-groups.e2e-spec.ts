import { createId } from '../../../src/platform/ids.js';
import type { AdminResponse, Json } from '../../support/http/admin-client.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { addPerson, addTeam, auditOf, castOf, effectsOf, sql, type Cast } from '../../support/gateway/people.js';

describe('external groups of teams', () => {
  let gateway: TestGateway;
  let cast: Cast;
  let path: string;
  let provider: Json;

  beforeAll(async () => {
    gateway = await startGateway();
    cast = await castOf(gateway);
    path = `/api/teams/${cast.teamId}/external-groups`;
    provider = await trust('acme');
  });
  afterAll(() => gateway.close());

  const trust = (providerId: string, over: object = {}, client = gateway.admin): Promise<Json> =>
    client.create('/api/identity-providers', {
      providerId,
      issuer: `https://${providerId}.example.com`,
      jwksUrl: 'https://idp.example.com/keys',
      audiences: ['gatehouse'],
      ...over,
    });
  const group = (groupName: string, over: object = {}) => ({ identityProviderId: provider.id, groupName, ...over });
  const pointers = ({ body }: AdminResponse): string[] =>
    body.errors.map((error: { pointer: string }) => error.pointer);

  it('an external group is added once to a team, listed and found by name', async () => {
    const { status, body } = await gateway.admin.post(path, group('/staff/Engineering'));
    expect([status, body]).toEqual([
      201,
      {
        id: expect.any(String),
        teamId: cast.teamId,
        identityProviderId: provider.id,
        groupName: '/staff/Engineering',
        createdAt: expect.any(String),
      },
    ]);
    const listed = await cast.member.client.get(`${path}?search=engin`);
    expect(listed.body).toMatchObject({ data: [body], pagination: { total: 1 } });
    expect((await auditOf(gateway, cast.teamId)).at(-1)).toMatchObject({
      action: 'team.add_external_group',
      before: null,
      after: body,
    });
    expect((await effectsOf(gateway, `identity-provider:${provider.id}`)).at(-1)).toBe('changed');
    const again = await gateway.admin.post(path, group('/staff/Engineering'));
    expect([again.status, pointers(again)]).toEqual([409, ['/groupName']]);
    const other = await addTeam(gateway, cast.organizationId);
    const elsewhere = `/api/teams/${other}/external-groups`;
    expect((await gateway.admin.post(elsewhere, group('/staff/Engineering'))).status).toBe(201);
  });

  it('removing an external group removes the members that its provider added', async () => {
    const { id } = await gateway.admin.create(path, group('leaving'));
    const member = await addPerson(gateway, cast.organizationId, 'member');
    await sql(gateway, 'INSERT INTO team_member (team_id, user_id, identity_provider_id) VALUES ($1, $2, $3)', [
      cast.teamId,
      member.id,
      provider.id,
    ]);
    const members = async () => (await gateway.admin.get(`/api/teams/${cast.teamId}/members`)).body.data;
    expect(await members()).toContainEqual(
      expect.objectContaining({ userId: member.id, identityProviderId: provider.id }),
    );
    const before = await effectsOf(gateway, `user:${cast.teamMember.id}`);
    expect((await gateway.admin.delete(`${path}/${id}`)).status).toBe(204);
    expect((await gateway.admin.delete(`${path}/${id}`)).status).toBe(404);
    const left = (await members()).map((row: Json) => [row.userId, row.identityProviderId]);
    expect(left.toSorted()).toEqual(
      [
        [cast.teamAdmin.id, null],
        [cast.teamMember.id, null],
      ].toSorted(),
    );
    expect(await effectsOf(gateway, `user:${member.id}`)).toEqual(['revoked']);
    expect(await effectsOf(gateway, `user:${cast.teamMember.id}`)).toEqual(before);
    expect((await auditOf(gateway, cast.teamId)).at(-1)).toMatchObject({
      action: 'team.remove_external_group',
      before: { groupName: 'leaving' },
      after: null,
    });
  });

  it.each<[string, () => object | Promise<object>, string]>([
    ['no group', () => group('x', { groupName: undefined }), '/groupName'],
    ['an empty group', () => group(' '), '/groupName'],
    ['a group with a NUL character', () => group('a\0'), '/groupName'],
    ['no provider', () => group('x', { identityProviderId: undefined }), '/identityProviderId'],
    ['an unknown provider', () => group('x', { identityProviderId: createId() }), '/identityProviderId'],
    [
      'a provider of another organization',
      async () => group('x', { identityProviderId: (await trust('theirs', {}, cast.stranger.client)).id }),
      '/identityProviderId',
    ],
    [
      'a provider of workloads',
      async () => group('x', { identityProviderId: (await trust('ci', { kind: 'workload' })).id }),
      '/identityProviderId',
    ],
    ['an unknown field', () => group('x', { role: 'admin' }), '/role'],
  ])('an external group with %s is rejected with 400', async (_, body, pointer) => {
    const answer = await gateway.admin.post(path, await body());
    expect(answer.status).toBe(400);
    expect(pointers(answer)).toContain(pointer);
  });

  it('external groups are changed only with team:write, and other organizations get 404', async () => {
    const { id } = await gateway.admin.create(path, group('kept'));
    for (const [method, at, body] of [
      ['GET', path, undefined],
      ['POST', path, group('x')],
      ['DELETE', `${path}/${id}`, undefined],
    ] as const) {
      expect((await gateway.admin.as(null).call(method, at, body)).status).toBe(401);
      expect((await cast.stranger.client.call(method, at, body)).status).toBe(404);
      expect((await gateway.admin.call(method, at.replace(cast.teamId, createId()), body)).status).toBe(404);
      // An admin of the team may change its members, but not its external groups.
      if (method !== 'GET') expect((await cast.teamAdmin.client.call(method, at, body)).status).toBe(403);
    }
  });
});
