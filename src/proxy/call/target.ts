/** Targets of the Model Router: it sends a call to one after another until one responds. */
import type { GatewayError } from '../../platform/errors/gateway-error.js';
import type { ProviderKeyId } from '../../platform/ids.js';
import type { Dialect, RequestInfo } from '../../providers/dialects/base/dialect.js';
import type { ProviderAdapter, RoutedOperation } from '../../providers/contract/provider-adapter.js';
import type { ResponseTranslation, ResponseRestoration } from '../../translation/pivot/response-translation.js';
import type { Attempt } from '../../usage/recording/interaction-record.js';

/** Target of a call, with the request in the target's format. */
export interface Target {
  readonly adapter: ProviderAdapter;
  readonly operation: RoutedOperation;
  /** Path below the vendor's base: without leading slash and query. */
  readonly vendorPath: string;
  /** Query with its question mark, or empty. */
  readonly query: string;
  /** The vendor's dialect. */
  readonly dialect: Dialect;
  readonly info: RequestInfo;
  readonly usageInjected: boolean;
  readonly body: Buffer;
  /** Members of the client's request that are left out of `body`. */
  readonly dropped: readonly string[];
  /** Stored key that the call must use; null: the key that `CredentialResolver` finds for the caller. */
  readonly providerKeyId: ProviderKeyId | null;
  /** Translation of the response; null: the response passes unchanged. */
  readonly translation: ResponseTranslation | null;
  /** Replacements for the client's headers of these names (lower-case); a null value removes the header. */
  readonly headers?: readonly (readonly [name: string, value: string | null])[];
  /**
   * Restores some names in a response that otherwise passes in the client's own dialect. Absent: the response passes
   * unchanged.
   */
  readonly restoration?: ResponseRestoration | null;
}

export interface Route {
  /** Model name that the client requested. */
  readonly requestedModel: string;
  /** Attempts so far, including skipped targets. */
  readonly attempts: readonly Attempt[];
  /** Whether another target remains. */
  readonly hasNext: boolean;
  /** Returns the next target, with the call in its format. Throws GatewayError if the call cannot be put into it. */
  next(): Target | Promise<Target>;
  /**
   * Records how the current attempt ended: the provider's status or the code of the gateway's error, and the stored key
   * that was used. Called once per attempt; after a success once more if the response turns out to hold an error.
   * `waitSeconds`: the wait that the provider asks for.
   */
  recordAttempt(outcome: Pick<Attempt, 'status' | 'errorCode' | 'providerKeyId'>, waitSeconds?: number | null): void;
  /** Records that the current attempt was answered completely. */
  complete(): void;
  /** Shortest wait in seconds that a target has asked for; null if none has. */
  readonly shortestWaitSeconds: number | null;
  /**
   * Returns the final error for the client once no target remains: if this target gave no response or could not take
   * the call, the response of another target; otherwise `error` itself.
   */
  finalError(error: GatewayError): GatewayError;
}

/** Response that the gateway gives without a provider. */
export interface GatewayResponse {
  readonly operation: RoutedOperation;
  /** JSON text. */
  readonly body: string;
}
