import { isClaimPath, applyMergePatch } from './claim-rules.js';

describe('claim paths', () => {
  it.each(['sub', 'https://example.com/roles', ['realm_access', 'roles']])('%j is a claim path', (path) =>
    expect(isClaimPath(path)).toBe(true),
  );

  it.each(['', [], [''], ['a', 1], 'a\0', 'x'.repeat(201), Array(6).fill('a'), {}, null, 7])(
    '%j is not a claim path',
    (path) => expect(isClaimPath(path)).toBe(false),
  );
});

describe('merge patches of claims', () => {
  it('a merge patch keeps absent members and removes null members', () => {
    expect(applyMergePatch({ a: 1, b: 2 }, { b: null, c: 3 })).toEqual({ a: 1, c: 3 });
    expect(applyMergePatch({ a: 1 }, undefined)).toEqual({ a: 1 });
  });
});
