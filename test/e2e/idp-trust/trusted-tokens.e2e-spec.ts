/**
 * Which tokens are accepted: forgeries by every known method, and genuine tokens of the vendors. A real key set over
 * real HTTP.
 */
import type { IdentityProvider } from '../../../src/idp-trust/trusted-issuer/identity-provider.js';
import { TokenRefusal } from '../../../src/idp-trust/trusted-issuer/token-refusal.js';
import type { ValidatedToken } from '../../../src/idp-trust/trusted-issuer/validated-token.js';
import {
  encode,
  FakeIdp,
  hmacWithPublicKey,
  makeKey,
  type Claims,
  type IdpKey,
  type SigningOptions,
} from '../../support/oauth/fake-idp.js';
import * as vendors from '../../support/oauth/idp-tokens.js';
import { providerOf, Trust, type TrustProcess } from '../../support/oauth/idp-trust.js';

let trust: Trust;
let idp: FakeIdp;
let decide: TrustProcess;
let provider: IdentityProvider;

beforeAll(async () => {
  trust = await Trust.start();
  idp = await FakeIdp.start();
  decide = trust.process();
  provider = providerOf({ issuer: idp.issuer, jwksUrl: idp.jwksUrl });
});
afterAll(async () => {
  await idp.close();
  await trust.close();
});

async function judge(token: string, by = provider): Promise<string | ValidatedToken> {
  try {
    return await decide.validator.validate(token, by);
  } catch (error) {
    if (error instanceof TokenRefusal) return error.reason;
    throw error;
  }
}

describe('a token of the trusted provider', () => {
  it('is believed', async () => {
    expect(await judge(idp.token())).toMatchObject({ subject: 'user-1', keyId: idp.signingKey.kid });
  });

  it.each(['RS256', 'PS256', 'ES256', 'EdDSA'] as const)('is believed when it is signed with %s', async (alg) => {
    const other = await FakeIdp.start({ alg });
    try {
      const by = providerOf({ issuer: other.issuer, jwksUrl: other.jwksUrl });
      expect(await judge(other.token(), by)).toMatchObject({ subject: 'user-1' });
      // RFC 9864: the newer name of the same signature.
      if (alg === 'EdDSA')
        expect(await judge(other.token({}, { header: { alg: 'Ed25519' } }), by)).toHaveProperty('claims');
    } finally {
      await other.close();
    }
  });

  it('is believed with each accepted typ, and with no other', async () => {
    for (const typ of [undefined, 'JWT', 'jwt', 'at+jwt', 'application/at+jwt', 'application/JWT'])
      expect(await judge(idp.token({}, { header: { typ } }))).toHaveProperty('subject');
    for (const typ of ['logout+jwt', 'secevent+jwt', 'oauth-id-jag+jwt', 'dpop+jwt', 'kb+jwt', 'jwt2', ' JWT'])
      expect(await judge(idp.token({}, { header: { typ } }))).toBe('jwt_type');
    expect(await judge(idp.token({}, { header: { typ: 7 } }))).toBe('jwt_malformed');
    expect(await judge(idp.token({}, { header: { typ: '' } }))).toBe('jwt_malformed');
  });

  it('is not believed while the provider is disabled', async () => {
    expect(await judge(idp.token(), { ...provider, isDisabled: true })).toBe('jwt_issuer_unknown');
  });
});

