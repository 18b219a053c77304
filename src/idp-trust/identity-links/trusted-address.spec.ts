import type { ClaimMapping } from '../trusted-issuer/identity-provider.js';
import { readTrustedAddress } from './trusted-address.js';

const claimMapping: ClaimMapping = {
  subject: 'sub',
  email: 'email',
  emailVerified: 'email_verified',
  name: 'name',
  groups: 'groups',
};

const readAddress = (email: string, { isVerified = true, issuer = 'https://idp.example', claims = {} } = {}) =>
  readTrustedAddress({ issuer, claimMapping }, ['example.com'], {
    claims: { email, ...claims },
    subject: 's',
    email: { address: email.toLowerCase(), isVerified },
    name: null,
    groups: null,
    isIdToken: false,
    expiresAt: 0,
    keyId: 'k',
  });

describe('trusted addresses', () => {
  it('a verified address of a trusted domain is trusted', () => {
    expect(readAddress('Ann.O+x@Example.com')).toEqual({ address: 'ann.o+x@example.com' });
  });

  it.each([
    'ann@example.org',
    'ann@sub.example.com',
    'ann@notexample.com',
    'ann@example.com.evil.test',
    'ann@evil.test@example.com',
    'evil@evil.test,ann@example.com',
    'ann@example.com\n',
    ' ann@example.com',
    '"a b"@example.com',
    'mi\u212ae@example.com',
    'ann@e\u200bxample.com',
    '@example.com',
    `${'a'.repeat(250)}@example.com`,
  ])('the address %j is not trusted', (email) => expect(readAddress(email)).toHaveProperty('refusal'));

  it('an unverified address is not trusted', () => {
    expect(readAddress('ann@example.com', { isVerified: false })).toHaveProperty('refusal');
  });

  it('a Google address is trusted only with the hd claim of its domain', () => {
    const issuer = 'https://accounts.google.com';
    expect(readAddress('ann@example.com', { issuer })).toHaveProperty('refusal');
    expect(readAddress('ann@example.com', { issuer, claims: { hd: ['example.com'] } })).toHaveProperty('refusal');
    expect(readAddress('ann@example.com', { issuer, claims: { hd: 'example.com' } })).toHaveProperty('address');
  });
});
