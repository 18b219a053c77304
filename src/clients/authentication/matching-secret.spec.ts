import { computeTokenDigest } from '../../platform/crypto/token-digest.js';
import { findMatchingSecret } from './matching-secret.js';

const NOW = 1_000_000;
const secret = (value: string, notAfter: number | null = null) => ({
  id: `id of ${value}`,
  digest: computeTokenDigest(value),
  notAfter,
});
const findMatching = (presented: string, ...secrets: ReturnType<typeof secret>[]) =>
  findMatchingSecret({ secrets }, presented, NOW);

it('findMatchingSecret returns the id of the presented live secret', () => {
  const both = [secret('new'), secret('old', NOW + 1)];
  expect(findMatching('new', ...both)).toBe('id of new');
  expect(findMatching('old', ...both)).toBe('id of old');
});

it('findMatchingSecret rejects unknown and expired secrets', () => {
  expect(findMatching('other', secret('new'))).toBeNull();
  expect(findMatching('', secret('new'))).toBeNull();
  expect(findMatching('new')).toBeNull();
  expect(findMatching('old', secret('new'), secret('old', NOW))).toBeNull();
});

it('findMatchingSecret does not accept a digest as the secret', () => {
  const digest = computeTokenDigest('new');
  for (const presented of [digest.toString('hex'), digest.toString('base64'), digest.toString('latin1')])
    expect(findMatching(presented, secret('new'))).toBeNull();
});

it('findMatchingSecret compares every secret, even after a match', () => {
  const seen: string[] = [];
  const watched = ['a', 'b', 'c'].map((value) => {
    const it = secret(value);
    return {
      ...it,
      get digest() {
        seen.push(value);
        return it.digest;
      },
    };
  });
  findMatchingSecret({ secrets: watched }, 'a', NOW);
  expect(seen).toEqual(['a', 'b', 'c']);
});
