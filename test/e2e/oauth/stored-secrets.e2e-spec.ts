/** The whole database, or the log, contains nothing that gives access: a walk through every flow, then a search. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import { SigningKeyStore } from '../../../src/oauth/signing-keys/signing-key.store.js';
import { Marks } from '../../support/gateway/marked-secrets.js';
import type { Json } from '../../support/http/admin-client.js';
import { basic, newPkce, OAuthDriver, OWNER, REDIRECT_URI, type Pkce } from '../../support/oauth/oauth-driver.js';
import { familyOf, startStage, type Stage } from '../../support/gateway/stage.js';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const PASSWORD = `a "quoted" pässword \\ ${randomBytes(8).toString('hex')}`;

/** Members that are secret in every JSON response. */
const SECRET_MEMBERS = [
  'access_token',
  'refresh_token',
  'id_token',
  'device_code',
  'clientSecret',
  'client_secret',
  'value',
];

let stage: Stage;
let oauth: OAuthDriver;
const marks = new Marks();
/** Too short to be searched for in every form: eight letters. */
const userCodes = new Set<string>();
/** Number of issued secrets of each kind. */
const kinds = new Map<string, number>();
/** Interactions are named in paths, which are logged; without the signed cookie a name gives no access. */
const namesOfInteractions = new Marks();
const realFetch = globalThis.fetch;

beforeAll(async () => {
  globalThis.fetch = async (...asked) => {
    const response = await realFetch(...asked);
    listen(response.headers, await response.clone().text());
    return response;
  };
  stage = await startStage();
  oauth = new OAuthDriver(stage.gateway.url);
  issued('password', OWNER.password);
  issued('password', PASSWORD);
  issued('encryption key', stage.gateway.env.ENCRYPTION_KEYS!);
  await signingKeys();
  await people();
  await codeFlows();
  await applications();
  await devices();
  await pushedRequests();
  await wrongPlaces();
  await brokenDatabase();
  await stage.gateway.flushRecords();
}, 120_000);
afterAll(async () => {
  globalThis.fetch = realFetch;
  await stage.close();
});

/** Forbids the secret from now on: as a whole or its random part alone, forwards and backwards, in any encoding. */
function issued(kind: string, secret: string): void {
  const number = (kinds.get(kind) ?? 0) + 1;
  kinds.set(kind, number);
  const name = `${kind} ${number}`;
  marks.add(name, secret);
  const inJson = JSON.stringify(secret).slice(1, -1);
  if (inJson !== secret) marks.add(`${name} in JSON`, inJson);
  const body = /^(?:llm|arch)_(?:[a-z]+_)?([\w-]{43})[0-9A-Za-z]{6}$/.exec(secret)?.[1];
  if (body) marks.add(`${name} without its prefix`, body);
  if (body) marks.add(`${name} as bytes`, Buffer.from(body, 'base64url').toString('hex'));
  const parts = /^ey[\w-]+\.([\w-]{20,})\.([\w-]{20,})$/.exec(secret);
  if (parts) marks.add(`${name}'s signature`, parts[2]!);
}

/** Marks everything that a response issues. */
function listen(headers: Headers, text: string): void {
  for (const line of headers.getSetCookie()) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
    if (value!.length < 12) continue;
    if (/interaction$|resume$/.test(name!)) namesOfInteractions.add(`${name} ${value}`, value!);
    else issued(`cookie ${name}`, value!);
  }
  const code = /[?&#]code=([^&]+)/.exec(headers.get('location') ?? '')?.[1];
  if (code) issued('code', code);
  for (const [, name, value] of text.matchAll(/<input type="hidden" name="(csrf|xsrf)" value="([^"]+)"/g))
    issued(name!, value!);
  if (!/json/.test(headers.get('content-type') ?? '')) return;
  const body = JSON.parse(text);
  for (const member of SECRET_MEMBERS) if (typeof body?.[member] === 'string') issued(member, body[member]);
  if (typeof body?.user_code === 'string') userCodes.add(body.user_code as string);
  if (typeof body?.request_uri === 'string') issued('request_uri', (body.request_uri as string).split(':').at(-1)!);
  if (typeof body?.invitationUrl === 'string')
    issued('invitation', new URL(body.invitationUrl as string).searchParams.get('token')!);
}

const pkce = (): Pkce => {
  const made = newPkce();
  issued('code verifier', made.verifier);
  return made;
};

/** They are never shown; a holder could sign as the authorization server. */
async function signingKeys(): Promise<void> {
  for (const key of await stage.gateway.app.nest.get(SigningKeyStore, { strict: false }).load()) {
    for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi'] as const) {
      const value = key[member];
      if (typeof value !== 'string') continue;
      issued('private key', value);
      marks.add(`bytes of ${key.kid} ${member}`, Buffer.from(value, 'base64url').toString('hex'));
    }
  }
}

