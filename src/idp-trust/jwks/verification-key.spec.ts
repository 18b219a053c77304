import { generateKeyPairSync } from 'node:crypto';
import { toVerificationKey } from './verification-key.js';

const rsa = (modulusLength: number) =>
  generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ format: 'jwk' }) as Record<string, unknown>;
const RSA = rsa(2048);
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const EC = pair.publicKey.export({ format: 'jwk' });
const OKP = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });

describe('keys of a key set (RFC 7517)', () => {
  it.each([
    ['RSA', RSA, ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']],
    ['RSA for PS256', { ...RSA, alg: 'PS256' }, ['PS256']],
    ['P-256', { ...EC, use: 'sig', key_ops: ['verify'] }, ['ES256']],
    ['Ed25519', OKP, ['EdDSA', 'Ed25519']],
    ['Ed25519 by its older name', { ...OKP, alg: 'EdDSA' }, ['EdDSA', 'Ed25519']],
  ])('a key verifies the algorithms of its type: %s', async (_, jwk, algorithms) => {
    expect((await toVerificationKey({ ...jwk, kid: 'k' }))?.algorithms).toEqual(algorithms);
  });

  it('a key is identified by its kid or its thumbprint (RFC 7638)', async () => {
    expect(await toVerificationKey({ ...EC, kid: 'k' })).toMatchObject({ id: 'k', kid: 'k' });
    const nameless = await toVerificationKey(EC);
    expect(nameless).toMatchObject({ kid: null, id: nameless!.thumbprint });
    expect(nameless!.thumbprint).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it('a verification key keeps only its public members', async () => {
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
    ['a key with an algorithm of another type', { ...EC, alg: 'RS256' }],
    ['an RSA key with a secret member', { ...RSA, k: 'c2VjcmV0' }],
    ['a key on an unsupported curve', { ...EC, crv: 'secp256k1' }],
    ['a point off its curve', { ...EC, y: EC.x }],
    ['a key whose kid is not text', { ...RSA, kid: 7 }],
    ['a key whose kid has a NUL character', { ...RSA, kid: 'a\u0000' }],
    ['a key whose kid is too long', { ...RSA, kid: 'k'.repeat(257) }],
    ['a key of the type constructor', { ...RSA, kty: 'constructor' }],
    ['an incomplete key', { kty: 'RSA', e: 'AQAB' }],
    ['text', 'RSA'],
    ['null', null],
  ])('a key set member is ignored if it is %s', async (_, jwk) => {
    expect(await toVerificationKey(jwk)).toBeNull();
  });
});
