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

const accepted = (claims: Claims, provider: Partial<IdentityProvider> = {}): ValidatedToken => {
  const judged = judge(claims, provider);
  if (typeof judged === 'string') throw new Error(judged);
  return judged;
};

it('a good access token names its subject and its end', () => {
  expect(accepted({})).toMatchObject({ subject: 'user-1', isIdToken: false, keyId: 'key-1', claims: GOOD });
});

describe('the issuer', () => {
  it.each([
    'https://idp.example.com/',
    'https://IDP.example.com',
    'https://idp.example.com\u0000',
    undefined,
    1,
    [GOOD.iss],
  ])('is not %j', (iss) => expect(judge({ iss })).toBe('jwt_issuer_unknown'));
});

describe('the audience (RFC 7519 §4.1.3)', () => {
  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['an empty list', []],
    ['another', 'gatehouse-staging'],
    ['a part of it', 'gate'],
    ['in other letters', 'Gatehouse'],
    ['an object', { gatehouse: true }],
    ['a list with something else than texts', ['gatehouse', 1]],
    ['somebody else as well', ['gatehouse', 'payroll']],
  ])('that is %s is refused', (_, aud) => expect(judge({ aud })).toBe('jwt_audience'));

  it('may be a list, with extras that are listed', () => {
    const rules = { audiences: ['gatehouse', 'old-name'], extraAudiences: ['https://idp.example.com/userinfo'] };
    expect(accepted({ aud: ['https://idp.example.com/userinfo', 'gatehouse', 'old-name'] }, rules).subject).toBe(
      'user-1',
    );
    expect(judge({ aud: 'https://idp.example.com/userinfo' }, rules)).toBe('jwt_audience');
  });

  it('is never matched by a record without audiences', () => {
    expect(judge({}, { audiences: [] })).toBe('jwt_audience');
    expect(judge({ aud: [] }, { audiences: [] })).toBe('jwt_audience');
  });
});

describe('the times', () => {
  it.each([
    ['exp is missing', { exp: undefined }, 'jwt_expiry_missing'],
    ['exp is a text', { exp: String(NOW + 60) }, 'jwt_expiry_missing'],
    ['exp is null', { exp: null }, 'jwt_expiry_missing'],
    ['iat is missing', { iat: undefined }, 'jwt_issue_time_missing'],
    ['iat is a text', { iat: '1' }, 'jwt_issue_time_missing'],
    ['it expired longer ago than the leeway', { exp: NOW - 30 }, 'jwt_expired'],
    ['it begins later than the leeway', { nbf: NOW + 31 }, 'jwt_not_yet_valid'],
    ['nbf is a text', { nbf: String(NOW) }, 'jwt_not_yet_valid'],
    ['it was issued in the future', { iat: NOW + 31, exp: NOW + 60 }, 'jwt_issued_in_future'],
    ['it lives too long', { iat: NOW, exp: NOW + 86_401 }, 'jwt_lifetime_too_long'],
    ['it was issued too long ago', { iat: NOW - 86_431, exp: NOW - 29 }, 'jwt_lifetime_too_long'],
  ])('refuse when %s', (_, claims, reason) => expect(judge(claims)).toBe(reason));

  it('refuse what no number of JSON may mean', () => {
    const infinite = JSON.parse('{"exp":1e999}') as Claims;
    const [, , times] = CLAIM_CHECKS;
    expect(() => times!.check({ ...GOOD, ...infinite }, PROVIDER, NOW * 1000)).toThrow(/exp/);
  });

  it('know no leeway for the age: a token that lives for all of it ends with it', () => {
    const claims = { iat: NOW - 301, exp: NOW - 1 };
    expect(judge(claims, { maxAgeSeconds: 300 })).toBe('jwt_too_old');
    expect(accepted(claims, { maxAgeSeconds: 301 }).subject).toBe('user-1');
  });

  it('bear clocks that differ by the leeway, and the end says so', () => {
    const late = accepted({ exp: NOW - 29, iat: NOW - 100 });
    expect(late.expiresAt).toBe((NOW + 1) * 1000);
    expect(accepted({ nbf: NOW + 30, iat: NOW + 30, exp: NOW + 60 }).subject).toBe('user-1');
  });

  it('never bear more than a minute, whatever the record says', () => {
    expect(judge({ exp: NOW - 61 }, { leewaySeconds: 3_600 })).toBe('jwt_expired');
  });
});

describe('an ID token (OpenID Connect Core §2)', () => {
  const marks = [{ nonce: 'n' }, { at_hash: 'h' }, { c_hash: 'h' }, { typ: 'ID' }, { token_use: 'id' }];

  it.each(marks)('is refused as a credential: %j', (mark) => expect(judge(mark)).toBe('jwt_id_token'));

  it.each(marks)('is taken where the record says so: %j', (mark) => {
    expect(accepted(mark, { acceptIdTokens: true })).toMatchObject({ isIdToken: true });
  });

  it('with several audiences must say whom it was given to', () => {
    const rules = { acceptIdTokens: true, extraAudiences: ['other'] };
    expect(judge({ nonce: 'n', aud: ['gatehouse', 'other'] }, rules)).toBe('jwt_authorized_party');
    expect(accepted({ nonce: 'n', aud: ['gatehouse', 'other'], azp: 'gatehouse' }, rules).isIdToken).toBe(true);
  });

  it('given to an application that is not listed is refused', () => {
    const rules = { acceptIdTokens: true };
    expect(judge({ nonce: 'n', azp: 'payroll' }, rules)).toBe('jwt_authorized_party');
    expect(judge({ nonce: 'n', azp: ['gatehouse'] }, rules)).toBe('jwt_authorized_party');
    expect(accepted({ nonce: 'n', azp: 'ide' }, { ...rules, authorizedParties: ['ide'] }).isIdToken).toBe(true);
  });
});