async function people(): Promise<void> {
  await stage.gateway.admin.create('/api/users', { email: 'invited@example.com' });
  const user = await stage.gateway.admin.create('/api/users', { email: 'person@example.com' });
  const browser = oauth.browser();
  const form = await browser.go(user.invitationUrl as string);
  await browser.submit(form, { password: 'too short', passwordAgain: 'too short' });
  const set = await browser.submit(await browser.go(user.invitationUrl as string), {
    password: PASSWORD,
    passwordAgain: PASSWORD,
  });
  expect(set.status).toBe(200);
}

const PERSON = { email: 'person@example.com', password: PASSWORD };

async function codeFlows(): Promise<void> {
  const client = await stage.gateway.admin.create('/api/llm-oauth-clients', {
    name: 'web app',
    grantType: 'authorization_code',
    scope: 'org',
    redirectUris: [REDIRECT_URI],
  });
  const app = (await oauth.register()).body.client_id as string;
  const proof = basic(client.clientId as string, client.clientSecret as string);
  const scope = 'openid profile email llm:proxy offline_access';
  const browser = oauth.browser();
  for (const person of [PERSON, PERSON]) {
    const { verifier, challenge } = pkce();
    const code = await oauth.code(
      client.clientId as string,
      { verifier, challenge },
      { over: { scope }, browser, person },
    );
    const form = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI, code_verifier: verifier };
    const tokens = await oauth.token(form, proof);
    expect([tokens.status, typeof tokens.body.id_token]).toEqual([200, 'string']);
    const refresh = { grant_type: 'refresh_token', refresh_token: tokens.body.refresh_token as string };
    expect((await oauth.token(refresh, proof)).status).toBe(200);
    await oauth.token(refresh, proof);
    await oauth.token(form, proof);
    await use(tokens.body.access_token as string);
    await oauth.post('introspect', { token: tokens.body.access_token as string }, proof);
  }
  const wrong = await browser.go(oauth.authorizeUrl(app, pkce(), { prompt: 'login' }));
  await browser.submit(wrong, { email: PERSON.email, password: `${PASSWORD}, wrong` });
  const { tokens } = await oauth.userTokens({ person: PERSON });
  await oauth.post('revoke', { client_id: app, token: tokens.refresh_token as string });
  // Abandoned at sign-in, at the consent page, and with a code that is not redeemed.
  await oauth.browser().go(oauth.authorizeUrl(app, pkce()));
  const [other, fresh] = [oauth.browser(), oauth.browser()];
  await oauth.through(other, await other.go(oauth.authorizeUrl(app, pkce())), { person: PERSON, decision: 'deny' });
  const asked = await other.go(oauth.authorizeUrl(app, pkce(), { prompt: 'consent' }));
  expect(asked.html).toContain('Allow this app?');
  await oauth.code(app, pkce(), { person: PERSON });
  const { place } = await oauth.through(fresh, await fresh.go('/account'), { person: PERSON });
  expect([place.url.pathname, place.status]).toEqual(['/account', 200]);
  await other.submit(await other.go('/api/auth/oauth2/end-session'), { logout: 'yes' });
}

const use = async (token: string): Promise<void> => {
  const headers = { authorization: `Bearer ${token}` };
  await fetch(`${stage.gateway.url}/api/auth/oauth2/userinfo`, { headers });
  await fetch(`${stage.gateway.url}/api/me`, { headers });
  await stage.chat(familyOf('openai'), [['authorization', `Bearer ${token}`]]);
};

async function applications(): Promise<void> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const create = (over: object) =>
    stage.gateway.admin.create('/api/llm-oauth-clients', {
      name: 'machine',
      grantType: 'client_credentials',
      scope: 'org',
      allowedLlmProxyIds: [stage.defaultProxyId],
      ...over,
    });
  const client = await create({});
  const credentials = { clientId: client.clientId as string, clientSecret: client.clientSecret as string };
  const answers = [
    await oauth.clientToken(credentials),
    await oauth.token({
      grant_type: 'client_credentials',
      client_id: credentials.clientId,
      client_secret: credentials.clientSecret,
    }),
  ];
  await stage.gateway.admin.post(`/api/llm-oauth-clients/${client.id}/rotate-secret`, {});
  answers.push(await oauth.clientToken(credentials));
  const keyed = await create({ jwks: { keys: [publicKey.export({ format: 'jwk' })] } });
  const signed = await new SignJWT({ jti: randomBytes(16).toString('hex') })
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuer(keyed.clientId as string)
    .setSubject(keyed.clientId as string)
    .setAudience(stage.gateway.url)
    .setIssuedAt()
    .setExpirationTime('60s')
    .sign(privateKey);
  issued('assertion', signed);
  const form = { grant_type: 'client_credentials', client_assertion_type: ASSERTION, client_assertion: signed };
  answers.push(await oauth.token(form));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect((await oauth.token(form)).status).toBe(401);
  for (const { body } of answers) await use(body.access_token as string);
}

