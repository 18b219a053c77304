import { generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import { readPublicJwks } from './public-jwks.js';

const jwk = (key: KeyObject): JsonWebKey => key.export({ format: 'jwk' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
const PUBLIC = jwk(ec.publicKey);

const read = (...keys: unknown[]) => readPublicJwks({ keys });
const listFaultPointers = (input: object): string[] => {
  const answer = readPublicJwks(input);
  return 'faults' in answer ? answer.faults.map((fault) => fault.pointer) : [];
};

it('readPublicJwks keeps public keys without unused members', () => {
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
  ['an object without keys', {}],
  ['a list', []],
  ['an empty key set', { keys: [] }],
  ['keys that are not a list', { keys: { 0: PUBLIC } }],
  ['too many keys', { keys: Array.from({ length: 21 }, () => PUBLIC) }],
  ['an unknown member', { keys: [PUBLIC], issuer: 'x' }],
])('readPublicJwks rejects %s', (_, given) => {
  expect(listFaultPointers(given)).toEqual(['/jwks']);
});

it.each<[string, unknown]>([
  ['null as a key', null],
  ['text as a key', 'key'],
  ['an empty key', {}],
  ['a private RSA key', jwk(rsa.privateKey)],
  ['a private EC key', jwk(ec.privateKey)],
  ['a private Ed25519 key', jwk(ed.privateKey)],
  ['a shared secret', { kty: 'oct', k: 'c2VjcmV0' }],
  ['an RSA key with a secret member', { ...jwk(rsa.publicKey), k: 'c2VjcmV0' }],
  ['a short RSA key', jwk(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey)],
  ['an RSA key with the exponent 1', { ...jwk(rsa.publicKey), e: 'AQ' }],
  ['an unusual curve', jwk(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey)],
  ['a key agreement key', jwk(generateKeyPairSync('x25519').publicKey)],
  ['a point off its curve', { ...PUBLIC, y: PUBLIC.x }],
  ['coordinates that are not text', { ...PUBLIC, x: 7 }],
  ['a key type that does not fit the curve', { ...PUBLIC, kty: 'OKP' }],
  ['a key for encryption', { ...PUBLIC, use: 'enc' }],
  ['an algorithm of another key type', { ...PUBLIC, alg: 'RS256' }],
  ['a symmetric algorithm', { ...jwk(rsa.publicKey), alg: 'HS256' }],
  ['the algorithm none', { ...PUBLIC, alg: 'none' }],
  ['a kid that is not text', { ...PUBLIC, kid: 1 }],
  ['a kid with a line feed', { ...PUBLIC, kid: 'a\n' }],
])('readPublicJwks rejects %s with the pointer of that key', (_, key) => {
  expect(listFaultPointers({ keys: [jwk(ed.publicKey), key] })).toEqual(['/jwks/keys/1']);
});

it('readPublicJwks rejects two keys with one kid', () => {
  expect(
    listFaultPointers({
      keys: [
        { ...PUBLIC, kid: 'a' },
        { ...jwk(ed.publicKey), kid: 'a' },
      ],
    }),
  ).toEqual(['/jwks/keys/1']);
});
