import { isAtLeast, PROGRAM_VERSION } from './program-version.js';

it('PROGRAM_VERSION is a semantic version', () => {
  expect(PROGRAM_VERSION).toMatch(/^\d+\.\d+\.\d+/);
});

it.each([
  ['1.2.3', '1.2.3', true],
  ['1.2.4', '1.2.3', true],
  ['1.10.0', '1.9.9', true],
  ['2.0.0', '1.99.99', true],
  ['1.2.3', '1.2.4', false],
  ['1.9.9', '1.10.0', false],
  ['0.1.0', '99.0.0', false],
  ['1.2.3-rc.1', '1.2.3', false],
  ['1.2.3-rc.1', '1.2.2', true],
  ['1.2.3+build.7', '1.2.3', true],
  ['1.2', '1.2.0', false],
  ['1.2.3', 'yes', false],
])('the version %s is at least %s: %s', (version, oldest, expected) => {
  expect(isAtLeast(version, oldest)).toBe(expected);
});
