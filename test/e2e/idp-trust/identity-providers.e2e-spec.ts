import { IdentityProviderLookup } from '../../../src/idp-trust/identity-providers/identity-provider.lookup.js';
import { SignInSecret } from '../../../src/idp-trust/identity-providers/sign-in-secret.js';
import { createId, type IdentityProviderId, type OrgId } from '../../../src/platform/ids.js';
import type { AdminResponse, Json } from '../../support/http/admin-client.js';
import { FakeIdp } from '../../support/oauth/fake-idp.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { addPerson, auditOf, castOf, effectsOf, sql, type Cast } from '../../support/gateway/people.js';

const PATH = '/api/identity-providers';
const PROXIES = '/api/llm-proxies';

describe('identity providers', () => {
  let gateway: TestGateway;
  let cast: Cast;
  let directory: IdentityProviderLookup;
  let admin: Awaited<ReturnType<typeof addPerson>>;
  let idp: FakeIdp;

  beforeAll(async () => {
    gateway = await startGateway();
    cast = await castOf(gateway);
    admin = await addPerson(gateway, cast.organizationId, 'admin');
    directory = gateway.app.nest.get(IdentityProviderLookup);
    idp = await FakeIdp.start();
  });
  afterAll(async () => {
    await gateway.close();
    await idp.close();
  });

  let count = 0;
  /** An issuer that is never requested, with its keys at another address. */
  const given = (over: object = {}) => ({
    providerId: `idp-${++count}`,
    issuer: `https://idp-${count}.example.com`,
    jwksUrl: 'https://idp.example.com/keys',
    audiences: ['gatehouse'],
    ...over,
  });
  const make = (over: object = {}): Promise<Json> => admin.client.create(PATH, given(over));
  const pointers = ({ body }: AdminResponse): string[] =>
    body.errors.map((error: { pointer: string }) => error.pointer);
  const effects = (id: string) => effectsOf(gateway, `identity-provider:${id}`);

  describe('POST /api/identity-providers', () => {
    it('providerId, issuer and audiences suffice, and discovery fills in key set and endpoints', async () => {
      const { status, body } = await admin.client.post(PATH, {
        providerId: 'acme',
        issuer: idp.issuer,
        audiences: ['gatehouse'],
      });
      expect([status, body]).toEqual([
        201,
        {
          id: expect.any(String),
          name: 'acme',
          providerId: 'acme',
          kind: 'people',
          preset: 'custom',
          issuer: idp.issuer,
          jwksUrl: idp.jwksUrl,
          endpoints: {
            authorization: `${idp.issuer}/authorize`,
            token: `${idp.issuer}/token`,
            endSession: `${idp.issuer}/logout`,
            tokenAuthMethods: null,
            issParameter: false,
          },
          audiences: ['gatehouse'],
          extraAudiences: [],
          algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'],
          tokenTypes: ['', 'jwt', 'at+jwt'],
          authorizedParties: [],
          acceptIdTokens: false,
          maxAgeSeconds: 86_400,
          leewaySeconds: 30,
          requiredClaims: {},
          claimMapping: {
            subject: 'sub',
            email: 'email',
            emailVerified: 'email_verified',
            name: 'name',
            groups: 'groups',
          },
          emailLinkPolicy: 'off',
          verifiedDomains: [],
          createUsers: false,
          groupRoles: [],
          linksOwners: false,
          clientId: null,
          hasClientSecret: false,
          enforceSignIn: false,
          isDisabled: false,
          createdAt: expect.any(String),
          updatedAt: expect.any(String),
        },
      ]);
      expect((await admin.client.get(`${PATH}/${body.id}`)).body).toEqual(body);
      expect(await auditOf(gateway, body.id)).toMatchObject([
        { action: 'identity_provider.create', before: null, after: { providerId: 'acme' }, actor_id: admin.id },
      ]);
      expect(await effects(body.id)).toEqual(['changed']);
      expect(idp.discoveries).toBe(1);
    });

    it('a created identity provider keeps every field, and its preset follows the issuer', async () => {
      const all = {
        name: 'Entra',
        extraAudiences: ['api://x'],
        algorithms: ['RS256', 'RS512'],
        tokenTypes: ['AT+JWT', ''],
        authorizedParties: ['portal'],
        acceptIdTokens: true,
        maxAgeSeconds: 3600,
        leewaySeconds: 0,
        requiredClaims: { tid: 'x', admin: true, level: 3 },
        claimMapping: { groups: ['realm_access', 'roles'], name: null },
        emailLinkPolicy: 'verified_domain',
        verifiedDomains: ['Example.COM', 'dept.example.com'],
        createUsers: true,
        groupRoles: [{ group: 'ops', role: 'admin' }],
        isDisabled: true,
      };
      const issuer = 'https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0';
      const made = await make({ ...all, issuer });
      expect(made).toMatchObject({
        ...all,
        preset: 'entra',
        kind: 'people',
        tokenTypes: ['at+jwt', ''],
        verifiedDomains: ['example.com', 'dept.example.com'],
        claimMapping: { subject: 'oid', emailVerified: 'xms_edov', groups: ['realm_access', 'roles'], name: 'name' },
      });
      expect(await make({ issuer: 'https://token.actions.githubusercontent.com' })).toMatchObject({
        preset: 'github_actions',
        kind: 'workload',
      });
    });

    it('the client secret of an identity provider is stored encrypted and shown nowhere', async () => {
      const made = await cast.owner.client.create(PATH, {
        ...given(),
        issuer: `${idp.origin}/tenant`,
        preset: 'custom',
        isDisabled: true,
      });
      expect(made.linksOwners).toBe(true);
      const secret = 'a-client-secret-of-ours';
      await sql(gateway, 'UPDATE identity_provider SET endpoints = $2 WHERE id = $1', [
        made.id,
        { authorization: 'https://idp.example.com/a', token: 'https://idp.example.com/t', endSession: null },
      ]);
      const answer = await cast.owner.client.patch(`${PATH}/${made.id}`, { clientId: 'ours', clientSecret: secret });
      expect(answer).toMatchObject({ status: 200, body: { clientId: 'ours', hasClientSecret: true } });
      const listed = await cast.owner.client.get(PATH);
      const rows = await sql(gateway, 'SELECT * FROM identity_provider WHERE id = $1', [made.id]);
      const audit = await auditOf(gateway, made.id);
      expect(JSON.stringify([answer.body, listed.body, rows, audit, gateway.log])).not.toContain(secret);
      const secrets = gateway.app.nest.get(SignInSecret);
      expect((await secrets.open(made.id as IdentityProviderId))?.expose()).toBe(secret);
      expect((await cast.owner.client.patch(`${PATH}/${made.id}`, { clientSecret: null })).body.hasClientSecret).toBe(
        false,
      );
      expect(await secrets.open(made.id as IdentityProviderId)).toBeNull();
    });

    it.each<[string, object, string]>([
      ['no providerId', { providerId: undefined }, '/providerId'],
      ['a providerId with spaces', { providerId: 'Acme Corp' }, '/providerId'],
      ['a providerId with a path', { providerId: '../x' }, '/providerId'],
      ['no issuer', { issuer: undefined }, '/issuer'],
      ['an issuer that is not a URL', { issuer: 'accounts.google.com' }, '/issuer'],
      ['an issuer with a query', { issuer: 'https://idp.example.com/?x=1' }, '/issuer'],
      ['an issuer with white space', { issuer: 'https://idp.example.com/ ' }, '/issuer'],
      ['an issuer over plain http', { issuer: 'http://93.184.216.34' }, '/issuer'],
      ['the common tenant of Entra ID', { issuer: 'https://login.microsoftonline.com/common/v2.0' }, '/issuer'],
      ['no audiences', { audiences: undefined }, '/audiences'],
      ['an empty list of audiences', { audiences: [] }, '/audiences'],
      ['an empty audience', { audiences: [''] }, '/audiences'],
      ['an unsigned token', { algorithms: ['none'] }, '/algorithms'],
      ['a symmetric signature', { algorithms: ['RS256', 'HS256'] }, '/algorithms'],
      ['no algorithm', { algorithms: [] }, '/algorithms'],
      ['another kind', { kind: 'robots' }, '/kind'],
      ['another preset', { preset: 'saml' }, '/preset'],
      ['keys on a private network', { jwksUrl: 'https://10.0.0.1/keys' }, '/jwksUrl'],
      ['keys at the metadata service', { jwksUrl: 'http://169.254.169.254/latest' }, '/jwksUrl'],
      ['keys in a file', { jwksUrl: 'file:///etc/keys' }, '/jwksUrl'],
      ['a long leeway', { leewaySeconds: 61 }, '/leewaySeconds'],
      ['a list as a required claim', { requiredClaims: { hd: ['a'] } }, '/requiredClaims'],
      ['text as required claims', { requiredClaims: 'hd' }, '/requiredClaims'],
      ['a mapping to an empty claim', { claimMapping: { email: '' } }, '/claimMapping/email'],
      ['a mapping of an unknown field', { claimMapping: { role: 'r' } }, '/claimMapping/role'],
      ['the email claim as subject', { claimMapping: { subject: 'email' } }, '/claimMapping/subject'],
      [
        'the login name as subject',
        { claimMapping: { subject: ['x', 'preferred_username'] } },
        '/claimMapping/subject',
      ],
      ['linking without a domain', { emailLinkPolicy: 'verified_domain' }, '/verifiedDomains'],
      ['linking by any address', { emailLinkPolicy: 'any' }, '/emailLinkPolicy'],
      ['createUsers without a domain', { createUsers: true }, '/verifiedDomains'],
      ['a domain with an at sign', { verifiedDomains: ['@example.com'] }, '/verifiedDomains/0'],
      ['a wildcard domain', { verifiedDomains: ['*.example.com'] }, '/verifiedDomains/0'],
      ['a public mail domain', { verifiedDomains: ['example.com', 'GMail.com'] }, '/verifiedDomains/1'],
      ['Outlook', { verifiedDomains: ['outlook.com'] }, '/verifiedDomains/0'],
      ['groups of owners', { groupRoles: [{ group: 'g', role: 'owner' }] }, '/groupRoles/0/role'],
      ['enforceSignIn without a client', { enforceSignIn: true, verifiedDomains: ['a.example'] }, '/enforceSignIn'],
      ['a secret without a client', { clientSecret: 'x' }, '/clientSecret'],
      ['createUsers for workloads', { kind: 'workload', createUsers: true, verifiedDomains: ['a.b'] }, '/createUsers'],
      ['an id', { id: createId() }, '/id'],
      ['an organization id', { organizationId: createId() }, '/organizationId'],
      ['linksOwners', { linksOwners: true }, '/linksOwners'],
      ['a sealed secret', { sealedClientSecret: 's1.x.y' }, '/sealedClientSecret'],
      ['null for audiences', { audiences: null }, '/audiences'],
    ])('POST /api/identity-providers rejects a provider with %s', async (_, over, pointer) => {
      const answer = await cast.owner.client.post(PATH, given(over));
      expect(answer.status).toBe(400);
      expect(pointers(answer)).toContain(pointer);
    });

    it('a required claim named __proto__ does not change Object.prototype', async () => {
      const body = JSON.stringify(given({ requiredClaims: { hd: 'x' } })).replace('"hd":"x"', '"__proto__":"x"');
      const response = await fetch(gateway.url + PATH, {
        method: 'POST',
        headers: { authorization: `Bearer ${gateway.adminKey}`, 'content-type': 'application/json' },
        body,
      });
      expect([201, 400]).toContain(response.status);
      expect(({} as Json).hd).toBeUndefined();
    });

    it.each(['providerId', 'issuer'])(
      'an identity provider whose %s is taken gets 409 with its pointer',
      async (field) => {
        const first = await make();
        const answer = await admin.client.post(PATH, given({ [field]: first[field] }));
        expect(answer).toMatchObject({ status: 409, body: { errors: [{ pointer: `/${field}` }] } });
      },
    );
  });

  describe('discovery of an identity provider', () => {
    it('failed discovery gets 400 at /issuer and suggests sending jwksUrl', async () => {
      const gone = await FakeIdp.start();
      const { issuer } = gone;
      await gone.close();
      const answer = await admin.client.post(PATH, given({ issuer, jwksUrl: undefined }));
      expect([answer.status, pointers(answer)]).toEqual([400, ['/issuer']]);
      expect(answer.body.detail).toMatch(/send jwksUrl/);
    });

    it('discovery rejects a document whose issuer differs, even by a trailing slash', async () => {
      const answer = await admin.client.post(PATH, given({ issuer: `${idp.issuer}/`, jwksUrl: undefined }));
      expect([answer.status, pointers(answer)]).toEqual([400, ['/issuer']]);
      expect(answer.body.detail).toContain(`"${idp.issuer}"`);
    });

    it('discovery rejects an issuer in a private network with 400', async () => {
      const answer = await admin.client.post(PATH, given({ issuer: 'https://192.168.0.1', jwksUrl: null }));
      expect([answer.status, pointers(answer)]).toEqual([400, ['/issuer']]);
    });

    it('discovery runs on creation, and again only when a PATCH sets jwksUrl to null', async () => {
      const other = await FakeIdp.start({ path: '/realms/acme' });
      const made = await make({ issuer: other.issuer, jwksUrl: undefined });
      expect((await admin.client.patch(`${PATH}/${made.id}`, { name: 'x' })).status).toBe(200);
      expect(other.discoveries).toBe(1);
      expect((await admin.client.patch(`${PATH}/${made.id}`, { jwksUrl: null })).body.jwksUrl).toBe(other.jwksUrl);
      expect(other.discoveries).toBe(2);
      await other.close();
      expect((await admin.client.patch(`${PATH}/${made.id}`, { clientId: 'gatehouse' })).status).toBe(200);
    });
  });

  describe('an issuer shared by several organizations', () => {
    const issuer = 'https://accounts.google.com';
    const google = (over: object) => given({ issuer, ...over });

    it('two organizations share an issuer only with distinct audiences or required claims', async () => {
      const ours = await make({ issuer, audiences: ['shared'], requiredClaims: { hd: 'a.example' } });
      const create = (over: object) => cast.stranger.client.post(PATH, google(over));
      const answer = await create({ audiences: ['shared', 'theirs'] });
      expect([answer.status, pointers(answer)]).toEqual([409, ['/audiences']]);
      expect((await create({ audiences: ['shared'], requiredClaims: { hd: 'a.example' } })).status).toBe(409);
      const theirs = (await create({ audiences: ['shared'], requiredClaims: { hd: 'b.example' } })).body;
      const patch = (body: object) => cast.stranger.client.patch(`${PATH}/${theirs.id}`, body);
      expect((await patch({ requiredClaims: { hd: null } })).status).toBe(409);
      expect((await patch({ audiences: ['theirs'], requiredClaims: { hd: null } })).status).toBe(200);
      expect((await patch({ isDisabled: true, audiences: ['shared'] })).status).toBe(200);
      expect((await patch({ isDisabled: false })).status).toBe(409);
      await admin.client.delete(`${PATH}/${ours.id}`);
      expect((await patch({ isDisabled: false })).status).toBe(200);
    });

    it('of two concurrent requests for one issuer, one gets 201 and the other 409', async () => {
      const body = () => given({ issuer: 'https://shared.example.com' });
      const answers = await Promise.all([admin.client.post(PATH, body()), cast.stranger.client.post(PATH, body())]);
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    });
  });

  describe('PATCH /api/identity-providers/{id}', () => {
    it('a PATCH of an identity provider merges its claims and takes effect immediately', async () => {
      const made = await make({ requiredClaims: { a: 'x', b: 1 }, claimMapping: { name: 'display' } });
      const found = () => directory.findByIssuer(cast.organizationId as OrgId, made.issuer);
      const before = (await found())!;
      expect(before).toMatchObject({ id: made.id, requiredClaims: { a: 'x', b: 1 } });
      const { status, body } = await admin.client.patch(`${PATH}/${made.id}`, {
        requiredClaims: { a: null, c: true },
        claimMapping: { name: null, groups: 'roles' },
        providerId: made.providerId,
      });
      expect([status, body.requiredClaims, body.claimMapping]).toEqual([
        200,
        { b: 1, c: true },
        { ...made.claimMapping, name: 'name', groups: 'roles' },
      ]);
      expect(body.audiences).toEqual(made.audiences);
      const after = (await found())!;
      expect(after.requiredClaims).toEqual({ b: 1, c: true });
      expect(after.version).not.toBe(before.version);
      expect(await directory.findByProviderId(made.providerId)).toEqual(after);
      expect(await directory.findById(made.id)).toEqual(after);
      expect(await directory.findByIssuer(cast.organizationId as OrgId, `${made.issuer}/`)).toBeNull();
      expect(await directory.findByIssuer(cast.stranger.organizationId as OrgId, made.issuer)).toBeNull();
      expect(await directory.findByIssuer(cast.organizationId as OrgId, '\0')).toBeNull();
      expect((await auditOf(gateway, made.id)).at(-1)).toMatchObject({
        action: 'identity_provider.update',
        before: { requiredClaims: { a: 'x', b: 1 } },
        after: { requiredClaims: { b: 1, c: true } },
      });
    });

    it.each<[object, string]>([
      [{ name: 'renamed' }, 'changed'],
      [{ audiences: ['gatehouse', 'more'] }, 'changed'],
      [{ isDisabled: true }, 'revoked'],
      [{ audiences: ['other'] }, 'revoked'],
      [{ algorithms: ['RS256'] }, 'revoked'],
      [{ authorizedParties: ['portal'] }, 'revoked'],
      [{ requiredClaims: { hd: 'a' } }, 'revoked'],
      [{ jwksUrl: 'https://idp.example.com/other' }, 'revoked'],
      [{ claimMapping: { subject: 'uid' } }, 'revoked'],
    ])('a PATCH of an identity provider with %j emits %s', async (body, effect) => {
      const { id } = await make();
      expect((await admin.client.patch(`${PATH}/${id}`, body)).status).toBe(200);
      expect(await effects(id)).toEqual(['changed', effect]);
    });

    it.each(['providerId', 'issuer', 'kind'])('a PATCH of an identity provider cannot change its %s', async (field) => {
      const { id } = await make();
      const body = { [field]: { providerId: 'other', issuer: 'https://x.example', kind: 'workload' }[field] };
      const answer = await admin.client.patch(`${PATH}/${id}`, body);
      expect([answer.status, pointers(answer)]).toEqual([400, [`/${field}`]]);
    });

    it('a PATCH of an identity provider rejects unknown fields and incomplete results', async () => {
      const { id } = await make({ emailLinkPolicy: 'verified_domain', verifiedDomains: ['a.example'] });
      for (const body of [{ verifiedDomains: [] }, { audiences: [] }, { name: null }, { colour: 'red' }])
        expect((await admin.client.patch(`${PATH}/${id}`, body)).status).toBe(400);
    });

    it('a PATCH of the subject claim gets 409 while users are linked', async () => {
      const { id } = await make();
      await admin.client.create(`${PATH}/${id}/links`, { subject: 's', userId: cast.member.id });
      const answer = await admin.client.patch(`${PATH}/${id}`, { claimMapping: { subject: 'uid' } });
      expect([answer.status, pointers(answer)]).toEqual([409, ['/claimMapping/subject']]);
    });

    it('only an owner may change an identity provider that is linked to an owner', async () => {
      const { id } = await make();
      await cast.owner.client.create(`${PATH}/${id}/links`, { subject: 'boss', userId: cast.owner.id });
      const change = { jwksUrl: 'https://mine.example.com/keys' };
      expect(await admin.client.patch(`${PATH}/${id}`, change)).toMatchObject({
        status: 403,
        body: { code: 'permission_denied' },
      });
      expect((await admin.client.patch(`${PATH}/${id}`, { isDisabled: true })).status).toBe(200);
      expect((await admin.client.patch(`${PATH}/${id}`, { isDisabled: false })).status).toBe(403);
      expect((await cast.owner.client.patch(`${PATH}/${id}`, change)).status).toBe(200);
    });
  });

  describe('DELETE /api/identity-providers/{id}', () => {
    it('DELETE of an identity provider removes it from LLM proxies, with links and memberships', async () => {
      const { id } = await make();
      const kept = await make();
      const proxy = await admin.client.create(PROXIES, { name: 'linked', identityProviderIds: [id, kept.id] });
      await admin.client.create(`${PATH}/${id}/links`, { subject: 's', userId: cast.member.id });
      const member = await addPerson(gateway, cast.organizationId, 'member');
      await sql(gateway, 'INSERT INTO team_member (team_id, user_id, identity_provider_id) VALUES ($1, $2, $3)', [
        cast.teamId,
        member.id,
        id,
      ]);
      expect((await admin.client.delete(`${PATH}/${id}`)).status).toBe(204);
      expect((await admin.client.delete(`${PATH}/${id}`)).status).toBe(404);
      expect((await admin.client.get(`${PROXIES}/${proxy.id}`)).body.identityProviderIds).toEqual([kept.id]);
      expect(await effectsOf(gateway, `llm-proxy:${proxy.id}`)).toEqual(['changed', 'revoked']);
      expect(await effectsOf(gateway, `user:${member.id}`)).toEqual(['revoked']);
      expect(await effects(id)).toEqual(['changed', 'revoked']);
      expect(await directory.findById(id)).toBeNull();
      expect(await sql(gateway, 'SELECT 1 FROM team_member WHERE user_id = $1', [member.id])).toEqual([]);
      expect((await auditOf(gateway, id)).at(-1)).toMatchObject({ action: 'identity_provider.delete', after: null });
    });
  });

  describe('identityProviderIds of LLM proxies', () => {
    it('an LLM proxy accepts only identity providers of its own organization', async () => {
      const { id } = await make();
      const theirs = (await cast.stranger.client.post(PATH, given())).body.id;
      const body = { name: 'with providers', identityProviderIds: [id, theirs, createId()] };
      const answer = await admin.client.post(PROXIES, body);
      expect([answer.status, pointers(answer)]).toEqual([400, ['/identityProviderIds/1', '/identityProviderIds/2']]);
      const proxy = await admin.client.create(PROXIES, { ...body, identityProviderIds: [id] });
      expect(proxy.identityProviderIds).toEqual([id]);
      const patch = (ids: unknown) => admin.client.patch(`${PROXIES}/${proxy.id}`, { identityProviderIds: ids });
      expect((await patch([theirs])).status).toBe(400);
      expect((await patch(null)).status).toBe(400);
      expect((await patch([])).body.identityProviderIds).toEqual([]);
      expect(await effectsOf(gateway, `llm-proxy:${proxy.id}`)).toEqual(['changed', 'revoked']);
    });
  });

  describe('identity links', () => {
    it('an identity provider links each subject and each user once', async () => {
      const { id } = await make();
      const links = `${PATH}/${id}/links`;
      const { status, body } = await admin.client.post(links, { subject: 'auth0|1', userId: cast.member.id });
      expect([status, body]).toEqual([
        201,
        {
          id: expect.any(String),
          identityProviderId: id,
          subject: 'auth0|1',
          userId: cast.member.id,
          email: `${cast.member.id}@example.com`,
          source: 'admin',
          createdAt: expect.any(String),
        },
      ]);
      expect((await admin.client.get(`${links}?search=AUTH0`)).body).toMatchObject({
        data: [body],
        pagination: { total: 1 },
      });
      expect((await admin.client.get(`${links}?search=other`)).body.data).toEqual([]);
      const again = await admin.client.post(links, { subject: 'auth0|1', userId: cast.other.id });
      expect([again.status, pointers(again)]).toEqual([409, ['/subject']]);
      const twice = await admin.client.post(links, { subject: 'auth0|2', userId: cast.member.id });
      expect([twice.status, pointers(twice)]).toEqual([409, ['/userId']]);
      expect((await admin.client.delete(`${links}/${body.id}`)).status).toBe(204);
      expect((await admin.client.delete(`${links}/${body.id}`)).status).toBe(404);
      expect(await auditOf(gateway, body.id)).toMatchObject([
        { action: 'identity_link.create', after: { subject: 'auth0|1' }, actor_id: admin.id },
        { action: 'identity_link.delete', before: { subject: 'auth0|1' } },
      ]);
      expect((await effectsOf(gateway, `user:${cast.member.id}`)).slice(-2)).toEqual(['changed', 'revoked']);
    });

    it.each<[string, object | (() => object), string]>([
      ['no subject', { userId: createId() }, '/subject'],
      ['a subject that cannot be stored', { subject: 'a\0', userId: createId() }, '/subject'],
      ['an unknown user', { subject: 's', userId: createId() }, '/userId'],
      ['a user of another organization', () => ({ subject: 's', userId: cast.stranger.id }), '/userId'],
      ['a source', { subject: 's', userId: createId(), source: 'email' }, '/source'],
    ])('an identity link with %s gets 400', async (_, body, pointer) => {
      const { id } = await make();
      const answer = await admin.client.post(`${PATH}/${id}/links`, typeof body === 'function' ? body() : body);
      expect(answer.status).toBe(400);
      expect(pointers(answer)).toContain(pointer);
    });

    it('only an owner may link an owner', async () => {
      const { id } = await make();
      const body = { subject: 's', userId: cast.owner.id };
      expect((await admin.client.post(`${PATH}/${id}/links`, body)).status).toBe(403);
      expect((await cast.owner.client.post(`${PATH}/${id}/links`, body)).status).toBe(201);
    });

    it('a workload provider cannot have identity links', async () => {
      const { id } = await make({ kind: 'workload' });
      const answer = await admin.client.post(`${PATH}/${id}/links`, { subject: 's', userId: cast.member.id });
      expect([answer.status, pointers(answer)]).toEqual([400, ['/subject']]);
    });
  });

  describe('workload bindings', () => {
    const CLIENTS = '/api/llm-oauth-clients';
    const service = (over: object = {}): Promise<Json> =>
      admin.client.create(CLIENTS, { name: 'ci', grantType: 'client_credentials', scope: 'org', ...over });

    it('a workload binding can be created, listed and deleted, with audit entries', async () => {
      const { id } = await make({ kind: 'workload' });
      const client = await service();
      const path = `${PATH}/${id}/workloads`;
      const body = { oauthClientId: client.id, subjectPattern: 'system:serviceaccount:*:ci', claims: { ns: 'a' } };
      const made = await admin.client.post(path, body);
      expect([made.status, made.body]).toEqual([
        201,
        { id: expect.any(String), identityProviderId: id, ...body, createdAt: expect.any(String) },
      ]);
      expect((await admin.client.get(path)).body).toMatchObject({ data: [made.body], pagination: { total: 1 } });
      expect((await admin.client.delete(`${path}/${made.body.id}`)).status).toBe(204);
      expect((await admin.client.delete(`${path}/${made.body.id}`)).status).toBe(404);
      expect(await effects(id)).toEqual(['changed', 'revoked', 'revoked']);
      expect(await auditOf(gateway, made.body.id)).toMatchObject([
        { action: 'workload_binding.create', after: body },
        { action: 'workload_binding.delete', before: body },
      ]);
    });

    it('a workload binding requires a specific subject, an organization application and the preset’s claims', async () => {
      const { id } = await make({ kind: 'workload' });
      const people = await make();
      const github = await admin.client.get(`${PATH}?search=token.actions`);
      const client = await service();
      const own = await cast.editor.client.create(CLIENTS, { name: 'own', grantType: 'client_credentials' });
      const app = await service({ grantType: 'authorization_code', redirectUris: ['https://a.example/cb'] });
      const good = { oauthClientId: client.id, subjectPattern: 'repo:a/b:*' };
      const refusals: [string, object, string][] = [
        [id, { ...good, subjectPattern: '*' }, '/subjectPattern'],
        [id, { ...good, subjectPattern: '*:*' }, '/subjectPattern'],
        [id, { ...good, subjectPattern: '' }, '/subjectPattern'],
        [id, { ...good, oauthClientId: createId() }, '/oauthClientId'],
        [id, { ...good, oauthClientId: own.id }, '/oauthClientId'],
        [id, { ...good, oauthClientId: app.id }, '/oauthClientId'],
        [id, { ...good, claims: { a: [1] } }, '/claims'],
        [people.id, good, '/subjectPattern'],
        [github.body.data[0].id, good, '/claims/repository_owner_id'],
        [github.body.data[0].id, { ...good, claims: { repository_owner_id: 65 } }, '/claims/repository_owner_id'],
      ];
      for (const [provider, body, pointer] of refusals) {
        const answer = await admin.client.post(`${PATH}/${provider}/workloads`, body);
        expect([answer.status, pointers(answer)]).toEqual([400, [pointer]]);
      }
      const bound = { ...good, claims: { repository_owner_id: '65' } };
      expect((await admin.client.post(`${PATH}/${github.body.data[0].id}/workloads`, bound)).status).toBe(201);
    });
  });

  describe('POST /api/identity-providers/{id}/test-token', () => {
    const tested = (id: string, token: unknown) => admin.client.post(`${PATH}/${id}/test-token`, { token });
    let people: Json;

    beforeAll(async () => {
      people = (await admin.client.get(`${PATH}?search=acme`)).body.data[0];
      await admin.client.create(`${PATH}/${people.id}/links`, { subject: 'user-1', userId: cast.other.id });
    });

    it('test-token shows each check, the claims and the linked user', async () => {
      const { status, body, headers } = await tested(people.id, idp.token({ name: 'Ann', groups: ['g'] }));
      expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
      expect(body).toMatchObject({
        isAccepted: true,
        claims: { subject: 'user-1', email: null, displayName: 'Ann', groups: ['g'], isIdToken: false },
        user: { source: 'linked', userId: cast.other.id, role: 'member', teamIds: [] },
        application: null,
        refusal: null,
      });
      expect(body.checks.map((check: Json) => check.passed)).not.toContain(false);
      expect(body.checks.map((check: Json) => check.name)).toEqual(
        expect.arrayContaining(['structure', 'issuer', 'signature', 'audience']),
      );
    });

    it('test-token previews a new user without creating one', async () => {
      const change = {
        createUsers: true,
        verifiedDomains: ['new.example'],
        groupRoles: [{ group: 'e', role: 'editor' }],
      };
      expect((await admin.client.patch(`${PATH}/${people.id}`, change)).status).toBe(200);
      const token = idp.token({ sub: 'n', email: 'Nora@new.example', email_verified: true, groups: ['e'] });
      const { body } = await tested(people.id, token);
      expect(body).toMatchObject({
        isAccepted: true,
        user: { source: 'new', userId: null, email: 'nora@new.example', role: 'editor', teamIds: [] },
      });
      expect(await sql(gateway, "SELECT 1 FROM app_user WHERE email LIKE '%new.example'")).toEqual([]);
      expect(await sql(gateway, "SELECT 1 FROM identity_link WHERE subject = 'n'")).toEqual([]);
    });

    it('test-token explains a refusal and stores no part of the token', async () => {
      const token = idp.token({ aud: 'other', sub: 'somebody' });
      const { status, body } = await tested(people.id, token);
      expect([status, body.isAccepted, body.refusal.reason, body.user]).toEqual([200, false, 'jwt_audience', null]);
      const stranger = await tested(people.id, idp.token({ sub: 'somebody' }));
      expect(stranger.body).toMatchObject({
        isAccepted: false,
        claims: { subject: 'somebody' },
        refusal: { reason: 'user_not_linked', detail: expect.any(String) },
      });
      expect((await tested(people.id, 'no token')).body).toMatchObject({ isAccepted: false, claims: null });
      const signature = token.split('.')[2]!;
      const audit = await sql(gateway, 'SELECT * FROM audit_entry');
      expect(JSON.stringify([body, stranger.body, audit, gateway.log])).not.toContain(signature);
    });

    it('test-token names the application of a workload', async () => {
      const other = await FakeIdp.start();
      const { id } = await make({ issuer: other.issuer, jwksUrl: undefined, kind: 'workload' });
      const client = await admin.client.create('/api/llm-oauth-clients', {
        name: 'builder',
        grantType: 'client_credentials',
        scope: 'org',
      });
      expect((await tested(id, other.token({ sub: 'ci:a' }))).body.refusal.reason).toBe('workload_not_bound');
      await admin.client.create(`${PATH}/${id}/workloads`, { oauthClientId: client.id, subjectPattern: 'ci:*' });
      expect((await tested(id, other.token({ sub: 'ci:a' }))).body).toMatchObject({
        isAccepted: true,
        user: null,
        application: { oauthClientId: client.id, name: 'builder' },
      });
      await other.close();
    });

    it.each<[string, object]>([
      ['nothing', {}],
      ['an empty text', { token: '' }],
      ['a number', { token: 7 }],
      ['an oversized token', { token: 'x'.repeat(32_769) }],
      ['another field', { token: 'x', user: 'y' }],
    ])('test-token rejects %s with 400', async (_, body) => {
      const answer = await admin.client.post(`${PATH}/${people.id}/test-token`, body);
      expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed']);
    });
  });

  it('the health of an identity provider shows the state of its key set', async () => {
    const people = (await admin.client.get(`${PATH}?search=acme`)).body.data[0];
    expect((await admin.client.get(`${PATH}/${people.id}/health`)).body).toMatchObject({
      state: 'fresh',
      keyIds: [idp.signingKey.kid],
      fetchedAt: expect.any(String),
      lastFailure: null,
      failuresInARow: 0,
    });
    const { id } = await make();
    expect((await admin.client.get(`${PATH}/${id}/health`)).body).toMatchObject({ state: 'none', fetchedAt: null });
  });

  it('identity providers are listed oldest first and searched by name, providerId and issuer', async () => {
    const made = await make({ name: 'Findable' });
    for (const text of ['FINDAB', made.providerId, made.issuer])
      expect((await admin.client.get(`${PATH}?search=${encodeURIComponent(text)}`)).body.data).toContainEqual(made);
    const ids = (await admin.client.get(`${PATH}?limit=100`)).body.data.map((row: Json) => row.id);
    expect(ids).toEqual([...ids].sort());
  });

  describe('permission matrix', () => {
    const routes = (id: string): [string, string, unknown?][] => [
      ['GET', PATH],
      ['GET', `${PATH}/${id}`],
      ['GET', `${PATH}/${id}/health`],
      ['GET', `${PATH}/${id}/links`],
      ['GET', `${PATH}/${id}/workloads`],
      ['POST', PATH, given()],
      ['PATCH', `${PATH}/${id}`, { name: 'x' }],
      ['POST', `${PATH}/${id}/test-token`, { token: 'x' }],
      ['POST', `${PATH}/${id}/links`, { subject: 's', userId: cast.member.id }],
      ['DELETE', `${PATH}/${id}/links/${createId()}`],
      ['POST', `${PATH}/${id}/workloads`, { oauthClientId: createId(), subjectPattern: 'x' }],
      ['DELETE', `${PATH}/${id}/workloads/${createId()}`],
      ['DELETE', `${PATH}/${id}`],
    ];

    it('identity provider routes answer 401 without a credential and 403 to editors and members', async () => {
      const { id } = await make();
      for (const [method, path, body] of routes(id)) {
        expect((await gateway.admin.as(null).call(method, path, body)).status).toBe(401);
        for (const { client } of [cast.editor, cast.member])
          expect(await client.call(method, path, body)).toMatchObject({
            status: 403,
            body: { code: 'permission_denied' },
          });
      }
    });

    it('identity provider routes answer 404 for a foreign, unknown or malformed id', async () => {
      const { id } = await make();
      for (const [client, other] of [
        [cast.stranger.client, id],
        [admin.client, createId<string>()],
        [admin.client, 'acme'],
      ] as const) {
        for (const [method, path, body] of routes(other)) {
          if (path !== PATH)
            expect([method, path, (await client.call(method, path, body)).status]).toEqual([method, path, 404]);
        }
      }
    });
  });
});
