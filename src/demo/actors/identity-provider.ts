/** The company's own identity provider: it identifies people by signed tokens, and does not know the gateway. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { LocalServer, respondJson } from '../providers/local-server.js';

const KEY_ID = 'demo-1';
/** The company's name for the gateway. */
const AUDIENCE = 'gatehouse';
const TTL_SECONDS = 300;

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

export class DemoIdentityProvider {
  readonly audience = AUDIENCE;
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  private constructor(private readonly server: LocalServer) {}

  static async start(): Promise<DemoIdentityProvider> {
    const server = await LocalServer.start();
    const provider = new DemoIdentityProvider(server);
    const key = { ...provider.#keys.publicKey.export({ format: 'jwk' }), kid: KEY_ID, alg: 'ES256', use: 'sig' };
    const metadata = { issuer: server.url, jwks_uri: `${server.url}/keys` };
    server.on('GET', '/.well-known/openid-configuration', respondJson(200, metadata));
    server.on('GET', '/keys', respondJson(200, { keys: [key] }));
    return provider;
  }

  get issuer(): string {
    return this.server.url;
  }

  /** Returns an access token (RFC 9068) for the person with this subject. */
  issueToken(subject: string, lifeSeconds = TTL_SECONDS): string {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: this.issuer, aud: AUDIENCE, sub: subject, iat: now, exp: now + lifeSeconds };
    const content = `${encode({ alg: 'ES256', kid: KEY_ID, typ: 'at+jwt' })}.${encode(claims)}`;
    const key = { key: this.#keys.privateKey, dsaEncoding: 'ieee-p1363' } as const;
    return `${content}.${sign('sha256', Buffer.from(content), key).toString('base64url')}`;
  }

  close(): Promise<void> {
    return this.server.close();
  }
}
