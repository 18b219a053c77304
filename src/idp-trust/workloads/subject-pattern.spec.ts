import { matchesSubject } from './subject-pattern.js';

describe('subject patterns', () => {
  it.each([
    ['repo:acme/app:ref:refs/heads/main', 'repo:acme/app:ref:refs/heads/main'],
    ['repo:acme/app:*', 'repo:acme/app:ref:refs/heads/main'],
    ['repo:acme/*:ref:*', 'repo:acme/app:ref:refs/heads/main'],
    ['*:serviceaccount:build:*', 'system:serviceaccount:build:runner'],
    ['a*a', 'aa'],
    ['a**b', 'ab'],
  ])('the subject pattern %s matches %s', (pattern, subject) => {
    expect(matchesSubject(pattern, subject)).toBe(true);
  });

  it.each([
    ['repo:acme/app:ref:refs/heads/main', 'repo:acme/app:ref:refs/heads/main2'],
    ['repo:acme/app:*', 'repo:acme/app'],
    ['repo:acme/app:*', 'xrepo:acme/app:1'],
    ['repo:acme/*:pull_request', 'repo:acme/app:ref:refs/heads/pull_request-1'],
    ['a*a', 'a'],
    ['A*', 'a'],
    ['', 'a'],
    ['a.c', 'abc'],
  ])('the subject pattern %s does not match %s', (pattern, subject) => {
    expect(matchesSubject(pattern, subject)).toBe(false);
  });

  it('a subject pattern with 100 stars rejects a long subject without backtracking', () => {
    expect(matchesSubject(`${'*a'.repeat(100)}b`, 'a'.repeat(255))).toBe(false);
  });
});
