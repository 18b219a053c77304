/**
 * The places where oidc-provider is changed from outside, which its types do not know. All of them are here, so that a
 * new version of it can be held against this one page; the end-to-end suites fail when one of them comes loose.
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

/** Tokens of ours can be told by their prefix, and a mistyped one by its checksum. */
export function mintOurTokens(provider: Provider): void {
  for (const [model, prefix] of PREFIXES) {
    const { prototype } = provider[model] as unknown as TokenModel;
    const original = prototype.generateTokenId;
    prototype.generateTokenId = function (this: object) {
      // The library settles here in which format it is about to write the token.
      original.call(this);
      return mintToken(prefix).expose();
    };
  }
}

/** The library makes a secret for whoever says nothing of how it authenticates, although the default is not to. */
export function registerWithoutSecrets(provider: Provider): void {
  const client = provider.Client as unknown as ClientModel;
  const needsSecret = client.needsSecret.bind(client);
  client.needsSecret = (metadata) => metadata.token_endpoint_auth_method !== undefined && needsSecret(metadata);
}

/**
 * The library frees the port of a loopback address for `application_type: native` alone, which most apps forget to state.
 * `isAllowed` compares the address of a request with those that the client has registered.
 */
export function compareRedirectUrisBy(
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
 * Aliases of a resource are one from the moment that a request is read: the library compares what was asked for first with
 * what is asked for later by the letter.
 */
export function readResources(provider: Provider, canonical: (resource: string) => string): void {
  const { prototype } = (provider as unknown as { OIDCContext: { prototype: object } }).OIDCContext;
  Object.defineProperty(prototype, 'params', {
    get(this: object) {
      return read.get(this);
    },
    set(this: object, params: Parameters) {
      const { resource } = params;
      if (typeof resource === 'string') params.resource = canonical(resource);
      else if (Array.isArray(resource)) params.resource = [...new Set(resource.map(canonical))];
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
 * A form for device codes that is shown with an error begins a session where there was none. The library does that when
 * it has written sessions down already, and fails then. `begin` gives the browser its cookie.
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

/** The library would look first and write then, which two processes can do at once. `exp` in Unix seconds. */
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
 * Secrets are compared by us. Throws when the library would still let a client in by `placeholder`, which it is given in
 * place of a secret: then nothing may start.
 */
export async function compareSecretsBy(
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
  if (await probe.compareClientSecret(placeholder)) throw new Error('a placeholder passes for a client secret');
}
