import { Wildcard } from './wildcard.js';

it.each<[string, string[], string[]]>([
  ['read', ['read'], ['Read', 'read_', '']],
  ['read_*', ['read_', 'read_file'], ['read', 'xread_']],
  ['*_file', ['_file', 'read_file'], ['_files']],
  ['a*b*c', ['abc', 'aXbYc', 'abbc', 'abcbc'], ['acb', 'ab', 'ac']],
  ['*', ['', 'anything'], []],
  ['aba*aba', ['abaaba', 'abaXaba'], ['aba', 'ababa']],
  ['*.*', ['.', 'a.b'], ['ab']],
])('the wildcard %s matches exactly the expected texts', (pattern, matching, others) => {
  const wildcard = new Wildcard(pattern);
  expect(matching.filter((text) => !wildcard.matches(text))).toEqual([]);
  expect(others.filter((text) => wildcard.matches(text))).toEqual([]);
});

it('a hostile wildcard is matched in linear time', () => {
  const startedMs = performance.now();
  expect(new Wildcard('*a'.repeat(100)).matches(`${'a'.repeat(100_000)}b`)).toBe(false);
  expect(performance.now() - startedMs).toBeLessThan(1_000);
});
