import type { ErrorCode } from '../../platform/errors/error-catalog.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { ProviderKeyId } from '../../platform/ids.js';
import type { OperationClass, ProviderAdapter } from '../../providers/contract/provider-adapter.js';
import { isRetryable, NO_RESPONSE } from '../../proxy/call/retryable-failure.js';
import type { Route, Target } from '../../proxy/call/target.js';
import type { Attempt } from '../../usage/recording/interaction-record.js';
import type { TargetCooldown, CooldownKey } from './target-cooldown.js';

/** Classes of operations that the Model Router calls at providers. */
const CALLS: ReadonlySet<OperationClass> = new Set(['inference', 'token_counting']);

/**
 * Error codes for which a call continues with the next target without having been sent: this target cannot take it as
 * it is.
 */
const NOT_ACCEPTED: ReadonlySet<ErrorCode> = new Set(['unsupported_parameter', 'model_not_found']);

/** A target of a call, before the upstream request is built for it. */
export interface RouteTarget {
  readonly adapter: ProviderAdapter;
  /** Model id as the provider names it. */
  readonly model: string;
  /** Stored key that must be used. Null: the caller's key for the provider. */
  readonly providerKeyId: ProviderKeyId | null;
  /** Stored key that will be used. Null: unknown before the call is made. */
  readonly usedKeyId: ProviderKeyId | null;
}

/** Candidates in the order in which they are tried. The upstream request is built for each only when its turn comes. */
export class ModelRoute implements Route {
  readonly attempts: Attempt[];
  #nextIndex = 0;
  #isOpen = false;
  /** See `TargetCooldown.mark`. */
  #failureCount = 0;
  #shortestWait: number | null = null;
  /** Error of the first target that could not take the call. */
  #refusal: GatewayError | null = null;

  /** `skipped`: targets that were skipped beforehand, for the record. */
  constructor(
    readonly requestedModel: string,
    private readonly targets: readonly RouteTarget[],
    private readonly build: (candidate: RouteTarget) => Target | Promise<Target>,
    private readonly cooldown: TargetCooldown,
    skipped: readonly Attempt[] = [],
  ) {
    this.attempts = [...skipped];
  }

  get hasNext(): boolean {
    return this.#nextIndex < this.targets.length;
  }

  get shortestWaitSeconds(): number | null {
    return this.#shortestWait;
  }

  next(): Target | Promise<Target> {
    const routeTarget = this.targets[this.#nextIndex++]!;
    this.#failureCount = this.cooldown.failureCount;
    this.attempts.push(toAttempt(routeTarget, null));
    this.#isOpen = true;
    try {
      const built = this.build(routeTarget);
      if (!(built instanceof Promise)) return checkCallable(built, routeTarget);
      return built.then((target) => checkCallable(target, routeTarget)).catch((error: unknown) => this.#skip(error));
    } catch (error) {
      return this.#skip(error);
    }
  }

  recordAttempt(
    outcome: Pick<Attempt, 'status' | 'errorCode' | 'providerKeyId'>,
    waitSeconds: number | null = null,
  ): void {
    if (!this.#isOpen) return;
    const { status } = outcome;
    // A successful response may still contain an error.
    this.#isOpen = status !== null && status < 300;
    this.attempts.push({ ...this.attempts.pop()!, ...outcome });
    if (!isRetryable(outcome)) return;
    this.cooldown.recordFailure(this.#toCooldownKey(outcome.providerKeyId), this.#failureCount, waitSeconds);
    if (waitSeconds !== null) this.#shortestWait = Math.min(waitSeconds, this.#shortestWait ?? waitSeconds);
  }

  complete(): void {
    const last = this.attempts.at(-1);
    if (last && last.status !== null && !isRetryable(last))
      this.cooldown.recordSuccess(this.#toCooldownKey(last.providerKeyId), this.#failureCount);
  }

  #toCooldownKey(providerKeyId: ProviderKeyId | null): CooldownKey {
    const key = toCooldownKey(this.targets[this.#nextIndex - 1]!);
    return providerKeyId === null ? key : { ...key, providerKeyId };
  }

  #skip(error: unknown): Target | Promise<Target> {
    if (!(error instanceof GatewayError) || !NOT_ACCEPTED.has(error.code)) throw error;
    this.#refusal ??= error;
    if (this.#nextIndex === 1 && !this.hasNext) throw error;
    this.recordAttempt({ status: null, errorCode: error.code, providerKeyId: null });
    if (this.hasNext) return this.next();
    throw this.finalError(this.#refusal);
  }

  finalError(error: GatewayError): GatewayError {
    const isRefusal = NOT_ACCEPTED.has(error.code);
    if (!isRefusal && !(NO_RESPONSE.has(error.code) && this.attempts.at(-1)?.status === null)) return error;
    const failed = this.attempts.filter(isRetryable);
    const reported =
      failed.findLast(({ status }) => status === 429) ??
      failed.findLast(({ status }) => status !== null) ??
      (isRefusal ? failed.findLast(({ errorCode }) => UNREACHABLE.has(errorCode)) : undefined);
    if (!reported) return error;
    const outcome = reported.status === 429 ? 'is busy' : 'failed';
    const detail = `${reported.model} ${outcome}, and no other target of "${this.requestedModel}" accepted this call: ${error.detail}`;
    if (reported.status === 429)
      return new GatewayError('rate_limited', detail, { retryAfterSeconds: this.#shortestWait ?? undefined });
    if (reported.status !== null) return new GatewayError('upstream_error', detail, { status: reported.status });
    return new GatewayError(
      reported.errorCode === 'upstream_timeout' ? 'upstream_timeout' : 'upstream_unreachable',
      detail,
    );
  }
}

/** Error codes of a target that could not be reached just now. */
const UNREACHABLE: ReadonlySet<string | null> = new Set<ErrorCode>(['upstream_unreachable', 'upstream_timeout']);

/** Throws for a name that leads to another path of the vendor (`../files`, `a?b`): it does not name a model. */
function checkCallable(target: Target, { adapter, model }: RouteTarget): Target {
  if (CALLS.has(target.operation.rule.class)) return target;
  const shortName = model.length > 100 ? `${model.slice(0, 100)}…` : model;
  throw new GatewayError('model_not_found', `No model of ${adapter.displayName} can be called "${shortName}".`);
}

export const toCooldownKey = ({ adapter, model, usedKeyId }: RouteTarget): CooldownKey => ({
  provider: adapter.id,
  model,
  providerKeyId: usedKeyId,
});

export const toAttempt = (
  { adapter, model, providerKeyId }: Omit<RouteTarget, 'usedKeyId'>,
  errorCode: string | null,
): Attempt => ({
  model: `${adapter.id}:${model}`,
  providerKeyId,
  status: null,
  errorCode,
});