describe('a forged signature (RFC 8725 §2)', () => {
  const claims = (): Claims => ({ iss: idp.issuer, aud: 'gatehouse', sub: 'user-1', ...idp.times() });
  let forger: IdpKey;
  beforeAll(async () => (forger = await makeKey('RS256')));

  it.each(['none', 'None', 'NONE', ''])('by the algorithm %j is refused', async (alg) => {
    expect(await judge(idp.token({}, { header: { alg } }))).toBe('jwt_algorithm');
    const [header, payload] = idp.token({}, { header: { alg } }).split('.');
    expect(await judge(`${header}.${payload}.`)).toBe('jwt_malformed');
  });

  it('by HMAC with the public key is refused, even if a record were to list HMAC', async () => {
    const token = hmacWithPublicKey(idp, claims());
    expect(await judge(token)).toBe('jwt_algorithm');
    const careless = { ...provider, algorithms: [...provider.algorithms, 'HS256', 'none'] };
    expect(await judge(token, careless)).toBe('jwt_algorithm');
    expect(await judge(idp.token({}, { header: { alg: 'none' } }), careless)).toBe('jwt_algorithm');
  });

  it('by a key of the forger’s, under the name of the provider’s, is refused', async () => {
    const { kid } = idp.signingKey;
    expect(await judge(idp.token({}, { key: forger, header: { kid } }))).toBe('jwt_signature');
  });

  it('of other claims is refused: each part counts', async () => {
    const [header, payload, signature] = idp.token().split('.') as [string, string, string];
    const other = encode(JSON.stringify({ ...claims(), sub: 'admin' }));
    expect(await judge(`${header}.${other}.${signature}`)).toBe('jwt_signature');
    expect(await judge(`${encode('{"alg":"RS256"}')}.${payload}.${signature}`)).toBe('jwt_signature');
    expect(await judge(`${header}.${payload}.${encode('x'.repeat(256))}`)).toBe('jwt_signature');
    expect(await judge(`${header}.${payload}.${encode('x')}`)).toBe('jwt_signature');
  });

  it.each(['jwk', 'jku', 'x5u', 'x5c', 'crit', 'b64'])(
    'that brings or points to its own means (%s) is refused',
    async (name) => {
      const before = idp.fetches;
      const values: Record<string, unknown> = {
        jwk: forger.jwk,
        jku: `${idp.origin}/keys`,
        x5u: `${idp.origin}/cert`,
        x5c: ['MIIB'],
        crit: ['exp'],
        b64: false,
      };
      for (const value of [values[name], null])
        expect(await judge(idp.token({}, { key: forger, header: { [name]: value } }))).toBe('jwt_header_forbidden');
      expect(idp.fetches).toBe(before);
    },
  );

  it('of an algorithm that does not go with the key is refused', async () => {
    const mixed = await FakeIdp.start({ alg: 'RS256' });
    try {
      const ec = await mixed.rotate('ES256');
      const [rsa] = mixed.keys;
      const by = providerOf({ issuer: mixed.issuer, jwksUrl: mixed.jwksUrl });
      expect(await judge(mixed.token({}, { key: { ...rsa!, kid: ec.kid } }), by)).toBe('jwt_key_unknown');
      expect(await judge(mixed.token({}, { key: ec, header: { kid: rsa!.kid } }), by)).toBe('jwt_key_unknown');
      // The key states RS256, and PS256 is a different algorithm.
      expect(await judge(mixed.token({}, { key: { ...rsa!, alg: 'PS256' } }), by)).toBe('jwt_key_unknown');
      expect(await judge(mixed.token({}, { key: ec }), by)).toHaveProperty('subject');
    } finally {
      await mixed.close();
    }
  });

  it('of an algorithm that the record does not list is refused', async () => {
    expect(await judge(idp.token(), { ...provider, algorithms: ['ES256'] })).toBe('jwt_algorithm');
  });

  it('by keys that are too weak, or no public keys, is refused, while the good key beside them goes on', async () => {
    const sloppy = await FakeIdp.start();
    try {
      const good = sloppy.signingKey;
      const small = await makeKey('RS256', { bits: 1024 });
      const secret = { ...small, kid: 'oct', jwk: { kty: 'oct', k: encode('secret'), kid: 'oct', alg: 'HS256' } };
      const encrypting = await makeKey('RS256');
      encrypting.jwk.use = 'enc';
      sloppy.keys.push(small, secret, encrypting);
      const by = providerOf({ issuer: sloppy.issuer, jwksUrl: sloppy.jwksUrl });
      expect(await judge(sloppy.token({}, { key: good }), by)).toHaveProperty('subject');
      expect(await judge(sloppy.token({}, { key: small }), by)).toBe('jwt_key_unknown');
      expect(await judge(sloppy.token({}, { key: encrypting }), by)).toBe('jwt_key_unknown');
    } finally {
      await sloppy.close();
    }
  });
});

