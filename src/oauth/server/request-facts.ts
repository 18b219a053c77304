/**
 * What the outer server knows of a request that oidc-provider handles: the address it really came from and its number.
 * oidc-provider has a context of its own, so the facts travel beside Node's request object.
 */
import type { IncomingMessage } from 'node:http';
import type { Redemption } from '../storage/redemption.js';
import { Provider } from './library.js';

export interface RequestFacts {
  requestId: string;
  clientAddress: string;
  /** Shortened: it is shown to people and means nothing else. */
  userAgent: string | null;
  /** The secret by which the client has authenticated; null before, and where it has none. */
  clientSecretId: string | null;
  /** Digest of client and secret that were tried, for counting failures. */
  triedSecret: string | null;
  /** What the request redeems for tokens, until they are written. */
  redemption: Redemption | null;
  /** By client id: the epoch of its tokens when the request first asked for it. */
  tokenEpochs: Map<string, number>;
  /** Digest of the signed-in session that the request came with or has begun; null: there is none. */
  session: Buffer | null;
  /** That session was ended while the request was under way. */
  isSessionOver: boolean;
}

const facts = new WeakMap<IncomingMessage, RequestFacts>();

/** Longer ones are somebody's joke. */
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

/** Of the request that oidc-provider is handling right now, however deep in it we are; undefined outside of one. */
export function currentFacts(): RequestFacts | undefined {
  const request = Provider.ctx?.req;
  return request && facts.get(request);
}
