/**
 * An identity provider for tests: discovery and a key set on loopback, and tokens with valid or invalid signatures.
 * Tests choose its responses; it counts requests.
 */
import {
  constants,
  createHmac,
  generateKeyPair,
  sign as signBytes,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const generate = promisify(generateKeyPair);

export type KeyAlgorithm = 'RS256' | 'PS256' | 'ES256' | 'EdDSA';

export interface IdpKey {
  kid: string | undefined;
  alg: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
  /** The published form. */
  jwk: JsonWebKey & Record<string, unknown>;
}

export type Claims = Record<string, unknown>;

export interface SigningOptions {
  /** Added to `alg`, `kid` and `typ: JWT`; undefined removes a member. */
  header?: Record<string, unknown>;
  key?: IdpKey;
  /** The literal texts, for forms that JSON.stringify would not write. */
  headerText?: string;
  payloadText?: string;
}

type KeySetResponse = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

let keyCount = 0;

/** Generates a signing key. RSA keys take long to generate, and most tests work with any algorithm. */
export async function makeKey(
  alg: KeyAlgorithm,
  { kid = `key-${++keyCount}`, bits = 2048 }: { kid?: string; bits?: number } = {},
): Promise<IdpKey> {
  const { privateKey, publicKey } = await pairFor(alg, bits);
  return { kid, alg, privateKey, publicKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } };
}

function pairFor(alg: KeyAlgorithm, bits: number): Promise<{ privateKey: KeyObject; publicKey: KeyObject }> {
  if (alg === 'ES256') return generate('ec', { namedCurve: 'P-256' });
  if (alg === 'EdDSA') return generate('ed25519');
  return generate('rsa', { modulusLength: bits });
}

export class FakeIdp {
  /** The published keys, in this order. The last one signs. */
  keys: IdpKey[] = [];
  /** Number of requests for the key set. */
  fetches = 0;
  discoveries = 0;
  /** Further members of the discovery document. */
  metadata: object = {};
  cacheControl: string | null = null;
  /** Delay before each response. */
  delayMs = 0;
  /** Breaks connections instead of responding. */
  isDown = false;
  /** Replaces the key set. */
  response: KeySetResponse | null = null;
  /** Unix milliseconds, for the times in tokens. */
  now: () => number = Date.now;
  readonly #server: Server;
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
    this.#server = createServer((request, response) => void this.#handle(request, response));
  }

  /** @param path of the issuer, for vendors that are recognized by it: `/realms/acme`, `/oauth2/default` */
  static async start({ alg = 'RS256', path = '' }: { alg?: KeyAlgorithm; path?: string } = {}): Promise<FakeIdp> {
    const idp = new FakeIdp(path);
    idp.keys.push(await makeKey(alg));
    await new Promise<void>((resolve) => idp.#server.listen(0, '127.0.0.1', resolve));
    return idp;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get issuer(): string {
    return `${this.origin}${this.#path}`;
  }

  get jwksUrl(): string {
    return `${this.origin}/keys`;
  }

  get signingKey(): IdpKey {
    return this.keys.at(-1)!;
  }

  /** Adds a key that signs from now on; the others remain published. */
  async rotate(alg: KeyAlgorithm = 'ES256'): Promise<IdpKey> {
    const key = await makeKey(alg);
    this.keys.push(key);
    return key;
  }

  drop(key: IdpKey): void {
    this.keys = this.keys.filter((each) => each !== key);
  }

  /** Responds to requests for the key set with this status and body. */
  respond(
    status: number,
    body: string,
    headers: Record<string, string> = { 'content-type': 'application/json' },
  ): void {
    this.response = (_request, response) => void response.writeHead(status, headers).end(body);
  }

  /** Returns a user's access token for the audience `gatehouse`, valid for five minutes; undefined removes a claim. */
  token(claims: Claims = {}, options: SigningOptions = {}): string {
    return this.sign({ iss: this.issuer, aud: 'gatehouse', sub: 'user-1', ...this.times(), ...claims }, options);
  }

  times(lifeSeconds = 300): { iat: number; exp: number } {
    const iat = Math.floor(this.now() / 1000);
    return { iat, exp: iat + lifeSeconds };
  }

  /** Signs any claims, valid or not. Those of the vendors are in idp-tokens.ts. */
  sign(claims: Claims, { header = {}, key = this.signingKey, headerText, payloadText }: SigningOptions = {}): string {
    const { kid, alg } = key;
    const full = { alg, kid, typ: 'JWT', ...header };
    const input = `${encode(headerText ?? JSON.stringify(full))}.${encode(payloadText ?? JSON.stringify(claims))}`;
    return `${input}.${signature(String(alg), key.privateKey, input)}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isKeySet = request.url === '/keys';
    if (isKeySet) this.fetches++;
    if (this.delayMs > 0) await pause(this.delayMs, undefined, { ref: false });
    if (this.isDown) return void request.socket.destroy();
    if (isKeySet) return this.response ? void (await this.response(request, response)) : this.#publish(response);
    if (request.url === `${this.#path}/.well-known/openid-configuration`) return this.#discover(response);
    response.writeHead(404).end();
  }

  #publish(response: ServerResponse): void {
    if (this.cacheControl !== null) response.setHeader('cache-control', this.cacheControl);
    json(response, { keys: this.keys.map(({ jwk }) => jwk) });
  }

  #discover(response: ServerResponse): void {
    this.discoveries++;
    json(response, {
      issuer: this.issuer,
      jwks_uri: this.jwksUrl,
      authorization_endpoint: `${this.issuer}/authorize`,
      token_endpoint: `${this.issuer}/token`,
      end_session_endpoint: `${this.issuer}/logout`,
      ...this.metadata,
    });
  }
}

function json(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

export const encode = (text: string | Buffer): string => Buffer.from(text).toString('base64url');

/** Signs with HMAC and the public key's text: the oldest attack. */
export function hmacWithPublicKey(idp: FakeIdp, claims: Claims): string {
  const { kid, publicKey } = idp.signingKey;
  const input = `${encode(JSON.stringify({ alg: 'HS256', kid, typ: 'JWT' }))}.${encode(JSON.stringify(claims))}`;
  const secret = publicKey.export({ type: 'spki', format: 'pem' });
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

function signature(alg: string, key: KeyObject, input: string): string {
  const bytes = Buffer.from(input);
  if (alg === 'EdDSA' || alg === 'Ed25519') return signBytes(null, bytes, key).toString('base64url');
  if (alg === 'ES256') return signBytes('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
  const padding = alg === 'PS256' ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } : {};
  return signBytes('sha256', bytes, { key, ...padding }).toString('base64url');
}
