import type { IdentityProvider } from '../../trusted-issuer/identity-provider.js';
import { CLAIM_CHECKS, readClaims } from './checks.js';
import { custom } from '../../presets/custom.preset.js';
import { TokenRefusal } from '../../trusted-issuer/token-refusal.js';
import type { ValidatedToken } from '../../trusted-issuer/validated-token.js';

const NOW = 1_800_000_000;
const GOOD = { iss: 'https://idp.example.com', aud: 'gatehouse', sub: 'user-1', iat: NOW - 10, exp: NOW + 290 };

const PROVIDER = {
  kind: 'people',
  preset: 'custom',
  issuer: 'https://idp.example.com',
  audiences: ['gatehouse'],
  extraAudiences: [],
  authorizedParties: [],
  acceptIdTokens: false,
  maxAgeSeconds: 86_400,
  leewaySeconds: 30,
  requiredClaims: {},
  claimMapping: custom.claimMapping,
} as unknown as IdentityProvider;

type Claims = Record<string, unknown>;

/** Validates the good claims with these changes; undefined removes one. */
function judge(claims: Claims, provider: Partial<IdentityProvider> = {}): string | ValidatedToken {
  const rules = { ...PROVIDER, ...provider };
  const all = JSON.parse(JSON.stringify({ ...GOOD, ...claims })) as Claims;
  try {
    for (const { check } of CLAIM_CHECKS) check(all, rules, NOW * 1000);
    return readClaims(all, rules, 'key-1');
  } catch (error) {
    if (error instanceof TokenRefusal) return error.reason;
    throw error;
  }
}

const requireAccepted = (claims: Claims, provider: Partial<IdentityProvider> = {}): ValidatedToken => {
  const result = judge(claims, provider);
  if (typeof result === 'string') throw new Error(result);
  return result;
};

it('a valid access token yields its subject, key id and claims', () => {
  expect(requireAccepted({})).toMatchObject({ subject: 'user-1', isIdToken: false, keyId: 'key-1', claims: GOOD });
});

describe('the issuer claim (iss)', () => {
  it.each([
    'https://idp.example.com/',
    'https://IDP.example.com',
    'https://idp.example.com\u0000',
    undefined,
    1,
    [GOOD.iss],
  ])('an IdP token with the issuer %j is rejected with jwt_issuer_unknown', (iss) =>
    expect(judge({ iss })).toBe('jwt_issuer_unknown'),
  );
});

describe('the audience (RFC 7519 §4.1.3)', () => {
  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['an empty list', []],
    ['another audience', 'gatehouse-staging'],
    ['a prefix of the audience', 'gate'],
    ['in different case', 'Gatehouse'],
    ['an object', { gatehouse: true }],
    ['a list with a number', ['gatehouse', 1]],
    ['a list with a second audience', ['gatehouse', 'payroll']],
  ])('an aud claim that is %s is rejected with jwt_audience', (_, aud) => expect(judge({ aud })).toBe('jwt_audience'));

  it('an aud list may contain the extra audiences of its provider', () => {
    const rules = { audiences: ['gatehouse', 'old-name'], extraAudiences: ['https://idp.example.com/userinfo'] };
    expect(requireAccepted({ aud: ['https://idp.example.com/userinfo', 'gatehouse', 'old-name'] }, rules).subject).toBe(
      'user-1',
    );
    expect(judge({ aud: 'https://idp.example.com/userinfo' }, rules)).toBe('jwt_audience');
  });

  it('a provider without audiences matches no token', () => {
    expect(judge({}, { audiences: [] })).toBe('jwt_audience');
    expect(judge({ aud: [] }, { audiences: [] })).toBe('jwt_audience');
  });
});

