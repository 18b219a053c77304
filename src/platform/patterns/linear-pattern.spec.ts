import { LinearPattern, MAX_MATCH_LENGTH } from './linear-pattern.js';
import { computeMaxMatchLength, mayMatchSpace } from './match-length.js';

const texts = (pattern: string, text: string): string[] =>
  new LinearPattern(pattern).find(text).map(({ start, end }) => text.slice(start, end));

it('a pattern finds all matches in order', () => {
  expect(texts('PRJ-\\d{4}', 'PRJ-1234, PRJ-12 and PRJ-9876')).toEqual(['PRJ-1234', 'PRJ-9876']);
  expect(texts('(?i)\\bgeheim\\b', 'Geheim, geheimnis, streng geheim')).toEqual(['Geheim', 'geheim']);
});

it('a match across window edges is found once, and anchors match only at the ends of the text', () => {
  for (let before = 2_030; before < 2_070; before++) {
    const text = `${'.'.repeat(before)}PRJ-1234${'.'.repeat(5_000)}`;
    expect(texts('PRJ-\\d{4}', text)).toEqual(['PRJ-1234']);
    expect(texts('^\\.', text)).toHaveLength(1);
    expect(texts('\\.$', text)).toHaveLength(1);
    expect(texts('(\\.+)+$', `${text}!`)).toEqual([]);
  }
});

it('a match has at most MAX_MATCH_LENGTH characters', () => {
  expect(texts('a+', 'a'.repeat(1_000)).every((match) => match.length <= MAX_MATCH_LENGTH)).toBe(true);
  expect(texts('a+', 'a'.repeat(1_000)).join('')).toBe('a'.repeat(1_000));
});

it('crowded matches in a window are merged to cover the rest of it', () => {
  const text = 'ab'.repeat(2_000);
  const covered = new LinearPattern('a').find(text).reduce((sum, { start, end }) => sum + end - start, 0);
  expect(covered).toBeGreaterThan(text.length * 0.9);
});

it.each([
  ['[a', 'missing closing ]'],
  ['(?=a)', 'invalid or unsupported'],
  ['(a)\\1', 'invalid escape'],
  ['a*', 'matches where there is nothing'],
  ['\\b', 'matches where there is nothing'],
  ['(a{100}){9}b{1000}', 'too large'],
])('the pattern %s is refused or finds no empty match: %s', (pattern, why) => {
  if (pattern === '\\b') expect(new LinearPattern(pattern).find('a b')).toEqual([]);
  else expect(() => new LinearPattern(pattern)).toThrow(why);
});

it.each([
  ['PRJ-\\d{4}', 12],
  ['a|bcd', 3],
  ['(?:ab){2,3}c?', 7],
  ['(?i)x', 1],
  ['(?P<name>ab)', 2],
  ['[a-z]{3}', 6],
  ['[]a]x', 3],
  ['^\\bab$', 2],
  ['a+', Infinity],
  ['a{2,}', Infinity],
  ['\\p{Greek}', 2],
  ['\\x{1F600}', 2],
])('the longest match of %s has %s characters', (pattern, length) => {
  expect(computeMaxMatchLength(pattern)).toBe(length);
});

it.each([
  ['[A-Z]+-\\d+', false],
  ['a b', true],
  ['a.b', true],
  ['a\\.b', false],
  ['[^a]', true],
  ['\\s', true],
  ['\\w+', false],
])('the pattern %s may match white space: %s', (pattern, may) => {
  expect(mayMatchSpace(pattern)).toBe(may);
});
