import { couldBothMatch, type TrustBounds } from './trust-bounds.js';

const trust = (over: Partial<TrustBounds> = {}): TrustBounds => ({
  audiences: ['api'],
  extraAudiences: [],
  requiredClaims: {},
  ...over,
});

describe('two trusts of one issuer', () => {
  it.each<[string, Partial<TrustBounds>, Partial<TrustBounds>]>([
    ['with the same audience', {}, {}],
    ['with an audience in common', { audiences: ['api', 'a'] }, { audiences: ['b', 'api'] }],
    ['when one alone names a tenant', { requiredClaims: { hd: 'a.example' } }, {}],
    ['of the same tenant', { requiredClaims: { tid: '1' } }, { requiredClaims: { tid: '1' } }],
    ['that differ in another claim', { requiredClaims: { role: 'a' } }, { requiredClaims: { role: 'b' } }],
    ['that differ in what is no text', { requiredClaims: { hd: true } }, { requiredClaims: { hd: 'a.example' } }],
    [
      'that take each other\u2019s audience besides',
      { audiences: ['a'], extraAudiences: ['b'] },
      { audiences: ['b'], extraAudiences: ['a'] },
    ],
  ])('%s could both believe a token', (_, one, other) => {
    expect(couldBothMatch(trust(one), trust(other))).toBe(true);
    expect(couldBothMatch(trust(other), trust(one))).toBe(true);
  });

  it.each<[string, Partial<TrustBounds>, Partial<TrustBounds>]>([
    ['with audiences of their own', { audiences: ['a'] }, { audiences: ['b'] }],
    [
      'when one alone takes the other\u2019s besides',
      { audiences: ['a'], extraAudiences: ['b'] },
      { audiences: ['b'] },
    ],
    [
      'with the same audience besides',
      { audiences: ['a'], extraAudiences: ['u'] },
      { audiences: ['b'], extraAudiences: ['u'] },
    ],
    ['of different hosted domains', { requiredClaims: { hd: 'a.example' } }, { requiredClaims: { hd: 'b.example' } }],
    ['of different tenants', { requiredClaims: { tid: '1' } }, { requiredClaims: { tid: '2' } }],
  ])('%s cannot', (_, one, other) => {
    expect(couldBothMatch(trust(one), trust(other))).toBe(false);
    expect(couldBothMatch(trust(other), trust(one))).toBe(false);
  });
});
