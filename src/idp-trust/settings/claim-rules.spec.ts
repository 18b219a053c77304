import { isClaimPath, applyMergePatch } from './claim-rules.js';

describe('a way to a claim', () => {
  it.each(['sub', 'https://example.com/roles', ['realm_access', 'roles']])('can be %j', (path) =>
    expect(isClaimPath(path)).toBe(true),
  );

  it.each(['', [], [''], ['a', 1], 'a\0', 'x'.repeat(201), Array(6).fill('a'), {}, null, 7])('cannot be %j', (path) =>
    expect(isClaimPath(path)).toBe(false),
  );
});

describe('a merge patch of claims', () => {
  it('leaves what is absent, and takes away what is null', () => {
    expect(applyMergePatch({ a: 1, b: 2 }, { b: null, c: 3 })).toEqual({ a: 1, c: 3 });
    expect(applyMergePatch({ a: 1 }, undefined)).toEqual({ a: 1 });
  });
});