describe('a name of a key (kid)', () => {
  it.each([
    '../../../../dev/null',
    'file:///etc/passwd',
    "x' UNION SELECT 'secret' --",
    '$' + '{jndi:ldap://127.0.0.1/a}',
    'a\u0000b',
    '__proto__',
    'constructor',
    'toString',
    '\ud800',
    ' ',
  ])('is an opaque text: %j is an unknown key', async (kid) => {
    expect(await judge(idp.token({}, { header: { kid } }))).toBe('jwt_key_unknown');
  });

  it.each([[7], [null], [['key-1']], [{}], [''], ['k'.repeat(257)], ['k'.repeat(10_240)]])('is not %j', async (kid) => {
    expect(await judge(idp.token({}, { header: { kid } }))).toBe('jwt_malformed');
  });

  it('may be missing when the provider has one key, and not when it has two', async () => {
    const lone = await FakeIdp.start();
    try {
      const by = providerOf({ issuer: lone.issuer, jwksUrl: lone.jwksUrl });
      const nameless: SigningOptions = { key: lone.signingKey, header: { kid: undefined } };
      expect(await judge(lone.token({}, nameless), by)).toHaveProperty('subject');
      await lone.rotate('RS256');
      const fresh = providerOf({ issuer: lone.issuer, jwksUrl: lone.jwksUrl });
      expect(await judge(lone.token({}, nameless), fresh)).toBe('jwt_key_unknown');
    } finally {
      await lone.close();
    }
  });

  it('of another provider’s key is unknown: keys count for their own issuer alone', async () => {
    const other = await FakeIdp.start();
    try {
      const token = other.sign({ iss: idp.issuer, aud: 'gatehouse', sub: 'user-1', ...idp.times() });
      expect(await judge(token)).toBe('jwt_key_unknown');
      expect(other.fetches).toBe(0);
    } finally {
      await other.close();
    }
  });
});

describe('a token that says the wrong things', () => {
  const now = (): number => Math.floor(trust.clock.now() / 1000);

  it.each<[string, () => Claims, string]>([
    ['of a foreign issuer', () => ({ iss: 'https://evil.example' }), 'jwt_issuer_unknown'],
    ['of the issuer with a slash more', () => ({ iss: `${idp.issuer}/` }), 'jwt_issuer_unknown'],
    ['of no issuer', () => ({ iss: undefined }), 'jwt_issuer_unknown'],
    ['for somebody else', () => ({ aud: 'payroll' }), 'jwt_audience'],
    ['for somebody else as well', () => ({ aud: ['gatehouse', 'payroll'] }), 'jwt_audience'],
    ['without an end', () => ({ exp: undefined }), 'jwt_expiry_missing'],
    ['without a beginning', () => ({ iat: undefined }), 'jwt_issue_time_missing'],
    ['that has expired', () => ({ iat: now() - 400, exp: now() - 100 }), 'jwt_expired'],
    ['from the future', () => ({ iat: now() + 100, exp: now() + 400 }), 'jwt_issued_in_future'],
    ['for the future', () => ({ nbf: now() + 100 }), 'jwt_not_yet_valid'],
    ['for ever', () => ({ exp: now() + 1e9 }), 'jwt_lifetime_too_long'],
    ['without a subject', () => ({ sub: undefined }), 'jwt_subject'],
    ['that is an ID token', () => ({ nonce: 'n' }), 'jwt_id_token'],
    ['that is bound to a key', () => ({ cnf: { jkt: 'x' } }), 'jwt_proof_required'],
  ])('%s is refused', async (_, claims, reason) => expect(await judge(idp.token(claims()))).toBe(reason));

  it('in two voices is refused, however well it is signed', async () => {
    const good = JSON.stringify({ iss: idp.issuer, aud: 'gatehouse', sub: 'user-1', ...idp.times() });
    for (const more of ['"sub":"admin"', '"s\\u0075b":"admin"', '"act":{"sub":"a","sub":"b"}'])
      expect(await judge(idp.token({}, { payloadText: good.replace(/}$/, `,${more}}`) }))).toBe('jwt_duplicate_member');
    const headerText = `{"alg":"none","kid":"${idp.signingKey.kid}","alg":"RS256"}`;
    expect(await judge(idp.token({}, { headerText }))).toBe('jwt_duplicate_member');
  });

  it('at great length is refused before anything is fetched', async () => {
    const before = idp.fetches;
    const cold = providerOf({ issuer: idp.issuer, jwksUrl: idp.jwksUrl });
    expect(await judge(idp.token({ groups: 'g'.repeat(2_600_000) }), cold)).toBe('jwt_too_long');
    expect(await judge(idp.token({ iss: 'https://evil.example' }), cold)).toBe('jwt_issuer_unknown');
    expect(idp.fetches).toBe(before);
  });

  it('is told from its issuer alone where a provider is looked up, and never more', () => {
    expect(decide.validator.readIssuer(idp.token())).toBe(idp.issuer);
    expect(decide.validator.readIssuer(idp.token({ iss: 7 }))).toBeNull();
    expect(decide.validator.readIssuer('a.b.c')).toBeNull();
    expect(decide.validator.readIssuer(`${idp.token()}.`)).toBeNull();
  });
});