describe('other tokens of the same keys', () => {
  it.each([
    ['a refresh token', { typ: 'Refresh' }, 'jwt_type'],
    ['an offline token', { typ: 'Offline' }, 'jwt_type'],
    ['a logout token', { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }, 'jwt_type'],
    ['a token bound to a key', { cnf: { jkt: 'x' } }, 'jwt_proof_required'],
    ['a token that says so with null', { cnf: null }, 'jwt_proof_required'],
  ])('are refused: %s', (_, claims, reason) => expect(judge(claims)).toBe(reason));
});

describe('the application that the token was given to', () => {
  const rules = { authorizedParties: ['ide', 'cli'] };

  it.each(['azp', 'appid', 'client_id', 'cid'])('is found in %s', (claim) => {
    expect(accepted({ [claim]: 'ide' }, rules).subject).toBe('user-1');
    expect(judge({ [claim]: 'payroll' }, rules)).toBe('jwt_authorized_party');
  });

  it('must be named when the record lists some', () => {
    expect(judge({}, rules)).toBe('jwt_authorized_party');
    expect(judge({ azp: ['ide'] }, rules)).toBe('jwt_authorized_party');
  });

  it('is not overruled by a second name', () => {
    expect(judge({ azp: 'ide', client_id: 'payroll' }, rules)).toBe('jwt_authorized_party');
  });
});

describe('required claims', () => {
  it('must have their value exactly, or contain it', () => {
    const rules = { requiredClaims: { hd: 'example.com', 'https://x.com/roles': 'llm', beta: true } };
    const good = { hd: 'example.com', 'https://x.com/roles': ['a', 'llm'], beta: true };
    expect(accepted(good, rules).subject).toBe('user-1');
    for (const change of [{ hd: undefined }, { hd: 'EXAMPLE.com' }, { beta: 'true' }, { 'https://x.com/roles': ['a'] }])
      expect(judge({ ...good, ...change }, rules)).toBe('jwt_claim_required');
  });

  it('are not found in what every object has', () => {
    expect(judge({}, { requiredClaims: { constructor: 'x' } })).toBe('jwt_claim_required');
  });
});

describe('the subject', () => {
  it.each([undefined, '', ' ', 7, null, ['a'], 'x'.repeat(256), 'a\u0000b', 'a\nb', '\ud800'])('is not %j', (sub) => {
    const judged = judge(sub === '\ud800' ? {} : { sub });
    if (sub !== '\ud800') return expect(judged).toBe('jwt_subject');
    const subject = CLAIM_CHECKS.find(({ name }) => name === 'subject')!;
    expect(() => subject.check({ ...GOOD, sub }, PROVIDER, 0)).toThrow(TokenRefusal);
  });

  it('stands where the record says: at a name or at the end of a path', () => {
    const at = (subject: string | string[]) => ({ claimMapping: { ...custom.claimMapping, subject } });
    expect(accepted({ oid: 'o' }, at('oid')).subject).toBe('o');
    expect(accepted({ a: { b: 'deep' } }, at(['a', 'b'])).subject).toBe('deep');
    expect(accepted({ 'a.b': 'dotted', a: { b: 'deep' } }, at('a.b')).subject).toBe('dotted');
    expect(judge({ a: { b: 'deep' } }, at('a.b'))).toBe('jwt_subject');
    expect(judge({}, at(['sub', 'length']))).toBe('jwt_subject');
    expect(judge({}, at(['__proto__', 'constructor', 'name']))).toBe('jwt_subject');
  });
});

describe('the address', () => {
  it('is verified by the boolean true alone', () => {
    const email = 'Abe@Example.com';
    expect(accepted({ email, email_verified: true }).email).toEqual({ address: 'abe@example.com', isVerified: true });
    for (const word of ['true', 'yes', 1, {}, ['true'], undefined])
      expect(accepted({ email, email_verified: word }).email!.isVerified).toBe(false);
  });

  it('is none unless it is plain: letters that only become ASCII in lower case would name another domain', () => {
    // The last one has the Kelvin sign, whose lower case is an ASCII k.
    for (const email of ['abe', 'a@b@c', 'a b@c.d', 'a@b\u0000', `${'a'.repeat(250)}@b.com`, 7, 'abe@\u212aeys.com'])
      expect(accepted({ email, email_verified: true }).email).toBeNull();
  });

  it('is nobody’s in a workload’s token', () => {
    expect(accepted({ email: 'a@b.com', email_verified: true }, { kind: 'workload' }).email).toBeNull();
  });
});

describe('groups', () => {
  it('are what the token lists', () => {
    expect(accepted({ groups: ['a', 'b'] }).groups).toEqual(['a', 'b']);
    expect(accepted({ groups: [] }).groups).toEqual([]);
    expect(accepted({ groups: 'a' }).groups).toEqual(['a']);
  });

  it('are unknown, not none, when the token does not tell or cannot tell all', () => {
    expect(accepted({}).groups).toBeNull();
    expect(accepted({ groups: ['a', 7] }).groups).toBeNull();
    expect(accepted({ groups: ['a'], hasgroups: true }).groups).toBeNull();
    expect(accepted({ _claim_names: { groups: 'src1' } }).groups).toBeNull();
  });
});
