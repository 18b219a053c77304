/**
 * All changes to oidc-provider from outside, which its types do not cover. They are in one file, so that a new version
 * of the library can be compared with it. The end-to-end suites fail when one of them stops working.
 */
import type Provider from 'oidc-provider';
import type { ClientMetadata } from 'oidc-provider';
import { mintToken, type TokenPrefix } from '../../platform/crypto/token-mint.js';

interface TokenModel {
  prototype: { generateTokenId: (this: object) => string };
}

interface ClientInstance {
  applicationType: 'web' | 'native';
  redirectUris: string[];
  postLogoutRedirectUris: string[];
  compareClientSecret(secret: string): Promise<boolean>;
  redirectUriAllowed(uri: string): boolean;
  postLogoutRedirectUriAllowed(uri: string): boolean;
}

interface ClientModel {
  new (metadata: ClientMetadata): ClientInstance;
  prototype: ClientInstance;
  needsSecret(metadata: ClientMetadata): boolean;
}

const PREFIXES: readonly (readonly ['AccessToken' | 'ClientCredentials' | 'RefreshToken', TokenPrefix])[] = [
  ['AccessToken', 'llm_ut_'],
  ['ClientCredentials', 'llm_at_'],
  ['RefreshToken', 'llm_rt_'],
];

/** Gives the gateway's tokens a prefix that identifies them and a checksum that detects typing errors. */
export function usePrefixedTokens(provider: Provider): void {
  for (const [model, prefix] of PREFIXES) {
    const { prototype } = provider[model] as unknown as TokenModel;
    const original = prototype.generateTokenId;
    prototype.generateTokenId = function (this: object) {
      // Inside the original, the library determines the format in which it writes the token.
      original.call(this);
      return mintToken(prefix).expose();
    };
  }
}

/**
 * Stops the library from creating a secret for a client that states no authentication method, although the default is
 * `none`.
 */
export function registerWithoutSecrets(provider: Provider): void {
  const client = provider.Client as unknown as ClientModel;
  const needsSecret = client.needsSecret.bind(client);
  client.needsSecret = (metadata) => metadata.token_endpoint_auth_method !== undefined && needsSecret(metadata);
}

/**
 * The library ignores the port of a loopback address only for `application_type: native`, which most apps forget to
 * state. `isAllowed` compares the URI of a request with those that the client has registered.
 */
export function replaceRedirectUriComparison(
  provider: Provider,
  isAllowed: (uri: string, registered: readonly string[], applicationType: 'web' | 'native') => boolean,
): void {
  const { prototype } = provider.Client as unknown as ClientModel;
  prototype.redirectUriAllowed = function (this: ClientInstance, uri: string) {
    return isAllowed(uri, this.redirectUris, this.applicationType);
  };
  prototype.postLogoutRedirectUriAllowed = function (this: ClientInstance, uri: string) {
    return isAllowed(uri, this.postLogoutRedirectUris, this.applicationType);
  };
}

interface Parameters {
  resource?: string | string[];
}

const read = new WeakMap<object, Parameters>();

/**
 * Replaces aliases of a resource when a request is read, because the library compares the resource requested first with
 * later ones literally.
 */
export function canonicalizeResources(provider: Provider, toCanonical: (resource: string) => string): void {
  const { prototype } = (provider as unknown as { OIDCContext: { prototype: object } }).OIDCContext;
  Object.defineProperty(prototype, 'params', {
    get(this: object) {
      return read.get(this);
    },
    set(this: object, params: Parameters) {
      const { resource } = params;
      if (typeof resource === 'string') params.resource = toCanonical(resource);
      else if (Array.isArray(resource)) params.resource = [...new Set(resource.map(toCanonical))];
      read.set(this, params);
    },
  });
}

interface Session {
  id: string;
  exp?: number;
  persist: (this: Session) => Promise<string>;
  save(ttlSeconds: number): Promise<string>;
}

/**
 * A form for device codes that is shown with an error begins a session if there was none. The library does that after
 * it has written sessions, and then fails. `begin` gives the browser its cookie.
 */
export function keepLateSessions(provider: Provider, ttlSeconds: number, begin: (sessionId: string) => void): void {
  const { prototype } = provider.Session as unknown as { prototype: Session };
  const original = prototype.persist;
  prototype.persist = function (this: Session) {
    if (this.exp !== undefined) return original.call(this);
    begin(this.id);
    return this.save(ttlSeconds);
  };
}

/**
 * Replaces the library's check, which reads before it writes, so that two processes could accept the same assertion.
 * `exp` in Unix seconds.
 */
export function claimAssertionsOnce(
  provider: Provider,
  claim: (iss: string, jti: string, expiresAt: Date) => Promise<boolean>,
): void {
  const model = provider.ReplayDetection as unknown as {
    unique: (this: void, iss: string, jti: string, exp: number) => Promise<boolean>;
  };
  model.unique = (iss, jti, exp) => claim(iss, jti, new Date(exp * 1000));
}

/**
 * Compares secrets with `compare`. Throws if the library would still accept `placeholder`, which it holds instead of a
 * secret. The server must not start then.
 */
export async function replaceSecretComparison(
  provider: Provider,
  compare: (clientId: string, secret: string) => Promise<boolean>,
  placeholder: string,
): Promise<void> {
  const client = provider.Client as unknown as ClientModel;
  client.prototype.compareClientSecret = function (this: { clientId: string }, secret: string) {
    return compare(this.clientId, secret);
  };
  const probe = new client({
    client_id: 'probe',
    client_secret: placeholder,
    redirect_uris: [],
    response_types: [],
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'client_secret_basic',
  });
  if (await probe.compareClientSecret(placeholder)) throw new Error('a placeholder is accepted as a client secret');
}