describe('an admin’s test of a token', () => {
  it('shows every check of a good one, in the order in which they are made', async () => {
    const { checks, validated, refusal } = await decide.validator.inspect(idp.token(), provider);
    expect(checks.map(({ name }) => name)).toEqual([
      ...['structure', 'header', 'algorithm', 'issuer', 'key', 'signature', 'signed issuer', 'audience', 'times'],
      ...['type', 'party', 'proof', 'claims', 'subject'],
    ]);
    expect(checks.every(({ passed }) => passed)).toBe(true);
    expect(validated).toMatchObject({ subject: 'user-1' });
    expect(refusal).toBeNull();
  });

  it('goes on after the first fault, and names what is wrong without a token', async () => {
    const token = idp.token({ aud: 'payroll', exp: undefined });
    const { checks, validated, refusal } = await decide.validator.inspect(token, provider);
    expect(checks.filter(({ passed }) => !passed).map(({ name }) => name)).toEqual(['audience', 'times']);
    expect(checks.find(({ name }) => name === 'audience')!.detail).toContain('"payroll"');
    expect(refusal).toMatchObject({ reason: 'jwt_audience' });
    expect(validated).toBeNull();
    for (const segment of token.split('.')) expect(JSON.stringify(checks)).not.toContain(segment);
  });

  it('of something that is no token ends with that', async () => {
    const { checks, refusal } = await decide.validator.inspect('abc', provider);
    expect(checks.filter(({ passed }) => passed)).toEqual([]);
    expect(refusal).toMatchObject({ reason: 'jwt_malformed' });
  });

  it('blames nobody when the provider’s keys cannot be had', async () => {
    const gone = providerOf({ issuer: idp.issuer, jwksUrl: `${idp.origin}/nothing-here` });
    const { checks, validated, refusal } = await decide.validator.inspect(idp.token(), gone);
    expect(checks.find(({ name }) => name === 'key')).toMatchObject({ passed: false });
    expect({ validated, refusal }).toEqual({ validated: null, refusal: null });
  });
});

