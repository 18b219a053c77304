import { couldBothMatch, type TrustBounds } from './trust-conflicts.js';

const trust = (over: Partial<TrustBounds> = {}): TrustBounds => ({
  audiences: ['api'],
  extraAudiences: [],
  requiredClaims: {},
  ...over,
});

describe('two providers with one issuer', () => {
  it.each<[string, Partial<TrustBounds>, Partial<TrustBounds>]>([
    ['with the same audience', {}, {}],
    ['with an audience in common', { audiences: ['api', 'a'] }, { audiences: ['b', 'api'] }],
    ['of which one names a tenant', { requiredClaims: { hd: 'a.example' } }, {}],
    ['of the same tenant', { requiredClaims: { tid: '1' } }, { requiredClaims: { tid: '1' } }],
    ['that differ in another claim', { requiredClaims: { role: 'a' } }, { requiredClaims: { role: 'b' } }],
    [
      'that differ in a claim that is not text',
      { requiredClaims: { hd: true } },
      { requiredClaims: { hd: 'a.example' } },
    ],
    [
      'with each other\u2019s audience as extra audience',
      { audiences: ['a'], extraAudiences: ['b'] },
      { audiences: ['b'], extraAudiences: ['a'] },
    ],
  ])('two providers %s may accept the same token', (_, one, other) => {
    expect(couldBothMatch(trust(one), trust(other))).toBe(true);
    expect(couldBothMatch(trust(other), trust(one))).toBe(true);
  });

  it.each<[string, Partial<TrustBounds>, Partial<TrustBounds>]>([
    ['with distinct audiences', { audiences: ['a'] }, { audiences: ['b'] }],
    [
      'of which one has the other\u2019s audience as extra audience',
      { audiences: ['a'], extraAudiences: ['b'] },
      { audiences: ['b'] },
    ],
    [
      'with the same extra audience',
      { audiences: ['a'], extraAudiences: ['u'] },
      { audiences: ['b'], extraAudiences: ['u'] },
    ],
    ['of different hosted domains', { requiredClaims: { hd: 'a.example' } }, { requiredClaims: { hd: 'b.example' } }],
    ['of different tenants', { requiredClaims: { tid: '1' } }, { requiredClaims: { tid: '2' } }],
  ])('two providers %s never accept the same token', (_, one, other) => {
    expect(couldBothMatch(trust(one), trust(other))).toBe(false);
    expect(couldBothMatch(trust(other), trust(one))).toBe(false);
  });
});
