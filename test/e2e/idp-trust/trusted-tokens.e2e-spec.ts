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
  it('the IdP token validator accepts a token of the trusted provider', async () => {
    expect(await judge(idp.token())).toMatchObject({ subject: 'user-1', keyId: idp.signingKey.kid });
  });

  it.each(['RS256', 'PS256', 'ES256', 'EdDSA'] as const)(
    'the IdP token validator accepts a token signed with %s',
    async (alg) => {
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
    },
  );

  it('the IdP token validator accepts only the typ values of JWTs and access tokens', async () => {
    for (const typ of [undefined, 'JWT', 'jwt', 'at+jwt', 'application/at+jwt', 'application/JWT'])
      expect(await judge(idp.token({}, { header: { typ } }))).toHaveProperty('subject');
    for (const typ of ['logout+jwt', 'secevent+jwt', 'oauth-id-jag+jwt', 'dpop+jwt', 'kb+jwt', 'jwt2', ' JWT'])
      expect(await judge(idp.token({}, { header: { typ } }))).toBe('jwt_type');
    expect(await judge(idp.token({}, { header: { typ: 7 } }))).toBe('jwt_malformed');
    expect(await judge(idp.token({}, { header: { typ: '' } }))).toBe('jwt_malformed');
  });

  it('an IdP token of a disabled provider is rejected with jwt_issuer_unknown', async () => {
    expect(await judge(idp.token(), { ...provider, isDisabled: true })).toBe('jwt_issuer_unknown');
  });
});