describe('tokens of the vendors', () => {
  type Vendor = Exclude<keyof typeof vendors, 'VendorToken'>;

  async function vendor(
    preset: string,
    name: Vendor,
    over: Claims = {},
    { rules = {}, header = {} }: { rules?: Partial<IdentityProvider>; header?: Record<string, unknown> } = {},
  ): Promise<string | ValidatedToken> {
    const { issuer, audience, claims, header: usual } = vendors[name](idp.times());
    const by = providerOf({ preset, issuer, jwksUrl: idp.jwksUrl, audiences: [audience], ...rules });
    return judge(idp.sign({ ...claims, ...over }, { header: { ...usual, ...header } }), by);
  }

  describe('Entra ID', () => {
    const entra = (over: Claims = {}, more = {}) => vendor('entra', 'entraV2', over, more);

    it('are believed, of both versions, for the object id', async () => {
      const subject = '00000000-0000-0000-66f3-3332eca7ea81';
      const email = { address: 'abeli@example.com', isVerified: true };
      expect(await entra()).toMatchObject({ subject, email, groups: ['g-1'], isIdToken: false });
      expect(await vendor('entra', 'entraV1')).toMatchObject({ subject, email: null, groups: null });
    });

    it('have a verified address only if its domain’s owner is', async () => {
      for (const xms_edov of ['1', 'true'])
        expect(await entra({ xms_edov })).toMatchObject({ email: { isVerified: true } });
      for (const xms_edov of [undefined, false, '0', 'false'])
        expect(await entra({ xms_edov, email_verified: true })).toMatchObject({ email: { isVerified: false } });
    });

    it('of applications name no user, whether they say so or not', async () => {
      const app = { scp: undefined, roles: ['llm'], name: undefined };
      expect(await entra({ ...app, idtyp: 'app' })).toBe('jwt_subject');
      expect(await entra({ ...app, sub: '00000000-0000-0000-66f3-3332eca7ea81' })).toBe('jwt_subject');
      const rules = { kind: 'workload' as const };
      expect(await entra({ ...app, idtyp: 'app' }, { rules })).toMatchObject({ email: null });
    });

    it('for Graph are refused by the header that only Graph understands', async () => {
      expect(await entra({}, { header: { nonce: 'q' } })).toBe('jwt_header_forbidden');
    });

    it('that are ID tokens are known by their lack of scopes', async () => {
      expect(await entra({ scp: undefined })).toBe('jwt_id_token');
    });

    it('with more groups than fit tell nothing of groups', async () => {
      const over = { groups: undefined, _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'x' } } };
      expect(await entra(over)).toMatchObject({ groups: null });
    });
  });

  describe('Okta', () => {
    it('are believed for uid, not for the login', async () => {
      expect(await vendor('okta', 'okta')).toMatchObject({
        subject: '00u5yq1ml0abcdefgh5d7',
        groups: ['Everyone', 'Engineering'],
      });
    });

    it('of applications name no user', async () => {
      expect(await vendor('okta', 'okta', { uid: undefined, sub: '0oa5yq1ml0WkmQyVh5d7' })).toBe('jwt_subject');
    });

    it('of the organisation’s own server are for Okta alone', async () => {
      const issuer = 'https://example.okta.com';
      const over = { iss: issuer, aud: issuer };
      const rules = { issuer, audiences: [issuer], acceptIdTokens: true };
      expect(await vendor('okta', 'okta', over, { rules })).toBe('jwt_type');
      const header = { typ: 'application/okta-internal-at+jwt' };
      expect(await vendor('okta', 'okta', over, { rules, header })).toBe('jwt_type');
    });
  });

  describe('Auth0', () => {
    it('are believed with /userinfo as a second audience, in both dialects', async () => {
      expect(await vendor('auth0', 'auth0')).toMatchObject({ subject: 'auth0|5f7c8ec7c33c6c004bbafe82', email: null });
      const rfc9068 = { client_id: 'my_client_id', azp: undefined, jti: 'j', aud: 'https://gatehouse' };
      expect(await vendor('auth0', 'auth0', rfc9068, { header: { typ: 'at+jwt' } })).toHaveProperty('subject');
      expect(await vendor('auth0', 'auth0', { aud: ['https://gatehouse', 'https://other'] })).toBe('jwt_audience');
    });

    it('have an address under a name of one’s own', async () => {
      const { claimMapping } = providerOf({ preset: 'auth0', issuer: 'x', jwksUrl: 'x' });
      const rules = { claimMapping: { ...claimMapping, email: 'https://example.com/email' } };
      expect(await vendor('auth0', 'auth0', {}, { rules })).toMatchObject({
        email: { address: 'abeli@example.com', isVerified: false },
      });
    });

    it('of applications name no user', async () => {
      expect(await vendor('auth0', 'auth0', { sub: 'abc@clients', aud: 'https://gatehouse' })).toBe('jwt_subject');
      expect(await vendor('auth0', 'auth0', { gty: 'client-credentials' })).toBe('jwt_subject');
    });
  });

  describe('Keycloak', () => {
    const keycloak = (over: Claims = {}, more = {}) => vendor('keycloak', 'keycloak', over, more);

    it('are believed, with roles where they stand', async () => {
      const { claimMapping } = providerOf({ preset: 'keycloak', issuer: 'x', jwksUrl: 'x' });
      const rules = { claimMapping: { ...claimMapping, groups: ['realm_access', 'roles'] } };
      expect(await keycloak({}, { rules })).toMatchObject({
        subject: 'f1a2b3c4-0000-4000-8000-000000000001',
        email: { address: 'abeli@example.com', isVerified: true },
        groups: ['offline_access', 'engineer'],
      });
    });

    it('for nobody but the account pages are refused, even if a record were to list those', async () => {
      const rules = { audiences: ['account'] };
      expect(await keycloak({ aud: 'account' })).toBe('jwt_audience');
      expect(await keycloak({ aud: 'account' }, { rules })).toBe('jwt_audience');
      expect(await keycloak({ aud: ['account'] }, { rules })).toBe('jwt_audience');
      expect(await keycloak({ aud: undefined })).toBe('jwt_audience');
    });

    it('of other kinds are refused by what the payload says', async () => {
      for (const typ of ['Refresh', 'Offline', 'Logout', 'DPoP', 7]) expect(await keycloak({ typ })).toBe('jwt_type');
      expect(await keycloak({ typ: 'ID' })).toBe('jwt_id_token');
      expect(await keycloak({ typ: undefined })).toHaveProperty('subject');
    });

    it('without sub (lightweight), or of a service account, name no user', async () => {
      expect(await keycloak({ sub: undefined })).toBe('jwt_subject');
      expect(await keycloak({ preferred_username: 'service-account-ide' })).toBe('jwt_subject');
    });
  });

  describe('Google', () => {
    const rules = { requiredClaims: { hd: 'example.com' } };

    it('are ID tokens, and believed for the Workspace domain', async () => {
      expect(await vendor('google', 'google', {}, { rules })).toMatchObject({
        subject: '110169484474386276334',
        isIdToken: true,
      });
    });

    it('of other domains, of private accounts and of service accounts are refused', async () => {
      for (const hd of [undefined, 'evil.example'])
        expect(await vendor('google', 'google', { hd }, { rules })).toBe('jwt_claim_required');
      const email = 'robot@project.iam.gserviceaccount.com';
      expect(await vendor('google', 'google', { email, hd: undefined })).toBe('jwt_subject');
    });

    it('given to an application that is not listed are refused', async () => {
      expect(await vendor('google', 'google', { azp: 'other.apps.googleusercontent.com' }, { rules })).toBe(
        'jwt_authorized_party',
      );
    });
  });

  it.each<[string, Vendor, string]>([
    ['github_actions', 'githubActions', 'repo:octo-org/octo-repo:ref:refs/heads/main'],
    ['kubernetes', 'kubernetes', 'system:serviceaccount:builds:runner'],
    ['gitlab', 'gitlab', 'project_path:my-group/my-project:ref_type:branch:ref:main'],
  ])('%s name workloads', async (preset, name, subject) => {
    expect(await vendor(preset, name)).toMatchObject({ subject, email: null, groups: null });
    expect(await vendor(preset, name, { aud: 'somebody-else' })).toBe('jwt_audience');
  });
});