async function devices(): Promise<void> {
  const grants = [DEVICE_GRANT, 'refresh_token'];
  const registered = await oauth.register({ grant_types: grants, redirect_uris: [], response_types: [] });
  const client_id = registered.body.client_id as string;
  const ask = async (): Promise<Json> =>
    (await oauth.post('device', { client_id, scope: 'llm:proxy offline_access' })).body;
  const poll = (device: Json) =>
    oauth.token({ grant_type: DEVICE_GRANT, client_id, device_code: device.device_code as string });
  const browser = oauth.browser();
  const allowed = await ask();
  const confirm = await browser.submit(await browser.go('/device'), { user_code: allowed.user_code as string });
  await oauth.through(browser, await browser.submit(confirm, { confirm: 'yes' }), { person: PERSON });
  expect((await poll(allowed)).status).toBe(200);
  // One that waits for its person, and one at the consent page.
  expect((await poll(await ask())).body.error).toBe('authorization_pending');
  const open = await ask();
  const half = await browser.submit(await browser.go('/device'), { user_code: open.user_code as string });
  await browser.submit(half, { confirm: 'yes' });
}

async function pushedRequests(): Promise<void> {
  const client_id = (await oauth.register()).body.client_id as string;
  const push = async (): Promise<{ uri: string; made: Pkce }> => {
    const made = pkce();
    const pushed = await oauth.post('par', Object.fromEntries(oauth.authorizeUrl(client_id, made).searchParams));
    return { uri: pushed.body.request_uri as string, made };
  };
  await push();
  const { uri, made } = await push();
  const browser = oauth.browser();
  const url = new URL('/api/auth/oauth2/authorize', stage.gateway.url);
  for (const [name, value] of Object.entries({ client_id, request_uri: uri })) url.searchParams.set(name, value);
  const { place } = await oauth.through(browser, await browser.go(url), { person: PERSON });
  const answer = await oauth.redeem(client_id, place.url.searchParams.get('code')!, made.verifier);
  expect(answer.status).toBe(200);
}

/** People paste credentials where they do not belong. */
async function wrongPlaces(): Promise<void> {
  const { clientId, tokens } = await oauth.userTokens({ person: PERSON });
  const secret = `llm_secret_${randomBytes(32).toString('base64url')}000000`;
  issued('made-up secret', secret);
  const everything = [tokens.refresh_token, tokens.access_token, secret, OWNER.password] as string[];
  const { url } = stage.gateway;
  for (const value of everything) {
    await oauth.token({ grant_type: value, client_id: value });
    await oauth.token({ grant_type: 'authorization_code', client_id: clientId, code: value, code_verifier: value });
    await oauth.token({ grant_type: 'client_credentials' }, basic(value, value));
    await oauth.token({ grant_type: 'client_credentials', client_id: clientId, scope: value, resource: value });
    await oauth.post('revoke', { token: value, client_id: clientId, token_type_hint: value });
    await fetch(`${url}/api/auth/oauth2/userinfo?access_token=${encodeURIComponent(value)}`);
    await fetch(`${url}/api/auth/oauth2/authorize?client_id=${encodeURIComponent(value)}`, { redirect: 'manual' });
    await fetch(oauth.authorizeUrl(clientId, pkce(), { scope: value, prompt: 'none' }), { redirect: 'manual' });
    await fetch(`${url}/api/auth/oauth2/token?refresh_token=${encodeURIComponent(value)}`, { method: 'POST' });
    await fetch(`${url}/auth/set-password?token=${encodeURIComponent(value)}`);
    await fetch(`${url}/device?user_code=${encodeURIComponent(value)}`);
    await fetch(`${url}/account/callback?code=${encodeURIComponent(value)}&state=${encodeURIComponent(value)}`);
    await stage.wire.call(
      'POST',
      '/v1/openai/chat/completions',
      [['authorization', `Bearer ${encodeURIComponent(value)}`]],
      '{}',
    );
  }
  await use(tokens.refresh_token as string);
}

