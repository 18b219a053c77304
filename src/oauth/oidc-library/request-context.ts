/**
 * The outer server's data about a request that oidc-provider handles: its real client address and its id. oidc-provider
 * has its own context, so the data is attached to Node's request object.
 */
import type { IncomingMessage } from 'node:http';
import { Provider } from './oidc-provider.js';

export interface Redemption {
  model: string;
  idDigest: Buffer;
  /** The refresh token that replaces the redeemed one, as values of the statement that writes an artifact. */
  successor: unknown[] | null;
}

export interface OidcRequestContext {
  requestId: string;
  clientAddress: string;
  /** Shortened: it is only displayed to people. */
  userAgent: string | null;
  /** Id of the secret with which the client has authenticated; null before that, and for a client without one. */
  clientSecretId: string | null;
  /** Digest of the client and secret that were tried, for counting failures. */
  secretDigest: string | null;
  /** The code or refresh token that the request redeems, until the tokens are written. */
  redemption: Redemption | null;
  /** Keyed by client id: the token epoch when the request first read the client. */
  tokenEpochs: Map<string, number>;
  /** Digest of the signed-in session that the request came with or has begun; null: none. */
  session: Buffer | null;
  /** Whether that session was ended during the request. */
  isSessionEnded: boolean;
}

const contexts = new WeakMap<IncomingMessage, OidcRequestContext>();

/** Real ones are shorter. */
const MAX_USER_AGENT_LENGTH = 300;

export function attachRequestContext(request: IncomingMessage, requestId: string, clientAddress: string): void {
  const userAgent = request.headers['user-agent']?.slice(0, MAX_USER_AGENT_LENGTH) ?? null;
  contexts.set(request, {
    requestId,
    clientAddress,
    userAgent,
    clientSecretId: null,
    secretDigest: null,
    redemption: null,
    tokenEpochs: new Map(),
    session: null,
    isSessionEnded: false,
  });
}

export const getRequestContext = (request: IncomingMessage): OidcRequestContext | undefined => contexts.get(request);

/**
 * Returns the data of the request that oidc-provider is handling right now, at any depth of the call stack; undefined
 * outside of one.
 */
export function getCurrentRequestContext(): OidcRequestContext | undefined {
  const request = Provider.ctx?.req;
  return request && contexts.get(request);
}
