/** Where the Model Router sends a call: one place after another, until one answers. */
import type { GatewayError } from '../platform/errors/gateway-error.js';
import type { ProviderKeyId } from '../platform/ids.js';
import type { Dialect, RequestFacts, StreamFilter } from '../providers/dialects/dialect.js';
import type { ProviderAdapter, RoutedOperation } from '../providers/provider-adapter.js';
import type { Attempt } from '../usage/interaction-record.js';
import type { Exchange } from './exchange.js';

/** One place a call may go, and the call as it is worded for it. */
export interface Target {
  readonly adapter: ProviderAdapter;
  readonly operation: RoutedOperation;
  /** Below the vendor's base: no leading slash, no query. */
  readonly vendorPath: string;
  /** With its question mark, or empty. */
  readonly query: string;
  /** The language of the vendor. */
  readonly dialect: Dialect;
  readonly facts: RequestFacts;
  readonly usageInjected: boolean;
  readonly body: Buffer;
  /** Members of the client's request that were left out of `body`. */
  readonly dropped: readonly string[];
  /** The stored key that has to be used; null: the one that is the caller's. */
  readonly providerKeyId: ProviderKeyId | null;
  /** Null: the answer goes to the client as it comes. */
  readonly translation: AnswerTranslation | null;
  /** They take the place of the client's headers of these names (lower-case); null: there is none. */
  readonly headers?: readonly (readonly [name: string, value: string | null])[];
  /** For a response that passes in the client's own language, but for some names. Absent: it passes as it comes. */
  readonly restoration?: ResponseRestoration | null;
}

/** Puts names back that the request has others for. */
export interface ResponseRestoration {
  whole(body: Buffer): Buffer;
  /** One per stream of server-sent events. */
  stream(): StreamFilter;
}

/** Turns the vendor's answer into one in the client's language. One per attempt. */
export interface AnswerTranslation {
  /** Flat name, value …; lower-case: the whole of what is sent, besides credentials and what tracing adds. */
  readonly headers: readonly string[];
  /** `stream` reads a whole response of the vendor's, which has no stream for this request. */
  readonly isWhole?: boolean;
  /** Parts of the whole response that the client's language cannot hold; known once it is translated. */
  readonly lost?: Iterable<string>;
  /** The whole answer. Throws for what is no answer of this vendor's. */
  answer(body: Buffer): string;
  /** The body of the vendor's error. */
  error(status: number, body: Buffer, header: (name: string) => string | undefined): string;
  stream(): TranslatedStream;
}

export interface TranslatedStream {
  /** What the client gets for these bytes: whole events; possibly empty. */
  push(chunk: Uint8Array): string;
  /** What closes the stream; null when the vendor's had not reached its end. */
  end(): string | null;
  /** The vendor told an error, which `push` has worded: nothing may follow. */
  readonly failed: boolean;
}

export interface Route {
  /** The client's own words for the model. */
  readonly requestedModel: string;
  /** What was tried or passed over so far. */
  readonly attempts: readonly Attempt[];
  /** Whether another place is left. */
  readonly hasNext: boolean;
  /** The next place, with the call worded for it. Throws GatewayError when it cannot be. */
  next(): Target | Promise<Target>;
  /**
   * Takes down how the present attempt ended: the provider's status or the code of our own error, and the stored key that it
   * was made with. Heard once per attempt, and after a success once more where the answer turns out to hold an error.
   * `waitSeconds`: what the provider wants to be left alone for.
   */
  ended(outcome: Pick<Attempt, 'status' | 'errorCode' | 'providerKeyId'>, waitSeconds?: number | null): void;
  /** The present attempt was answered to the end. */
  answered(): void;
  /** The shortest wait that a place has asked for; null: none has. */
  readonly leastWaitSeconds: number | null;
  /**
   * What the client is told of `error`, after which nothing is left to try: what another place has answered, where this one
   * gave no answer or could not take the call; else the error itself.
   */
  lastWord(error: GatewayError): GatewayError;
}

/** An answer that no provider is asked for. */
export interface OwnAnswer {
  readonly operation: RoutedOperation;
  /** JSON. */
  readonly body: string;
}

/** Finds out where a call goes. The caller has entered the exchange's LLM proxy. Throws GatewayError. */
export type Plan = (exchange: Exchange, body: Buffer) => Promise<Route | OwnAnswer>;