/** The database's own errors name the values to be stored. */
async function brokenDatabase(): Promise<void> {
  const app = (await oauth.register()).body.client_id as string;
  const made = pkce();
  const code = await oauth.code(app, made, { person: PERSON });
  const body = { name: 'machine', grantType: 'client_credentials', scope: 'org' };
  const machine = await stage.gateway.admin.create('/api/llm-oauth-clients', body);
  for (const [table, column] of [
    ['oauth_artifact', 'client_address'],
    ['oauth_grant', 'payload'],
    ['oauth_client_secret', 'digest'],
    ['audit_entry', 'action'],
  ]) {
    await stage.sql(`ALTER TABLE ${table} RENAME COLUMN ${column} TO gone`);
    const statuses = [
      (await oauth.redeem(app, code, made.verifier)).status,
      (await oauth.clientToken({ clientId: machine.clientId, clientSecret: machine.clientSecret })).status,
      (await oauth.post('par', Object.fromEntries(oauth.authorizeUrl(app, made).searchParams))).status,
      (await fetch(oauth.authorizeUrl(app, made), { redirect: 'manual' })).status,
      (await stage.gateway.admin.post('/api/llm-oauth-clients', body)).status,
    ];
    await stage.sql(`ALTER TABLE ${table} RENAME COLUMN gone TO ${column}`);
    expect([table, statuses.some((status) => status >= 500)]).toEqual([table, true]);
  }
}

it('the walk through every flow issues secrets of every kind', () => {
  expect([...kinds.keys()].sort()).toEqual(
    [
      'access_token',
      'assertion',
      'clientSecret',
      'code',
      'code verifier',
      'cookie gatehouse_account',
      'cookie gatehouse_interaction.sig',
      'cookie gatehouse_resume.sig',
      'cookie gatehouse_sid',
      'cookie gatehouse_sid.sig',
      'csrf',
      'device_code',
      'encryption key',
      'id_token',
      'invitation',
      'made-up secret',
      'password',
      'private key',
      'refresh_token',
      'request_uri',
      'xsrf',
    ].sort(),
  );
  expect([marks.names.length > 200, userCodes.size, namesOfInteractions.names.length > 10]).toEqual([true, 3, true]);
});

it('the search finds a secret in other encodings and inside JSON', async () => {
  const [token] = await stage.sql<{ row: string }>(
    `SELECT encode(sha256('x'), 'hex') || encode('${OWNER.password}'::bytea, 'base64') AS row`,
  );
  expect(marks.in(token!.row)).toEqual(['password 1']);
  expect(found(`{"a":${JSON.stringify(PASSWORD)}}`)).toContain('password 2 in JSON');
  expect(found(`the code ${[...userCodes][0]!.replace('-', '')} of a device`)).toEqual(['a user code']);
});

it('no database column contains an issued secret in any encoding', async () => {
  const columns = await stage.sql<{ table_name: string; column_name: string; data_type: string }>(
    `SELECT table_name, column_name, data_type FROM information_schema.columns
      WHERE table_schema = 'public' ORDER BY table_name, ordinal_position`,
  );
  const seen = new Map<string, number>();
  for (const { table_name: table, column_name: column, data_type: type } of columns) {
    const writings =
      type === 'bytea'
        ? [
            `encode("${column}", 'hex')`,
            `replace(encode("${column}", 'base64'), E'\\n', '')`,
            `encode("${column}", 'escape')`,
          ]
        : [`"${column}"::text`];
    for (const writing of writings) {
      const rows = await stage.sql<{ value: string }>(
        `SELECT ${writing} AS value FROM "${table}" WHERE "${column}" IS NOT NULL`,
      );
      seen.set(table, Math.max(seen.get(table) ?? 0, rows.length));
      const text = rows.map(({ value }) => value).join('\n');
      expect([table, column, found(text), namesOfInteractions.in(text)]).toEqual([table, column, [], []]);
    }
  }
  for (const table of [
    'oauth_artifact',
    'oauth_grant',
    'oauth_client',
    'oauth_client_secret',
    'oauth_consent',
    'oauth_signing_key',
    'audit_entry',
    'app_user',
  ])
    expect([table, (seen.get(table) ?? 0) > 0]).toEqual([table, true]);
  const models = await stage.sql<{ model: string }>('SELECT DISTINCT model FROM oauth_artifact ORDER BY model');
  expect(models.map(({ model }) => model)).toEqual([
    'AccessToken',
    'AuthorizationCode',
    'ClientCredentials',
    'DeviceCode',
    'Interaction',
    'PushedAuthorizationRequest',
    'RefreshToken',
    'ReplayDetection',
    'Session',
  ]);
});

it('no log line contains an issued secret', () => {
  expect(stage.gateway.log.length).toBeGreaterThan(100);
  const telling = stage.gateway.log.filter((line) => found(line).length > 0);
  expect(telling.map((line) => [found(line), line])).toEqual([]);
});

function found(text: string): string[] {
  const names = marks.in(text);
  const forms = [...userCodes].flatMap((code) => {
    const letters = code.replace('-', '');
    return [code, letters, ...[code, letters].map((each) => Buffer.from(each).toString('hex'))];
  });
  return forms.some((form) => text.includes(form)) ? [...names, 'a user code'] : names;
}