describe('the time claims (exp, nbf, iat)', () => {
  it.each([
    ['exp is missing', { exp: undefined }, 'jwt_expiry_missing'],
    ['exp is a text', { exp: String(NOW + 60) }, 'jwt_expiry_missing'],
    ['exp is null', { exp: null }, 'jwt_expiry_missing'],
    ['iat is missing', { iat: undefined }, 'jwt_issue_time_missing'],
    ['iat is a text', { iat: '1' }, 'jwt_issue_time_missing'],
    ['exp is as old as the leeway', { exp: NOW - 30 }, 'jwt_expired'],
    ['nbf is beyond the leeway', { nbf: NOW + 31 }, 'jwt_not_yet_valid'],
    ['nbf is a text', { nbf: String(NOW) }, 'jwt_not_yet_valid'],
    ['iat is beyond the leeway', { iat: NOW + 31, exp: NOW + 60 }, 'jwt_issued_in_future'],
    ['exp is too far from iat', { iat: NOW, exp: NOW + 86_401 }, 'jwt_lifetime_too_long'],
    ['iat is too old', { iat: NOW - 86_431, exp: NOW - 29 }, 'jwt_lifetime_too_long'],
  ])('an IdP token is rejected when %s', (_, claims, reason) => expect(judge(claims)).toBe(reason));

  it('an infinite exp is rejected', () => {
    const infinite = JSON.parse('{"exp":1e999}') as Claims;
    const [, , times] = CLAIM_CHECKS;
    expect(() => times!.check({ ...GOOD, ...infinite }, PROVIDER, NOW * 1000)).toThrow(/exp/);
  });

  it('the age limit of an IdP token has no leeway', () => {
    const claims = { iat: NOW - 301, exp: NOW - 1 };
    expect(judge(claims, { maxAgeSeconds: 300 })).toBe('jwt_too_old');
    expect(requireAccepted(claims, { maxAgeSeconds: 301 }).subject).toBe('user-1');
  });

  it('a clock difference within the leeway is accepted and extends expiresAt', () => {
    const late = requireAccepted({ exp: NOW - 29, iat: NOW - 100 });
    expect(late.expiresAt).toBe((NOW + 1) * 1000);
    expect(requireAccepted({ nbf: NOW + 30, iat: NOW + 30, exp: NOW + 60 }).subject).toBe('user-1');
  });

  it('the leeway is at most a minute, even if the provider sets more', () => {
    expect(judge({ exp: NOW - 61 }, { leewaySeconds: 3_600 })).toBe('jwt_expired');
  });
});

describe('an ID token (OpenID Connect Core §2)', () => {
  const marks = [{ nonce: 'n' }, { at_hash: 'h' }, { c_hash: 'h' }, { typ: 'ID' }, { token_use: 'id' }];

  it.each(marks)('an ID token with %j is rejected with jwt_id_token', (mark) =>
    expect(judge(mark)).toBe('jwt_id_token'),
  );

  it.each(marks)('an ID token with %j is accepted if the provider accepts ID tokens', (mark) => {
    expect(requireAccepted(mark, { acceptIdTokens: true })).toMatchObject({ isIdToken: true });
  });

  it('an ID token with several audiences must name its azp', () => {
    const rules = { acceptIdTokens: true, extraAudiences: ['other'] };
    expect(judge({ nonce: 'n', aud: ['gatehouse', 'other'] }, rules)).toBe('jwt_authorized_party');
    expect(requireAccepted({ nonce: 'n', aud: ['gatehouse', 'other'], azp: 'gatehouse' }, rules).isIdToken).toBe(true);
  });

  it('an ID token for an unlisted azp is rejected with jwt_authorized_party', () => {
    const rules = { acceptIdTokens: true };
    expect(judge({ nonce: 'n', azp: 'payroll' }, rules)).toBe('jwt_authorized_party');
    expect(judge({ nonce: 'n', azp: ['gatehouse'] }, rules)).toBe('jwt_authorized_party');
    expect(requireAccepted({ nonce: 'n', azp: 'ide' }, { ...rules, authorizedParties: ['ide'] }).isIdToken).toBe(true);
  });
});

describe('tokens of other kinds', () => {
  it.each([
    ['a refresh token', { typ: 'Refresh' }, 'jwt_type'],
    ['an offline token', { typ: 'Offline' }, 'jwt_type'],
    ['a logout token', { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }, 'jwt_type'],
    ['a token bound to a key', { cnf: { jkt: 'x' } }, 'jwt_proof_required'],
    ['a token with cnf null', { cnf: null }, 'jwt_proof_required'],
  ])('a claim check rejects %s', (_, claims, reason) => expect(judge(claims)).toBe(reason));
});

describe('the authorized party', () => {
  const rules = { authorizedParties: ['ide', 'cli'] };

  it.each(['azp', 'appid', 'client_id', 'cid'])('the authorized party is read from %s', (claim) => {
    expect(requireAccepted({ [claim]: 'ide' }, rules).subject).toBe('user-1');
    expect(judge({ [claim]: 'payroll' }, rules)).toBe('jwt_authorized_party');
  });

  it('the authorized party is required if the provider lists any', () => {
    expect(judge({}, rules)).toBe('jwt_authorized_party');
    expect(judge({ azp: ['ide'] }, rules)).toBe('jwt_authorized_party');
  });

  it('every claim that names an authorized party must match', () => {
    expect(judge({ azp: 'ide', client_id: 'payroll' }, rules)).toBe('jwt_authorized_party');
  });
});

