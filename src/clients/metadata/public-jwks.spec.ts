import { generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import { readPublicJwks } from './public-jwks.js';

const jwk = (key: KeyObject): JsonWebKey => key.export({ format: 'jwk' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
const PUBLIC = jwk(ec.publicKey);

const read = (...keys: unknown[]) => readPublicJwks({ keys });
const pointers = (given: object): string[] => {
  const answer = readPublicJwks(given);
  return 'faults' in answer ? answer.faults.map((fault) => fault.pointer) : [];
};

it('keeps public keys, without what nobody reads', () => {
  const keys = [
    { ...jwk(rsa.publicKey), kid: 'a', alg: 'PS256', use: 'sig', x5u: 'https://x.example', x5c: ['MII'] },
    { ...PUBLIC, kid: 'b', alg: 'ES256', key_ops: ['verify'] },
    jwk(ed.publicKey),
  ];
  expect(read(...keys)).toEqual({
    jwks: {
      keys: [
        { ...jwk(rsa.publicKey), kid: 'a', alg: 'PS256', use: 'sig' },
        { ...PUBLIC, kid: 'b', alg: 'ES256' },
        jwk(ed.publicKey),
      ],
    },
  });
});

it.each<[string, object]>([
  ['no keys', {}],
  ['a list', []],
  ['an empty set', { keys: [] }],
  ['keys that are no list', { keys: { 0: PUBLIC } }],
  ['too many keys', { keys: Array.from({ length: 21 }, () => PUBLIC) }],
  ['other members', { keys: [PUBLIC], issuer: 'x' }],
])('refuses %s', (_, given) => {
  expect(pointers(given)).toEqual(['/jwks']);
});

it.each<[string, unknown]>([
  ['nothing', null],
  ['text', 'key'],
  ['an empty key', {}],
  ['a private RSA key', jwk(rsa.privateKey)],
  ['a private EC key', jwk(ec.privateKey)],
  ['a private Ed25519 key', jwk(ed.privateKey)],
  ['a shared secret', { kty: 'oct', k: 'c2VjcmV0' }],
  ['a shared secret that calls itself RSA', { ...jwk(rsa.publicKey), k: 'c2VjcmV0' }],
  ['a short RSA key', jwk(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey)],
  ['an RSA key whose signatures are the message', { ...jwk(rsa.publicKey), e: 'AQ' }],
  ['an unusual curve', jwk(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey)],
  ['a key for agreement', jwk(generateKeyPairSync('x25519').publicKey)],
  ['a point that is not on the curve', { ...PUBLIC, y: PUBLIC.x }],
  ['coordinates that are no text', { ...PUBLIC, x: 7 }],
  ['a key type that does not fit the curve', { ...PUBLIC, kty: 'OKP' }],
  ['a key for encryption', { ...PUBLIC, use: 'enc' }],
  ['an algorithm of another key', { ...PUBLIC, alg: 'RS256' }],
  ['a symmetric algorithm', { ...jwk(rsa.publicKey), alg: 'HS256' }],
  ['no algorithm', { ...PUBLIC, alg: 'none' }],
  ['a kid that is no text', { ...PUBLIC, kid: 1 }],
  ['a kid with a line feed', { ...PUBLIC, kid: 'a\n' }],
])('refuses %s as a key, and says which', (_, key) => {
  expect(pointers({ keys: [jwk(ed.publicKey), key] })).toEqual(['/jwks/keys/1']);
});

it('refuses two keys by one kid', () => {
  expect(
    pointers({
      keys: [
        { ...PUBLIC, kid: 'a' },
        { ...jwk(ed.publicKey), kid: 'a' },
      ],
    }),
  ).toEqual(['/jwks/keys/1']);
});
