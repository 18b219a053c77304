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

export interface RequestFacts {
  requestId: string;
  clientAddress: string;
  /** Shortened: it is only displayed to people. */
  userAgent: string | null;
  /** Id of the secret with which the client has authenticated; null before that, and for a client without one. */
  clientSecretId: string | null;
  /** Digest of the client and secret that were tried, for counting failures. */
  triedSecret: string | null;
  /** The code or refresh token that the request redeems, until the tokens are written. */
  redemption: Redemption | null;
  /** Keyed by client id: the token epoch when the request first read the client. */
  tokenEpochs: Map<string, number>;
  /** Digest of the signed-in session that the request came with or has begun; null: none. */
  session: Buffer | null;
  /** Whether that session was ended during the request. */
  isSessionOver: boolean;
}

const facts = new WeakMap<IncomingMessage, RequestFacts>();

/** Real ones are shorter. */
const LONGEST_USER_AGENT = 300;

export function rememberFacts(request: IncomingMessage, requestId: string, clientAddress: string): void {
  const userAgent = request.headers['user-agent']?.slice(0, LONGEST_USER_AGENT) ?? null;
  facts.set(request, {
    requestId,
    clientAddress,
    userAgent,
    clientSecretId: null,
    triedSecret: null,
    redemption: null,
    tokenEpochs: new Map(),
    session: null,
    isSessionOver: false,
  });
}

export const factsOf = (request: IncomingMessage): RequestFacts | undefined => facts.get(request);

/**
 * Returns the data of the request that oidc-provider is handling right now, at any depth of the call stack; undefined
 * outside of one.
 */
export function currentFacts(): RequestFacts | undefined {
  const request = Provider.ctx?.req;
  return request && facts.get(request);
}