describe('required claims', () => {
  it('a required claim must equal or contain its value', () => {
    const rules = { requiredClaims: { hd: 'example.com', 'https://x.com/roles': 'llm', beta: true } };
    const good = { hd: 'example.com', 'https://x.com/roles': ['a', 'llm'], beta: true };
    expect(requireAccepted(good, rules).subject).toBe('user-1');
    for (const change of [{ hd: undefined }, { hd: 'EXAMPLE.com' }, { beta: 'true' }, { 'https://x.com/roles': ['a'] }])
      expect(judge({ ...good, ...change }, rules)).toBe('jwt_claim_required');
  });

  it('a required claim is not read from the prototype', () => {
    expect(judge({}, { requiredClaims: { constructor: 'x' } })).toBe('jwt_claim_required');
  });
});

describe('the subject claim (sub)', () => {
  it.each([undefined, '', ' ', 7, null, ['a'], 'x'.repeat(256), 'a\u0000b', 'a\nb', '\ud800'])(
    'the subject %j is rejected',
    (sub) => {
      const judged = judge(sub === '\ud800' ? {} : { sub });
      if (sub !== '\ud800') return expect(judged).toBe('jwt_subject');
      const subject = CLAIM_CHECKS.find(({ name }) => name === 'subject')!;
      expect(() => subject.check({ ...GOOD, sub }, PROVIDER, 0)).toThrow(TokenRefusal);
    },
  );

  it('the subject is read by the mapped name or path, and not from the prototype', () => {
    const at = (subject: string | string[]) => ({ claimMapping: { ...custom.claimMapping, subject } });
    expect(requireAccepted({ oid: 'o' }, at('oid')).subject).toBe('o');
    expect(requireAccepted({ a: { b: 'deep' } }, at(['a', 'b'])).subject).toBe('deep');
    expect(requireAccepted({ 'a.b': 'dotted', a: { b: 'deep' } }, at('a.b')).subject).toBe('dotted');
    expect(judge({ a: { b: 'deep' } }, at('a.b'))).toBe('jwt_subject');
    expect(judge({}, at(['sub', 'length']))).toBe('jwt_subject');
    expect(judge({}, at(['__proto__', 'constructor', 'name']))).toBe('jwt_subject');
  });
});

describe('the email claim', () => {
  it('an email claim is verified only by the boolean true', () => {
    const email = 'Abe@Example.com';
    expect(requireAccepted({ email, email_verified: true }).email).toEqual({
      address: 'abe@example.com',
      isVerified: true,
    });
    for (const word of ['true', 'yes', 1, {}, ['true'], undefined])
      expect(requireAccepted({ email, email_verified: word }).email!.isVerified).toBe(false);
  });

  it('a malformed or non-ASCII email claim is ignored', () => {
    // The last one has the Kelvin sign, whose lower case is an ASCII k.
    for (const email of ['abe', 'a@b@c', 'a b@c.d', 'a@b\u0000', `${'a'.repeat(250)}@b.com`, 7, 'abe@\u212aeys.com'])
      expect(requireAccepted({ email, email_verified: true }).email).toBeNull();
  });

  it('an IdP token of a workload has no address', () => {
    expect(requireAccepted({ email: 'a@b.com', email_verified: true }, { kind: 'workload' }).email).toBeNull();
  });
});

describe('the groups claim', () => {
  it('token groups are read from a list or a single text', () => {
    expect(requireAccepted({ groups: ['a', 'b'] }).groups).toEqual(['a', 'b']);
    expect(requireAccepted({ groups: [] }).groups).toEqual([]);
    expect(requireAccepted({ groups: 'a' }).groups).toEqual(['a']);
  });

  it('token groups are unknown if the claim is missing, malformed or partial', () => {
    expect(requireAccepted({}).groups).toBeNull();
    expect(requireAccepted({ groups: ['a', 7] }).groups).toBeNull();
    expect(requireAccepted({ groups: ['a'], hasgroups: true }).groups).toBeNull();
    expect(requireAccepted({ _claim_names: { groups: 'src1' } }).groups).toBeNull();
  });
});
