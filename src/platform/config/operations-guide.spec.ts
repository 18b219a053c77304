/** The guide for operators names variables that exist, and the states of readiness that the API documents. */
import { readFileSync } from 'node:fs';
import { ENV_NAMES } from './app-config.js';

const GUIDE = readFileSync(new URL('../../../docs/guides/operations.md', import.meta.url), 'utf8');

const variablesOf = (text: string): string[] =>
  [...text.matchAll(/`([A-Z]{2,}(?:_[A-Z0-9]+)+)(?:=[^`]*)?`/g)].map((match) => match[1]!);

it('the operations guide names only variables that the program reads', () => {
  const named = variablesOf(GUIDE);
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !ENV_NAMES.has(name))).toEqual([]);
});
