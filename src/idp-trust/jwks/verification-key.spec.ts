import { generateKeyPairSync } from 'node:crypto';
import { toVerificationKey } from './verification-key.js';

const rsa = (modulusLength: number) =>
  generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ format: 'jwk' }) as Record<string, unknown>;
const RSA = rsa(2048);
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const EC = pair.publicKey.export({ format: 'jwk' });
const OKP = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });

describe('a key of a key set (RFC 7517)', () => {
  it.each([
    ['RSA', RSA, ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']],
    ['RSA for PS256', { ...RSA, alg: 'PS256' }, ['PS256']],
    ['P-256', { ...EC, use: 'sig', key_ops: ['verify'] }, ['ES256']],
    ['Ed25519', OKP, ['EdDSA', 'Ed25519']],
    ['Ed25519 by its older name', { ...OKP, alg: 'EdDSA' }, ['EdDSA', 'Ed25519']],
  ])('verifies what it can: %s', async (_, jwk, algorithms) => {
    expect((await toVerificationKey({ ...jwk, kid: 'k' }))?.algorithms).toEqual(algorithms);
  });

  it('is called by its name, or by its thumbprint (RFC 7638)', async () => {
    expect(await toVerificationKey({ ...EC, kid: 'k' })).toMatchObject({ id: 'k', kid: 'k' });
    const nameless = await toVerificationKey(EC);
    expect(nameless).toMatchObject({ kid: null, id: nameless!.thumbprint });
    expect(nameless!.thumbprint).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it('keeps nothing but its public members', async () => {
    const key = await toVerificationKey({ ...RSA, kid: 'k', x5c: ['MIIB'], x5t: 'x\u0000', extra: { a: 1 } });
    expect(Object.keys(key!.jwk).sort()).toEqual(['e', 'kid', 'kty', 'n']);
  });

  it.each([
    ['an HMAC secret', { kty: 'oct', k: 'c2VjcmV0', alg: 'HS256' }],
    ['a small RSA key', rsa(1024)],
    ['RSA with the exponent 1', { ...RSA, e: 'AQ' }],
    ['a key for encryption', { ...RSA, use: 'enc' }],
    ['a key for an encryption algorithm', { ...RSA, alg: 'RSA-OAEP' }],
    ['a key with other operations', { ...RSA, key_ops: ['encrypt'] }],
    ['a private key', pair.privateKey.export({ format: 'jwk' })],
    ['a key said to be for an algorithm of another type', { ...EC, alg: 'RS256' }],
    ['a key that hides a secret', { ...RSA, k: 'c2VjcmV0' }],
    ['a curve that is not accepted', { ...EC, crv: 'secp256k1' }],
    ['a point that is not on the curve', { ...EC, y: EC.x }],
    ['a kid that is no text', { ...RSA, kid: 7 }],
    ['a kid with NUL', { ...RSA, kid: 'a\u0000' }],
    ['a kid that is too long', { ...RSA, kid: 'k'.repeat(257) }],
    ['a type of another language', { ...RSA, kty: 'constructor' }],
    ['a missing member', { kty: 'RSA', e: 'AQAB' }],
    ['a text', 'RSA'],
    ['null', null],
  ])('is none when it is %s', async (_, jwk) => {
    expect(await toVerificationKey(jwk)).toBeNull();
  });
});
