import { generateKeyPairSync } from 'node:crypto';
import {
  ClientTokenRevocations,
  type ClientTokenRevocation,
} from '../../../src/clients/lifecycle/client-token-revocations.js';
import { findMatchingSecret } from '../../../src/clients/authentication/matching-secret.js';
import { OAuthClientLookup, type OAuthClient } from '../../../src/clients/authentication/oauth-client.lookup.js';
import { OAuthClientSecretStore } from '../../../src/clients/storage/oauth-client-secret.store.js';
import { SelfRegisteredClients } from '../../../src/clients/storage/self-registered-clients.js';
import { computeTokenDigest } from '../../../src/platform/crypto/token-digest.js';
import { isWellFormed } from '../../../src/platform/crypto/token-mint.js';
import { createId } from '../../../src/platform/ids.js';
import type { AdminResponse, Json } from '../../support/http/admin-client.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import {
  addPerson,
  addTeam,
  auditOf,
  castOf,
  effectsOf,
  join,
  sql,
  type Cast,
  type Person,
} from '../../support/gateway/people.js';

const PATH = '/api/llm-oauth-clients';
const KEYS = '/api/llm-provider-api-keys';
const DAY_MS = 86_400_000;
const CALLBACK = 'https://app.example.com/callback';

describe('OAuth clients', () => {
  let gateway: TestGateway;
  let cast: Cast;
  let directory: OAuthClientLookup;
  let endings: ClientTokenRevocation[];
  /** An LLM proxy of the organization, and one of the other. */
  let proxy: string;
  let strangeProxy: string;
  /** Provider keys for openai: the organization's, the team's, the editor's own. */
  let orgKey: Json;
  let teamKey: Json;
  let ownKey: Json;
  const publicJwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });

  beforeAll(async () => {
    gateway = await startGateway();
    cast = await castOf(gateway);
    directory = gateway.app.nest.get(OAuthClientLookup);
    gateway.app.nest.get(ClientTokenRevocations).listen(async (_, ending) => void endings.push(ending));
    proxy = await addProxy(cast.organizationId);
    strangeProxy = await addProxy(cast.stranger.organizationId);
    const body = { name: 'main', provider: 'openai', apiKey: 'sk-proj-0123456789' };
    orgKey = await cast.owner.client.create(KEYS, { ...body, scope: 'org' });
    teamKey = await cast.teamAdmin.client.create(KEYS, { ...body, scope: 'team', teamId: cast.teamId });
    ownKey = await cast.editor.client.create(KEYS, body);
  });
  beforeEach(() => void (endings = []));
  afterAll(() => gateway.close());

  const addProxy = async (organizationId: string): Promise<string> => {
    const id = createId<string>();
    await sql(gateway, 'INSERT INTO llm_proxy (id, organization_id, name) VALUES ($1, $2, $3)', [
      id,
      organizationId,
      `llm proxy ${id}`,
    ]);
    return id;
  };
  const mapped = (key: { id: string }, provider = 'openai') => [{ provider, providerApiKeyId: key.id }];
  /** An application that acts on its own behalf, and one that people sign in to. */
  const service = (over: object = {}) => ({ name: 'nightly', grantType: 'client_credentials', ...over });
  const app = (over: object = {}) => ({
    name: 'chat',
    grantType: 'authorization_code',
    redirectUris: [CALLBACK],
    ...over,
  });
  const effects = (id: string) => effectsOf(gateway, `oauth-client:${id}`);
  const pointers = ({ body }: AdminResponse): string[] =>
    body.errors.map((error: { pointer: string }) => error.pointer);
  const found = async (client: { clientId: string }): Promise<OAuthClient> =>
    (await directory.findByClientId(client.clientId))!;
  /** Returns whether the client is accepted with the secret. */
  const isAccepted = async (client: { clientId: string }, secret: string): Promise<boolean> =>
    findMatchingSecret(await found(client), secret, gateway.clock.now()) !== null;

  describe('POST /api/llm-oauth-clients', () => {
    it('an OAuth client whose name imitates the product is flagged, also in lists', async () => {
      const { body } = await cast.editor.client.post(PATH, service({ name: 'Gаte-H0use console' }));
      expect(body.imitatesProduct).toBe(true);
      const { body: listed } = await cast.editor.client.get(PATH);
      expect(listed.data).toContainEqual(expect.objectContaining({ id: body.id, imitatesProduct: true }));
    });

    it('a client secret is shown once and stored only as a digest', async () => {
      const { status, body, headers } = await cast.editor.client.post(PATH, service());
      expect([status, headers.get('cache-control')]).toEqual([201, 'no-store']);
      expect(body.clientId).toMatch(/^llm_oauth_[A-Za-z0-9_-]{22}$/);
      expect(isWellFormed(body.clientSecret, 'llm_secret_')).toBe(true);
      expect(body).toEqual({
        id: expect.any(String),
        name: 'nightly',
        clientId: body.clientId,
        grantType: 'client_credentials',
        scope: 'personal',
        ownerId: cast.editor.id,
        teamIds: [],
        payerTeamId: null,
        imitatesProduct: false,
        registeredBy: cast.editor.id,
        registeredAt: body.createdAt,
        redirectUris: [],
        postLogoutRedirectUris: [],
        allowedLlmProxyIds: [],
        providerApiKeys: [],
        tokenEndpointAuthMethod: 'client_secret_basic',
        jwks: null,
        jwksUri: null,
        applicationType: 'web',
        mayIntrospect: false,
        tokenLifetimeSeconds: null,
        isDisabled: false,
        secrets: [
          {
            id: expect.any(String),
            last4: body.clientSecret.slice(-4),
            notAfter: null,
            createdAt: expect.any(String),
            lastUsedAt: null,
          },
        ],
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
        lastUsedAt: null,
        clientSecret: body.clientSecret,
      });
      const shown = await cast.editor.client.get(`${PATH}/${body.id}`);
      const listed = await cast.editor.client.get(PATH);
      const audit = await auditOf(gateway, body.id);
      const rows = await sql(gateway, 'SELECT row_to_json(c) AS client FROM oauth_client c WHERE id = $1', [body.id]);
      const stored = await sql<{ digest: Buffer }>(
        gateway,
        'SELECT * FROM oauth_client_secret WHERE oauth_client_id = $1',
        [body.id],
      );
      const everything = JSON.stringify([shown.body, listed.body, audit, rows, stored, gateway.log]);
      expect(everything).not.toContain(body.clientSecret);
      expect(stored.map((row) => Buffer.from(row.digest))).toEqual([computeTokenDigest(body.clientSecret)]);
      expect(audit).toMatchObject([
        { action: 'oauth_client.create', before: null, after: { name: 'nightly' }, actor_id: cast.editor.id },
      ]);
      expect(await isAccepted(body, body.clientSecret)).toBe(true);
      expect(await isAccepted(body, `${body.clientSecret}x`)).toBe(false);
    });

    it('a created client keeps every field of the request', async () => {
      const made = await cast.editor.client.create(
        PATH,
        service({
          scope: 'team',
          teamIds: [cast.teamId],
          allowedLlmProxyIds: [proxy],
          providerApiKeys: mapped(teamKey),
          tokenEndpointAuthMethod: 'client_secret_post',
          tokenLifetimeSeconds: 300,
          mayIntrospect: true,
          isDisabled: true,
        }),
      );
      expect(made).toMatchObject({ ownerId: null, teamIds: [cast.teamId], providerApiKeys: mapped(teamKey) });
      expect(await found(made)).toMatchObject({
        organizationId: cast.organizationId,
        source: 'admin',
        allowedProxyIds: [proxy],
        bindings: new Map([['openai', teamKey.id]]),
        mayIntrospect: true,
        tokenLifetimeSeconds: 300,
        isDisabled: true,
        version: 1,
      });
    });

    it('a web or native app is registered with or without a secret', async () => {
      const web = await cast.editor.client.create(
        PATH,
        app({ postLogoutRedirectUris: ['https://app.example.com/bye'], allowedLlmProxyIds: [proxy] }),
      );
      expect(web).toMatchObject({ redirectUris: [CALLBACK], allowedLlmProxyIds: [proxy] });
      const native = await cast.editor.client.create(
        PATH,
        app({
          applicationType: 'native',
          redirectUris: ['com.example.app:/cb', 'http://127.0.0.1/cb'],
          tokenEndpointAuthMethod: 'none',
        }),
      );
      expect(native).toMatchObject({ clientSecret: null, secrets: [] });
    });

    it('a client with its own keys gets no secret', async () => {
      for (const over of [
        { jwks: { keys: [publicJwk] } },
        { jwksUri: 'https://app.example.com/jwks.json' },
        { jwksUri: 'https://app.example.com/jwks.json', tokenEndpointAuthMethod: 'private_key_jwt' },
      ]) {
        const made = await cast.editor.client.create(PATH, service(over));
        expect(made).toMatchObject({ ...over, tokenEndpointAuthMethod: 'private_key_jwt', clientSecret: null });
        expect(await found(made)).toMatchObject(over);
      }
    });

    it.each<[string, object, string]>([
      ['no name', { name: undefined }, '/name'],
      ['no grant type', { grantType: undefined }, '/grantType'],
      ['another grant type', { grantType: 'implicit' }, '/grantType'],
      ['an unknown field', { colour: 'red' }, '/colour'],
      ['an organization id', { organizationId: createId() }, '/organizationId'],
      ['a client id', { clientId: 'llm_oauth_mine' }, '/clientId'],
      ['a secret', { clientSecret: 'llm_secret_mine' }, '/clientSecret'],
      ['an owner', { ownerId: createId() }, '/ownerId'],
      ['a version', { version: 7 }, '/version'],
      ['a source', { source: 'registration' }, '/source'],
      ['redirect URIs without users', { redirectUris: [CALLBACK] }, '/redirectUris'],
      ['a sign-out address without users', { postLogoutRedirectUris: [CALLBACK] }, '/postLogoutRedirectUris'],
      ['no authentication', { tokenEndpointAuthMethod: 'none' }, '/tokenEndpointAuthMethod'],
      ['another authentication', { tokenEndpointAuthMethod: 'client_secret_jwt' }, '/tokenEndpointAuthMethod'],
      ['private_key_jwt without keys', { tokenEndpointAuthMethod: 'private_key_jwt' }, '/jwks'],
      ['a private key', { jwks: { keys: [{ ...publicJwk, d: 'AQ' }] } }, '/jwks/keys/0'],
      ['a key set as text', { jwks: '{}' }, '/jwks'],
      ['a key set on a private network', { jwksUri: 'https://10.0.0.1/jwks' }, '/jwksUri'],
      ['a key set in a file', { jwksUri: 'file:///etc/jwks' }, '/jwksUri'],
      ['both jwks and jwksUri', { jwks: { keys: [publicJwk] }, jwksUri: 'https://app.example.com/' }, '/jwksUri'],
      ['a key set without keys', { jwks: { keys: [] } }, '/jwks'],
      ['another application type', { applicationType: 'desktop' }, '/applicationType'],
      ['a token lifetime below 300 seconds', { tokenLifetimeSeconds: 299 }, '/tokenLifetimeSeconds'],
      ['a token lifetime above a day', { tokenLifetimeSeconds: 86_401 }, '/tokenLifetimeSeconds'],
      ['null for teamIds', { teamIds: null }, '/teamIds'],
      ['an unknown LLM proxy', { allowedLlmProxyIds: [createId()] }, '/allowedLlmProxyIds/0'],
      ['scope team without teams', { scope: 'team' }, '/teamIds'],
      ['teams without scope team', { teamIds: [createId()] }, '/teamIds'],
      ['an unknown team', { scope: 'team', teamIds: [createId()] }, '/teamIds/0'],
      [
        'an unknown provider key',
        { providerApiKeys: mapped({ id: createId() }) },
        '/providerApiKeys/0/providerApiKeyId',
      ],
    ])('POST /api/llm-oauth-clients rejects a client with %s', async (_, over, pointer) => {
      const answer = await cast.owner.client.post(PATH, service(over));
      expect(answer.status).toBe(400);
      expect(pointers(answer)).toContain(pointer);
    });

    it.each<[string, object, string]>([
      ['no redirect URI', { redirectUris: undefined }, '/redirectUris'],
      ['an empty list of redirect URIs', { redirectUris: [] }, '/redirectUris'],
      ['a duplicate redirect URI', { redirectUris: [CALLBACK, CALLBACK] }, '/redirectUris'],
      ['a redirect URI over http', { redirectUris: [CALLBACK, 'http://app.example.com/'] }, '/redirectUris/1'],
      ['a wildcard redirect URI', { redirectUris: ['https://*.example.com/'] }, '/redirectUris/0'],
      ['a custom scheme for a web app', { redirectUris: ['com.example.app:/cb'] }, '/redirectUris/0'],
      ['a javascript: redirect URI', { redirectUris: ['javascript:alert(1)'] }, '/redirectUris/0'],
      [
        'a sign-out address with a fragment',
        { postLogoutRedirectUris: [`${CALLBACK}#x`] },
        '/postLogoutRedirectUris/0',
      ],
      ['a token lifetime', { tokenLifetimeSeconds: 3600 }, '/tokenLifetimeSeconds'],
      [
        'introspection and no authentication',
        { tokenEndpointAuthMethod: 'none', mayIntrospect: true },
        '/mayIntrospect',
      ],
    ])('POST /api/llm-oauth-clients rejects an app with %s', async (_, over, pointer) => {
      const answer = await cast.owner.client.post(PATH, app(over));
      expect(answer.status).toBe(400);
      expect(pointers(answer)).toContain(pointer);
    });

    it('an authorization_code app cannot map provider keys', async () => {
      const answer = await cast.owner.client.post(PATH, app({ providerApiKeys: mapped(orgKey) }));
      expect([answer.status, pointers(answer)]).toEqual([400, ['/providerApiKeys']]);
      expect(answer.body.detail).toMatch('users');
    });

    it('an OAuth client cannot use keys, LLM proxies or teams of another organization', async () => {
      const theirs = await cast.stranger.client.create(KEYS, {
        name: 'x',
        provider: 'openai',
        apiKey: 'sk-theirs-00000',
        scope: 'org',
      });
      const rows: [object, string][] = [
        [{ providerApiKeys: mapped(theirs) }, '/providerApiKeys/0/providerApiKeyId'],
        [{ allowedLlmProxyIds: [proxy, strangeProxy] }, '/allowedLlmProxyIds/1'],
        [{ scope: 'team', teamIds: [cast.teamId, cast.strangeTeamId] }, '/teamIds/1'],
      ];
      for (const [over, pointer] of rows) {
        const answer = await cast.owner.client.post(PATH, service(over));
        expect([answer.status, pointers(answer)]).toEqual([400, [pointer]]);
      }
    });

    it('a client maps only provider keys that its creator and scope may use', async () => {
      const tries: [Person, object, number][] = [
        [cast.editor, { providerApiKeys: mapped(ownKey) }, 201],
        [cast.editor, { providerApiKeys: mapped(ownKey), scope: 'org' }, 400],
        [cast.owner, { providerApiKeys: mapped(ownKey) }, 400],
        [cast.editor, { providerApiKeys: mapped(teamKey) }, 400],
        [cast.editor, { providerApiKeys: mapped(teamKey), scope: 'team', teamIds: [cast.teamId] }, 201],
        [cast.editor, { providerApiKeys: mapped(teamKey), scope: 'org' }, 400],
        [cast.editor, { providerApiKeys: mapped(orgKey), scope: 'org' }, 201],
        [cast.editor, { providerApiKeys: mapped(orgKey, 'groq'), scope: 'org' }, 400],
        [cast.editor, { providerApiKeys: [...mapped(orgKey), ...mapped(ownKey)] }, 400],
      ];
      for (const [person, over, expected] of tries)
        expect((await person.client.post(PATH, service(over))).status).toBe(expected);
    });

    it('editors and above may create OAuth clients, others get 403', async () => {
      const tries: [Person, object, number][] = [
        [cast.member, {}, 403],
        [cast.teamAdmin, { scope: 'team', teamIds: [cast.teamId] }, 403],
        [cast.editor, { scope: 'team', teamIds: [cast.teamId] }, 201],
        [cast.editor, { scope: 'org' }, 201],
        [cast.owner, { scope: 'org', mayIntrospect: true }, 201],
      ];
      for (const [person, over, expected] of tries) {
        const { status, body } = await person.client.post(PATH, service(over));
        expect(status).toBe(expected);
        if (expected === 403) expect(body.code).toBe('permission_denied');
      }
      expect((await gateway.admin.as(null).post(PATH, service())).status).toBe(401);
    });
  });

  describe('GET /api/llm-oauth-clients', () => {
    it('the client list shows the own, the teams’ and the organization’s clients', async () => {
      const own = await cast.editor.client.create(PATH, service());
      const others = await cast.owner.client.create(PATH, service());
      const team = await cast.editor.client.create(PATH, service({ scope: 'team', teamIds: [cast.teamId] }));
      const org = await cast.editor.client.create(PATH, app({ scope: 'org' }));
      const list = async (person: Person): Promise<string[]> =>
        (await person.client.get(`${PATH}?limit=100`)).body.data.map((client: Json) => client.id);
      expect(await list(cast.editor)).toEqual(expect.arrayContaining([own.id, team.id, org.id]));
      expect(await list(cast.editor)).not.toContain(others.id);
      expect(await list(cast.teamMember)).toEqual(expect.arrayContaining([team.id, org.id]));
      expect(await list(cast.member)).not.toContain(team.id);
      expect(await list(cast.owner)).toEqual(expect.arrayContaining([own.id, others.id, team.id, org.id]));
      expect(await list(cast.stranger)).toEqual([]);
      const reads: [Person, Json, number][] = [
        [cast.owner, own, 200],
        [cast.editor, others, 404],
        [cast.member, org, 200],
        [cast.member, team, 404],
        [cast.stranger, org, 404],
        [cast.owner, { id: createId() }, 404],
        [cast.owner, { id: 'x' }, 404],
      ];
      for (const [person, client, expected] of reads)
        expect((await person.client.get(`${PATH}/${client.id}`)).status).toBe(expected);
      expect((await gateway.admin.as(null).get(PATH)).status).toBe(401);
      expect((await gateway.admin.as(null).get(`${PATH}/${org.id}`)).status).toBe(401);
    });

    it('the client list filters by search, grantType and scope, and rejects invalid filters', async () => {
      const client = await cast.editor.client.create(PATH, app({ name: 'Findable', scope: 'org' }));
      const ids = async (query: string): Promise<string[]> =>
        (await cast.editor.client.get(`${PATH}?limit=100&${query}`)).body.data.map((row: Json) => row.id);
      expect(await ids('search=findab&grantType=authorization_code&scope=org')).toEqual([client.id]);
      expect(await ids(`search=${client.clientId}`)).toEqual([client.id]);
      expect(await ids('grantType=client_credentials')).not.toContain(client.id);
      expect(await ids('scope=team')).not.toContain(client.id);
      for (const query of ['scope=all', 'grantType=x', 'limit=1000', 'offset=-1'])
        expect((await cast.editor.client.get(`${PATH}?${query}`)).status).toBe(400);
    });

    it('the client list omits clients that registered themselves', async () => {
      const clientId = `llm_oauth_${createId<string>()}`;
      await register(clientId);
      expect((await cast.owner.client.get(`${PATH}?search=${clientId}`)).body.data).toEqual([]);
    });
  });

  describe('PATCH /api/llm-oauth-clients/{id}', () => {
    it('a PATCH of a client changes the fields sent and keeps the others', async () => {
      const made = await cast.editor.client.create(PATH, service({ providerApiKeys: mapped(orgKey) }));
      const { status, body } = await cast.editor.client.patch(`${PATH}/${made.id}`, { tokenLifetimeSeconds: 600 });
      expect(status).toBe(200);
      const { clientSecret: _, ...before } = made;
      expect(body).toEqual({ ...before, tokenLifetimeSeconds: 600, updatedAt: expect.any(String) });
      expect((await auditOf(gateway, made.id)).at(-1)).toMatchObject({
        action: 'oauth_client.update',
        before: { tokenLifetimeSeconds: null },
        after: { tokenLifetimeSeconds: 600 },
      });
    });

    it('a PATCH of a client emits revoked for removed rights, else changed', async () => {
      const made = await cast.editor.client.create(PATH, service());
      const other = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
      const steps: [object, string][] = [
        [{ name: 'new' }, 'changed'],
        [{ providerApiKeys: mapped(orgKey) }, 'changed'],
        [{ providerApiKeys: mapped(ownKey) }, 'changed'],
        [{ providerApiKeys: null }, 'revoked'],
        [{ allowedLlmProxyIds: [proxy] }, 'changed'],
        [{ allowedLlmProxyIds: null }, 'revoked'],
        [{ mayIntrospect: true }, 'changed'],
        [{ mayIntrospect: false }, 'revoked'],
        [{ jwks: { keys: [publicJwk] }, tokenEndpointAuthMethod: 'private_key_jwt' }, 'revoked'],
        [{ jwks: { keys: [other, publicJwk] } }, 'changed'],
        [{ jwks: { keys: [other] } }, 'revoked'],
        [{ isDisabled: true }, 'revoked'],
        [{ isDisabled: false }, 'changed'],
      ];
      for (const [body, expected] of steps) {
        expect((await cast.editor.client.patch(`${PATH}/${made.id}`, body)).status).toBe(200);
        expect((await effects(made.id)).at(-1)).toBe(expected);
      }
      expect(await effects(made.id)).toHaveLength(steps.length + 1);
    });

    it('the client lookup sees a PATCH immediately', async () => {
      const made = await cast.editor.client.create(PATH, app());
      expect(await found(made)).toMatchObject({ name: 'chat', isDisabled: false, version: 1 });
      await cast.editor.client.patch(`${PATH}/${made.id}`, { name: 'talk', isDisabled: true });
      expect(await found(made)).toMatchObject({ name: 'talk', isDisabled: true, version: 2 });
      expect(endings).toEqual([{ id: made.id, clientId: made.clientId, cause: 'disabled' }]);
      await cast.editor.client.patch(`${PATH}/${made.id}`, { isDisabled: true });
      expect(endings).toHaveLength(1);
    });

    it('the version of a client rises when its name or redirect URIs change', async () => {
      const made = await cast.editor.client.create(PATH, app());
      const steps: [object, number][] = [
        [{ name: 'chat' }, 1],
        [{ name: 'talk' }, 2],
        [{ redirectUris: [CALLBACK, 'https://other.example/cb'] }, 3],
        [{ redirectUris: ['https://other.example/cb', CALLBACK] }, 3],
        [{ postLogoutRedirectUris: [CALLBACK], isDisabled: true }, 3],
      ];
      for (const [body, version] of steps) {
        await cast.editor.client.patch(`${PATH}/${made.id}`, body);
        expect((await found(made)).version).toBe(version);
      }
    });

    it('a client moves from its secret to its keys and back', async () => {
      const made = await cast.editor.client.create(PATH, service());
      const path = `${PATH}/${made.id}`;
      expect(pointers(await cast.editor.client.patch(path, { jwks: { keys: [publicJwk] } }))).toEqual([
        '/tokenEndpointAuthMethod',
      ]);
      const toKeys = { jwks: { keys: [publicJwk] }, tokenEndpointAuthMethod: 'private_key_jwt' };
      expect((await cast.editor.client.patch(path, toKeys)).body.secrets).toEqual([]);
      expect(await isAccepted(made, made.clientSecret)).toBe(false);
      expect((await cast.editor.client.patch(path, { jwks: null })).status).toBe(400);
      expect((await cast.editor.client.patch(path, { jwksUri: 'https://app.example.com/jwks' })).status).toBe(400);
      expect(
        (await cast.editor.client.patch(path, { jwks: null, jwksUri: 'https://app.example.com/jwks' })).status,
      ).toBe(200);
      const back = { jwksUri: null, tokenEndpointAuthMethod: 'client_secret_basic' };
      expect((await cast.editor.client.patch(path, back)).status).toBe(200);
      const { clientSecret } = (await cast.editor.client.post(`${path}/rotate-secret`, {})).body;
      expect([await isAccepted(made, clientSecret), await isAccepted(made, made.clientSecret)]).toEqual([true, false]);
    });

    it.each([
      { name: null },
      { redirectUris: null },
      { redirectUris: [] },
      { redirectUris: ['http://app.example.com/'] },
      { grantType: 'client_credentials' },
      { scope: 'org' },
      { clientId: 'x' },
      { ownerId: createId() },
      { organizationId: createId() },
      { version: 1 },
      { secrets: [] },
      { teamIds: [createId()] },
      { allowedLlmProxyIds: [createId()] },
      { providerApiKeys: [{ provider: 'openai', providerApiKeyId: createId() }] },
      { tokenLifetimeSeconds: 600 },
    ])('a PATCH of an app rejects %j with 400', async (body) => {
      const made = await cast.editor.client.create(PATH, app());
      expect((await cast.editor.client.patch(`${PATH}/${made.id}`, body)).status).toBe(400);
      expect((await auditOf(gateway, made.id)).map((entry) => entry.action)).toEqual(['oauth_client.create']);
    });

    it('a mapped team key restricts the teams that a client may move to', async () => {
      const second = await addTeam(gateway, cast.organizationId);
      const body = { scope: 'team', teamIds: [cast.teamId], providerApiKeys: mapped(teamKey) };
      const made = await cast.editor.client.create(PATH, service(body));
      expect((await cast.editor.client.patch(`${PATH}/${made.id}`, { teamIds: [second] })).status).toBe(400);
      expect((await cast.editor.client.patch(`${PATH}/${made.id}`, { teamIds: [] })).status).toBe(400);
      const both = { teamIds: [cast.teamId, second] };
      expect((await cast.editor.client.patch(`${PATH}/${made.id}`, both)).status).toBe(200);
    });

    it('only those who manage a client may PATCH it', async () => {
      const personal = await cast.editor.client.create(PATH, service());
      const org = await cast.editor.client.create(PATH, service({ scope: 'org' }));
      const tries: [Person, Json, number][] = [
        [cast.owner, personal, 403],
        [cast.stranger, personal, 404],
        [cast.stranger, org, 404],
        [cast.member, org, 403],
        [cast.owner, { id: createId() }, 404],
        [cast.owner, org, 200],
      ];
      for (const [person, client, expected] of tries)
        expect((await person.client.patch(`${PATH}/${client.id}`, { name: 'x' })).status).toBe(expected);
      expect((await gateway.admin.as(null).patch(`${PATH}/${org.id}`, { name: 'x' })).status).toBe(401);
    });
  });

  describe('POST /api/llm-oauth-clients/{id}/rotate-secret', () => {
    const rotate = (id: string, body?: object) => cast.editor.client.post(`${PATH}/${id}/rotate-secret`, body);

    it('a secret rotation shows the new secret once and keeps the old for a day', async () => {
      const made = await cast.editor.client.create(PATH, service());
      const { status, body, headers } = await rotate(made.id);
      expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
      expect(body).toMatchObject({ id: made.id, clientId: made.clientId });
      expect(body.secrets.map((secret: Json) => [secret.last4, secret.notAfter])).toEqual([
        [body.clientSecret.slice(-4), null],
        [made.clientSecret.slice(-4), expect.any(String)],
      ]);
      expect([await isAccepted(made, made.clientSecret), await isAccepted(made, body.clientSecret)]).toEqual([
        true,
        true,
      ]);
      expect(await effects(made.id)).toEqual(['changed', 'changed']);
      const entry = (await auditOf(gateway, made.id)).at(-1);
      expect(entry).toMatchObject({
        action: 'oauth_client.rotate_secret',
        after: { overlapSeconds: 86_400, revokeTokens: false },
      });
      expect(JSON.stringify(entry)).not.toContain(body.clientSecret);
      gateway.clock.advance(DAY_MS + 1000);
      expect([await isAccepted(made, made.clientSecret), await isAccepted(made, body.clientSecret)]).toEqual([
        false,
        true,
      ]);
      expect((await cast.editor.client.get(`${PATH}/${made.id}`)).body.secrets).toHaveLength(1);
      expect(endings).toEqual([]);
    });

    it('a client has at most two secrets, and a rotation never extends one', async () => {
      const made = await cast.editor.client.create(PATH, service());
      const second = (await rotate(made.id, { overlapSeconds: 60 })).body;
      const third = (await rotate(made.id, { overlapSeconds: 3600 })).body;
      expect(third.secrets).toHaveLength(2);
      expect(await isAccepted(made, made.clientSecret)).toBe(false);
      expect([await isAccepted(made, second.clientSecret), await isAccepted(made, third.clientSecret)]).toEqual([
        true,
        true,
      ]);
      expect(await effects(made.id)).toEqual(['changed', 'changed', 'revoked']);
      expect(
        await sql(gateway, 'SELECT 1 FROM oauth_client_secret WHERE oauth_client_id = $1', [made.id]),
      ).toHaveLength(2);
    });

    it('overlapSeconds 0 ends the old secret, and revokeTokens also the issued tokens', async () => {
      const made = await cast.editor.client.create(PATH, service());
      const second = (await rotate(made.id, { overlapSeconds: 0 })).body;
      expect([await isAccepted(made, made.clientSecret), await isAccepted(made, second.clientSecret)]).toEqual([
        false,
        true,
      ]);
      expect(endings).toEqual([]);
      const third = (await rotate(made.id, { revokeTokens: true })).body;
      expect(endings).toEqual([{ id: made.id, clientId: made.clientId, cause: 'revoked' }]);
      expect(await effects(made.id)).toEqual(['changed', 'revoked', 'revoked']);
      expect([await isAccepted(made, second.clientSecret), await isAccepted(made, third.clientSecret)]).toEqual([
        false,
        true,
      ]);
      const fourth = (await rotate(made.id, { revokeTokens: true, overlapSeconds: 60 })).body;
      expect([await isAccepted(made, third.clientSecret), await isAccepted(made, fourth.clientSecret)]).toEqual([
        true,
        true,
      ]);
    });

    it('rotate-secret rejects invalid bodies with 400 and public clients with 409', async () => {
      const made = await cast.editor.client.create(PATH, service());
      const bodies = [
        { overlapSeconds: -1 },
        { overlapSeconds: 2_592_001 },
        { overlapSeconds: 1.5 },
        { overlapSeconds: null },
        { revokeTokens: 'yes' },
        { clientSecret: 'mine' },
      ];
      for (const body of bodies) expect([body, (await rotate(made.id, body)).status]).toEqual([body, 400]);
      const open = await cast.editor.client.create(PATH, app({ tokenEndpointAuthMethod: 'none' }));
      expect((await rotate(open.id, {})).status).toBe(409);
    });

    it('only those who manage a client may rotate its secret', async () => {
      const made = await cast.editor.client.create(PATH, service());
      const path = `${PATH}/${made.id}/rotate-secret`;
      expect((await cast.owner.client.post(path, {})).status).toBe(403);
      expect((await cast.member.client.post(path, {})).status).toBe(403);
      expect((await cast.stranger.client.post(path, {})).status).toBe(404);
      expect((await gateway.admin.as(null).post(path, {})).status).toBe(401);
    });

    it('lastUsedAt of a secret advances at most once a minute', async () => {
      const made = await cast.editor.client.create(PATH, service());
      const secrets = gateway.app.nest.get(OAuthClientSecretStore);
      const stamp = async (): Promise<string> =>
        (await cast.editor.client.get(`${PATH}/${made.id}`)).body.secrets[0].lastUsedAt;
      await secrets.markUsed(made.secrets[0].id);
      const first = await stamp();
      expect(first).not.toBeNull();
      await secrets.markUsed(made.secrets[0].id);
      expect(await stamp()).toBe(first);
      gateway.clock.advance(61_000);
      await secrets.markUsed(made.secrets[0].id);
      expect(await stamp()).not.toBe(first);
    });
  });

  describe('DELETE /api/llm-oauth-clients/{id}', () => {
    it('DELETE of a client removes its secrets and mappings and emits its token revocation', async () => {
      const made = await cast.editor.client.create(PATH, service({ providerApiKeys: mapped(orgKey) }));
      expect(await found(made)).not.toBeNull();
      expect((await cast.editor.client.delete(`${PATH}/${made.id}`)).status).toBe(204);
      expect((await cast.editor.client.delete(`${PATH}/${made.id}`)).status).toBe(404);
      expect(await directory.findByClientId(made.clientId)).toBeNull();
      expect(await sql(gateway, 'SELECT 1 FROM key_binding WHERE holder_id = $1', [made.id])).toEqual([]);
      expect(await sql(gateway, 'SELECT 1 FROM oauth_client_secret WHERE oauth_client_id = $1', [made.id])).toEqual([]);
      expect((await auditOf(gateway, made.id)).at(-1)).toMatchObject({ action: 'oauth_client.delete', after: null });
      expect(await effects(made.id)).toEqual(['changed', 'revoked']);
      expect(endings).toEqual([{ id: made.id, clientId: made.clientId, cause: 'deleted' }]);
    });

    it('any_key:write permits deleting personal clients, other users get 403 or 404', async () => {
      const made = await cast.editor.client.create(PATH, service());
      const org = await cast.editor.client.create(PATH, service({ scope: 'org' }));
      const second = await addPerson(gateway, cast.organizationId, 'editor');
      expect((await second.client.delete(`${PATH}/${made.id}`)).status).toBe(404);
      expect((await cast.stranger.client.delete(`${PATH}/${org.id}`)).status).toBe(404);
      expect((await cast.member.client.delete(`${PATH}/${org.id}`)).status).toBe(403);
      expect((await gateway.admin.as(null).delete(`${PATH}/${org.id}`)).status).toBe(401);
      expect((await cast.owner.client.delete(`${PATH}/${made.id}`)).status).toBe(204);
    });
  });

  describe('departed users and teams', () => {
    it('disabling a user disables only their personal clients', async () => {
      const person = await addPerson(gateway, cast.organizationId, 'editor');
      const own = await person.client.create(PATH, service());
      const org = await person.client.create(PATH, service({ scope: 'org' }));
      expect([(await found(own)).isDisabled, (await found(org)).isDisabled]).toEqual([false, false]);
      expect((await cast.owner.client.post(`/api/users/${person.id}/disable`)).status).toBe(200);
      expect([(await found(own)).isDisabled, (await found(org)).isDisabled]).toEqual([true, false]);
      expect((await cast.owner.client.post(`/api/users/${person.id}/enable`)).status).toBe(200);
      expect((await found(own)).isDisabled).toBe(false);
    });

    it('deleting a user deletes their personal clients and revokes the tokens', async () => {
      const person = await addPerson(gateway, cast.organizationId, 'editor');
      const own = await person.client.create(PATH, service({ providerApiKeys: mapped(orgKey) }));
      const org = await person.client.create(PATH, service({ scope: 'org' }));
      expect(await found(own)).not.toBeNull();
      expect((await cast.owner.client.delete(`/api/users/${person.id}`)).status).toBe(204);
      expect([await directory.findByClientId(own.clientId), (await found(org)).isDisabled]).toEqual([null, false]);
      expect(await effects(own.id)).toEqual(['changed', 'revoked']);
      expect(await sql(gateway, 'SELECT 1 FROM key_binding WHERE holder_id = $1', [own.id])).toEqual([]);
      expect(endings).toEqual([{ id: own.id, clientId: own.clientId, cause: 'deleted' }]);
    });

    it('a deleted team leaves its clients, and a client without a team is disabled', async () => {
      const [first, second] = [
        await addTeam(gateway, cast.organizationId),
        await addTeam(gateway, cast.organizationId),
      ];
      const both = await cast.editor.client.create(PATH, service({ scope: 'team', teamIds: [first, second] }));
      const one = await cast.editor.client.create(PATH, service({ scope: 'team', teamIds: [first] }));
      expect((await cast.owner.client.delete(`/api/teams/${first}`)).status).toBe(204);
      expect([(await found(both)).isDisabled, (await found(one)).isDisabled]).toEqual([false, true]);
      expect((await cast.editor.client.get(`${PATH}/${both.id}`)).body.teamIds).toEqual([second]);
      expect(endings).toEqual([{ id: one.id, clientId: one.clientId, cause: 'disabled' }]);
      expect((await cast.editor.client.patch(`${PATH}/${one.id}`, { name: 'x' })).status).toBe(200);
      expect((await cast.editor.client.patch(`${PATH}/${one.id}`, { isDisabled: false })).status).toBe(400);
      const again = { isDisabled: false, teamIds: [second] };
      expect((await cast.editor.client.patch(`${PATH}/${one.id}`, again)).status).toBe(200);
    });

    it('leaving a team removes its provider key from a personal client', async () => {
      const person = await addPerson(gateway, cast.organizationId, 'editor');
      await join(gateway, cast.teamId, person, 'member');
      const made = await person.client.create(PATH, service({ providerApiKeys: mapped(teamKey) }));
      expect((await found(made)).bindings.size).toBe(1);
      expect((await cast.owner.client.delete(`/api/teams/${cast.teamId}/members/${person.id}`)).status).toBe(204);
      expect((await found(made)).bindings.size).toBe(0);
    });
  });

  const register = (
    clientId: string,
    over: object = {},
    source: 'registration' | 'metadata_document' = 'registration',
  ) =>
    gateway.app.nest.get(SelfRegisteredClients).register(
      {
        client_id: clientId,
        client_name: 'IDE',
        redirect_uris: ['http://127.0.0.1/cb'],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'none',
        application_type: 'native',
        ...over,
      },
      source,
    );

  describe('self-registered clients', () => {
    const age = (clientId: string, days: number) =>
      sql(gateway, 'UPDATE oauth_client SET created_at = $2::timestamptz WHERE client_id = $1', [
        clientId,
        new Date(gateway.clock.now() - days * DAY_MS),
      ]);

    it('a client is found after registration, though a lookup missed it before', async () => {
      const clientId = `llm_oauth_${createId<string>()}`;
      expect(await directory.findByClientId(clientId)).toBeNull();
      await register(clientId, { logo_uri: 'https://ide.example/logo' });
      expect(await directory.findByClientId(clientId)).toMatchObject({
        organizationId: null,
        source: 'registration',
        name: 'IDE',
        grantType: 'authorization_code',
        applicationType: 'native',
        tokenEndpointAuthMethod: 'none',
        redirectUris: ['http://127.0.0.1/cb'],
        registration: { client_id: clientId, logo_uri: 'https://ide.example/logo' },
        secrets: [],
        version: 1,
      });
    });

    it('a self-registered client cannot bring a secret or take the client_id of another', async () => {
      await expect(register(`llm_oauth_${createId<string>()}`, { client_secret: 'x' })).rejects.toThrow('secret');
      const made = await cast.editor.client.create(PATH, app({ scope: 'org' }));
      await expect(register(made.clientId)).rejects.toThrow();
      await register(made.clientId, {}, 'metadata_document');
      expect(await found(made)).toMatchObject({ source: 'admin', name: 'chat' });
    });

    it('a metadata document updates its client, and visible changes raise the version', async () => {
      const clientId = `https://ide.example/${createId<string>()}`;
      const steps: [object, number][] = [
        [{}, 1],
        [{}, 1],
        [{ logo_uri: 'https://ide.example/logo' }, 1],
        [{ client_name: 'Other' }, 2],
        [{ client_name: 'Other', redirect_uris: ['https://ide.example/cb'] }, 3],
      ];
      for (const [over, version] of steps) {
        await register(clientId, over, 'metadata_document');
        expect(await directory.findByClientId(clientId)).toMatchObject({ version, registration: over });
      }
      const { id } = (await directory.findByClientId(clientId))!;
      expect(await effects(id)).toHaveLength(steps.length - 1);
    });

    it('unused registrations are deleted after thirty days', async () => {
      const clients = gateway.app.nest.get(SelfRegisteredClients);
      const [fresh, used, old, older] = Array.from({ length: 4 }, () => `llm_oauth_${createId<string>()}`);
      for (const clientId of [fresh, used, old, older]) await register(clientId!);
      for (const [clientId, days] of [
        [fresh, 29],
        [used, 40],
        [old, 31],
        [older, 32],
      ] as const)
        await age(clientId!, days);
      await clients.markUsed(used!);
      expect(await directory.findByClientId(older!)).not.toBeNull();
      const made = await cast.editor.client.create(PATH, app());
      await age(made.clientId, 40);
      const now = new Date(gateway.clock.now());
      expect([await clients.sweepUnused(now, 1), await directory.findByClientId(older!)]).toEqual([1, null]);
      expect([await clients.sweepUnused(now, 100), await clients.sweepUnused(now, 100)]).toEqual([1, 0]);
      const left = await Promise.all([fresh, used, old, made.clientId].map((id) => directory.findByClientId(id)));
      expect(left.map((client) => client !== null)).toEqual([true, true, false, true]);
    });
  });

  it('the client lookup returns null for an impossible client_id', async () => {
    for (const name of ['', 'x', 'a\0b', 'x'.repeat(5000)]) expect(await directory.findByClientId(name)).toBeNull();
  });
});