describe('a forged signature (RFC 8725 §2)', () => {
  const claims = (): Claims => ({ iss: idp.issuer, aud: 'gatehouse', sub: 'user-1', ...idp.times() });
  let forger: IdpKey;
  beforeAll(async () => (forger = await makeKey('RS256')));

  it.each(['none', 'None', 'NONE', ''])(
    'an IdP token with the algorithm %j is rejected with jwt_algorithm',
    async (alg) => {
      expect(await judge(idp.token({}, { header: { alg } }))).toBe('jwt_algorithm');
      const [header, payload] = idp.token({}, { header: { alg } }).split('.');
      expect(await judge(`${header}.${payload}.`)).toBe('jwt_malformed');
    },
  );

  it('an IdP token signed by HMAC with the public key is rejected with jwt_algorithm', async () => {
    const token = hmacWithPublicKey(idp, claims());
    expect(await judge(token)).toBe('jwt_algorithm');
    const careless = { ...provider, algorithms: [...provider.algorithms, 'HS256', 'none'] };
    expect(await judge(token, careless)).toBe('jwt_algorithm');
    expect(await judge(idp.token({}, { header: { alg: 'none' } }), careless)).toBe('jwt_algorithm');
  });

  it('an IdP token of a foreign key under the provider’s kid is rejected with jwt_signature', async () => {
    const { kid } = idp.signingKey;
    expect(await judge(idp.token({}, { key: forger, header: { kid } }))).toBe('jwt_signature');
  });

  it('an IdP token with a changed header, payload or signature is rejected with jwt_signature', async () => {
    const [header, payload, signature] = idp.token().split('.') as [string, string, string];
    const other = encode(JSON.stringify({ ...claims(), sub: 'admin' }));
    expect(await judge(`${header}.${other}.${signature}`)).toBe('jwt_signature');
    expect(await judge(`${encode('{"alg":"RS256"}')}.${payload}.${signature}`)).toBe('jwt_signature');
    expect(await judge(`${header}.${payload}.${encode('x'.repeat(256))}`)).toBe('jwt_signature');
    expect(await judge(`${header}.${payload}.${encode('x')}`)).toBe('jwt_signature');
  });

  it.each(['jwk', 'jku', 'x5u', 'x5c', 'crit', 'b64'])(
    'an IdP token with the header %s is rejected without a fetch',
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

  it('an IdP token whose algorithm does not fit the key is rejected with jwt_key_unknown', async () => {
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

  it('an IdP token of an algorithm that the provider does not list is rejected with jwt_algorithm', async () => {
    expect(await judge(idp.token(), { ...provider, algorithms: ['ES256'] })).toBe('jwt_algorithm');
  });

  it('IdP tokens of weak or encryption keys are rejected, and the valid key beside them works', async () => {
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

describe('the key id (kid)', () => {
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
  ])('the kid %j is an unknown key', async (kid) => {
    expect(await judge(idp.token({}, { header: { kid } }))).toBe('jwt_key_unknown');
  });

  it.each([[7], [null], [['key-1']], [{}], [''], ['k'.repeat(257)], ['k'.repeat(10_240)]])(
    'the kid %j is malformed',
    async (kid) => {
      expect(await judge(idp.token({}, { header: { kid } }))).toBe('jwt_malformed');
    },
  );

  it('an IdP token may omit kid only while the provider has one key', async () => {
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

  it('a kid of another provider’s key is unknown and fetches nothing there', async () => {
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

describe('claims that are checked', () => {
  const now = (): number => Math.floor(trust.clock.now() / 1000);

  it.each<[string, () => Claims, string]>([
    ['of a foreign issuer', () => ({ iss: 'https://evil.example' }), 'jwt_issuer_unknown'],
    ['of the issuer with a trailing slash', () => ({ iss: `${idp.issuer}/` }), 'jwt_issuer_unknown'],
    ['without an issuer', () => ({ iss: undefined }), 'jwt_issuer_unknown'],
    ['for another audience', () => ({ aud: 'payroll' }), 'jwt_audience'],
    ['for a second audience', () => ({ aud: ['gatehouse', 'payroll'] }), 'jwt_audience'],
    ['without exp', () => ({ exp: undefined }), 'jwt_expiry_missing'],
    ['without iat', () => ({ iat: undefined }), 'jwt_issue_time_missing'],
    ['that has expired', () => ({ iat: now() - 400, exp: now() - 100 }), 'jwt_expired'],
    ['with iat in the future', () => ({ iat: now() + 100, exp: now() + 400 }), 'jwt_issued_in_future'],
    ['with nbf in the future', () => ({ nbf: now() + 100 }), 'jwt_not_yet_valid'],
    ['with a lifetime of years', () => ({ exp: now() + 1e9 }), 'jwt_lifetime_too_long'],
    ['without a subject', () => ({ sub: undefined }), 'jwt_subject'],
    ['that is an ID token', () => ({ nonce: 'n' }), 'jwt_id_token'],
    ['that is bound to a key', () => ({ cnf: { jkt: 'x' } }), 'jwt_proof_required'],
  ])('an IdP token %s is rejected', async (_, claims, reason) => expect(await judge(idp.token(claims()))).toBe(reason));

  it('a signed IdP token with duplicate members is rejected with jwt_duplicate_member', async () => {
    const good = JSON.stringify({ iss: idp.issuer, aud: 'gatehouse', sub: 'user-1', ...idp.times() });
    for (const more of ['"sub":"admin"', '"s\\u0075b":"admin"', '"act":{"sub":"a","sub":"b"}'])
      expect(await judge(idp.token({}, { payloadText: good.replace(/}$/, `,${more}}`) }))).toBe('jwt_duplicate_member');
    const headerText = `{"alg":"none","kid":"${idp.signingKey.kid}","alg":"RS256"}`;
    expect(await judge(idp.token({}, { headerText }))).toBe('jwt_duplicate_member');
  });

  it('an oversized IdP token is rejected before a key set is fetched', async () => {
    const before = idp.fetches;
    const cold = providerOf({ issuer: idp.issuer, jwksUrl: idp.jwksUrl });
    expect(await judge(idp.token({ groups: 'g'.repeat(2_600_000) }), cold)).toBe('jwt_too_long');
    expect(await judge(idp.token({ iss: 'https://evil.example' }), cold)).toBe('jwt_issuer_unknown');
    expect(idp.fetches).toBe(before);
  });

  it('readIssuer returns the issuer of a readable token, or null', () => {
    expect(decide.validator.readIssuer(idp.token())).toBe(idp.issuer);
    expect(decide.validator.readIssuer(idp.token({ iss: 7 }))).toBeNull();
    expect(decide.validator.readIssuer('a.b.c')).toBeNull();
    expect(decide.validator.readIssuer(`${idp.token()}.`)).toBeNull();
  });
});

describe('inspection of a token by an administrator', () => {
  it('a token inspection lists every check of a valid token in order', async () => {
    const { checks, validated, refusal } = await decide.validator.inspect(idp.token(), provider);
    expect(checks.map(({ name }) => name)).toEqual([
      ...['structure', 'header', 'algorithm', 'issuer', 'key', 'signature', 'signed issuer', 'audience', 'times'],
      ...['type', 'party', 'proof', 'claims', 'subject'],
    ]);
    expect(checks.every(({ passed }) => passed)).toBe(true);
    expect(validated).toMatchObject({ subject: 'user-1' });
    expect(refusal).toBeNull();
  });

  it('a token inspection continues after a failed check and shows no part of the token', async () => {
    const token = idp.token({ aud: 'payroll', exp: undefined });
    const { checks, validated, refusal } = await decide.validator.inspect(token, provider);
    expect(checks.filter(({ passed }) => !passed).map(({ name }) => name)).toEqual(['audience', 'times']);
    expect(checks.find(({ name }) => name === 'audience')!.detail).toContain('"payroll"');
    expect(refusal).toMatchObject({ reason: 'jwt_audience' });
    expect(validated).toBeNull();
    for (const segment of token.split('.')) expect(JSON.stringify(checks)).not.toContain(segment);
  });

  it('a token inspection of text that is not a token fails with jwt_malformed', async () => {
    const { checks, refusal } = await decide.validator.inspect('abc', provider);
    expect(checks.filter(({ passed }) => passed)).toEqual([]);
    expect(refusal).toMatchObject({ reason: 'jwt_malformed' });
  });

  it('a token inspection has no refusal when the provider’s keys cannot be fetched', async () => {
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

    it('Entra ID tokens of both versions are accepted with the object id as subject', async () => {
      const subject = '00000000-0000-0000-66f3-3332eca7ea81';
      const email = { address: 'abeli@example.com', isVerified: true };
      expect(await entra()).toMatchObject({ subject, email, groups: ['g-1'], isIdToken: false });
      expect(await vendor('entra', 'entraV1')).toMatchObject({ subject, email: null, groups: null });
    });

    it('an Entra ID address is verified only with xms_edov', async () => {
      for (const xms_edov of ['1', 'true'])
        expect(await entra({ xms_edov })).toMatchObject({ email: { isVerified: true } });
      for (const xms_edov of [undefined, false, '0', 'false'])
        expect(await entra({ xms_edov, email_verified: true })).toMatchObject({ email: { isVerified: false } });
    });

    it('Entra ID tokens of applications are rejected for users with jwt_subject', async () => {
      const app = { scp: undefined, roles: ['llm'], name: undefined };
      expect(await entra({ ...app, idtyp: 'app' })).toBe('jwt_subject');
      expect(await entra({ ...app, sub: '00000000-0000-0000-66f3-3332eca7ea81' })).toBe('jwt_subject');
      const rules = { kind: 'workload' as const };
      expect(await entra({ ...app, idtyp: 'app' }, { rules })).toMatchObject({ email: null });
    });

    it('Entra ID tokens for Microsoft Graph are rejected for their nonce header', async () => {
      expect(await entra({}, { header: { nonce: 'q' } })).toBe('jwt_header_forbidden');
    });

    it('Entra ID tokens without scp count as ID tokens and are rejected', async () => {
      expect(await entra({ scp: undefined })).toBe('jwt_id_token');
    });

    it('an Entra ID token with a groups overage has unknown groups', async () => {
      const over = { groups: undefined, _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'x' } } };
      expect(await entra(over)).toMatchObject({ groups: null });
    });
  });

  describe('Okta', () => {
    it('an Okta token is accepted with uid as its subject', async () => {
      expect(await vendor('okta', 'okta')).toMatchObject({
        subject: '00u5yq1ml0abcdefgh5d7',
        groups: ['Everyone', 'Engineering'],
      });
    });

    it('Okta tokens of applications are rejected with jwt_subject', async () => {
      expect(await vendor('okta', 'okta', { uid: undefined, sub: '0oa5yq1ml0WkmQyVh5d7' })).toBe('jwt_subject');
    });

    it('tokens of Okta’s own authorization server are rejected with jwt_type', async () => {
      const issuer = 'https://example.okta.com';
      const over = { iss: issuer, aud: issuer };
      const rules = { issuer, audiences: [issuer], acceptIdTokens: true };
      expect(await vendor('okta', 'okta', over, { rules })).toBe('jwt_type');
      const header = { typ: 'application/okta-internal-at+jwt' };
      expect(await vendor('okta', 'okta', over, { rules, header })).toBe('jwt_type');
    });
  });

  describe('Auth0', () => {
    it('Auth0 tokens are accepted in both formats, with /userinfo as a second audience', async () => {
      expect(await vendor('auth0', 'auth0')).toMatchObject({ subject: 'auth0|5f7c8ec7c33c6c004bbafe82', email: null });
      const rfc9068 = { client_id: 'my_client_id', azp: undefined, jti: 'j', aud: 'https://gatehouse' };
      expect(await vendor('auth0', 'auth0', rfc9068, { header: { typ: 'at+jwt' } })).toHaveProperty('subject');
      expect(await vendor('auth0', 'auth0', { aud: ['https://gatehouse', 'https://other'] })).toBe('jwt_audience');
    });

    it('an Auth0 address is read from a custom namespaced claim', async () => {
      const { claimMapping } = providerOf({ preset: 'auth0', issuer: 'x', jwksUrl: 'x' });
      const rules = { claimMapping: { ...claimMapping, email: 'https://example.com/email' } };
      expect(await vendor('auth0', 'auth0', {}, { rules })).toMatchObject({
        email: { address: 'abeli@example.com', isVerified: false },
      });
    });

    it('Auth0 tokens of applications are rejected with jwt_subject', async () => {
      expect(await vendor('auth0', 'auth0', { sub: 'abc@clients', aud: 'https://gatehouse' })).toBe('jwt_subject');
      expect(await vendor('auth0', 'auth0', { gty: 'client-credentials' })).toBe('jwt_subject');
    });
  });

  describe('Keycloak', () => {
    const keycloak = (over: Claims = {}, more = {}) => vendor('keycloak', 'keycloak', over, more);

    it('Keycloak tokens are accepted with groups from the mapped claim path', async () => {
      const { claimMapping } = providerOf({ preset: 'keycloak', issuer: 'x', jwksUrl: 'x' });
      const rules = { claimMapping: { ...claimMapping, groups: ['realm_access', 'roles'] } };
      expect(await keycloak({}, { rules })).toMatchObject({
        subject: 'f1a2b3c4-0000-4000-8000-000000000001',
        email: { address: 'abeli@example.com', isVerified: true },
        groups: ['offline_access', 'engineer'],
      });
    });

    it('Keycloak tokens for the account audience are rejected, even if the provider lists it', async () => {
      const rules = { audiences: ['account'] };
      expect(await keycloak({ aud: 'account' })).toBe('jwt_audience');
      expect(await keycloak({ aud: 'account' }, { rules })).toBe('jwt_audience');
      expect(await keycloak({ aud: ['account'] }, { rules })).toBe('jwt_audience');
      expect(await keycloak({ aud: undefined })).toBe('jwt_audience');
    });

    it('Keycloak tokens are rejected by their payload typ', async () => {
      for (const typ of ['Refresh', 'Offline', 'Logout', 'DPoP', 7]) expect(await keycloak({ typ })).toBe('jwt_type');
      expect(await keycloak({ typ: 'ID' })).toBe('jwt_id_token');
      expect(await keycloak({ typ: undefined })).toHaveProperty('subject');
    });

    it('Keycloak tokens without sub or of a service account are rejected with jwt_subject', async () => {
      expect(await keycloak({ sub: undefined })).toBe('jwt_subject');
      expect(await keycloak({ preferred_username: 'service-account-ide' })).toBe('jwt_subject');
    });
  });

  describe('Google', () => {
    const rules = { requiredClaims: { hd: 'example.com' } };

    it('Google ID tokens are accepted for the required Workspace domain', async () => {
      expect(await vendor('google', 'google', {}, { rules })).toMatchObject({
        subject: '110169484474386276334',
        isIdToken: true,
      });
    });

    it('Google tokens of other domains, private accounts and service accounts are rejected', async () => {
      for (const hd of [undefined, 'evil.example'])
        expect(await vendor('google', 'google', { hd }, { rules })).toBe('jwt_claim_required');
      const email = 'robot@project.iam.gserviceaccount.com';
      expect(await vendor('google', 'google', { email, hd: undefined })).toBe('jwt_subject');
    });

    it('a Google token for an unlisted application is rejected with jwt_authorized_party', async () => {
      expect(await vendor('google', 'google', { azp: 'other.apps.googleusercontent.com' }, { rules })).toBe(
        'jwt_authorized_party',
      );
    });
  });

  it.each<[string, Vendor, string]>([
    ['github_actions', 'githubActions', 'repo:octo-org/octo-repo:ref:refs/heads/main'],
    ['kubernetes', 'kubernetes', 'system:serviceaccount:builds:runner'],
    ['gitlab', 'gitlab', 'project_path:my-group/my-project:ref_type:branch:ref:main'],
  ])('tokens of %s name workloads', async (preset, name, subject) => {
    expect(await vendor(preset, name)).toMatchObject({ subject, email: null, groups: null });
    expect(await vendor(preset, name, { aud: 'somebody-else' })).toBe('jwt_audience');
  });
});
