import type { ErrorCode } from '../../platform/errors/error-catalogue.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { ProviderKeyId } from '../../platform/ids.js';
import type { OperationClass, ProviderAdapter } from '../../providers/contract/provider-adapter.js';
import { isPlaceFailure, NO_ANSWER } from '../../proxy/call/retryable-failure.js';
import type { Route, Target } from '../../proxy/call/target.js';
import type { Attempt } from '../../usage/recording/interaction-record.js';
import type { HeldPlaces, Place } from './target-cooldown.js';

/** Classes of operations that the Model Router calls at providers. */
const CALLS: ReadonlySet<OperationClass> = new Set(['inference', 'token_counting']);

/**
 * Error codes for which a call continues with the next target without having been sent: this target cannot take it as
 * it is.
 */
const CANNOT_TAKE: ReadonlySet<ErrorCode> = new Set(['unsupported_parameter', 'model_not_found']);

/** A target of a call, before the upstream request is built for it. */
export interface Candidate {
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
  #at = 0;
  #isOpen = false;
  /** See `HeldPlaces.mark`. */
  #mark = 0;
  #leastWait: number | null = null;
  /** Error of the first target that could not take the call. */
  #refusal: GatewayError | null = null;

  /** `passedOver`: targets that were skipped beforehand, for the record. */
  constructor(
    readonly requestedModel: string,
    private readonly candidates: readonly Candidate[],
    private readonly word: (candidate: Candidate) => Target | Promise<Target>,
    private readonly held: HeldPlaces,
    passedOver: readonly Attempt[] = [],
  ) {
    this.attempts = [...passedOver];
  }

  get hasNext(): boolean {
    return this.#at < this.candidates.length;
  }

  get leastWaitSeconds(): number | null {
    return this.#leastWait;
  }

  next(): Target | Promise<Target> {
    const candidate = this.candidates[this.#at++]!;
    this.#mark = this.held.mark;
    this.attempts.push(attemptAt(candidate, null));
    this.#isOpen = true;
    try {
      const worded = this.word(candidate);
      if (!(worded instanceof Promise)) return callable(worded, candidate);
      return worded.then((target) => callable(target, candidate)).catch((error: unknown) => this.#passOver(error));
    } catch (error) {
      return this.#passOver(error);
    }
  }

  ended(outcome: Pick<Attempt, 'status' | 'errorCode' | 'providerKeyId'>, waitSeconds: number | null = null): void {
    if (!this.#isOpen) return;
    const { status } = outcome;
    // A successful response may still contain an error.
    this.#isOpen = status !== null && status < 300;
    this.attempts.push({ ...this.attempts.pop()!, ...outcome });
    if (!isPlaceFailure(outcome)) return;
    this.held.failed(this.#placeOf(outcome.providerKeyId), this.#mark, waitSeconds);
    if (waitSeconds !== null) this.#leastWait = Math.min(waitSeconds, this.#leastWait ?? waitSeconds);
  }

  answered(): void {
    const last = this.attempts.at(-1);
    if (last && last.status !== null && !isPlaceFailure(last))
      this.held.worked(this.#placeOf(last.providerKeyId), this.#mark);
  }

  #placeOf(providerKeyId: ProviderKeyId | null): Place {
    const place = placeOf(this.candidates[this.#at - 1]!);
    return providerKeyId === null ? place : { ...place, providerKeyId };
  }

  #passOver(error: unknown): Target | Promise<Target> {
    if (!(error instanceof GatewayError) || !CANNOT_TAKE.has(error.code)) throw error;
    this.#refusal ??= error;
    if (this.#at === 1 && !this.hasNext) throw error;
    this.ended({ status: null, errorCode: error.code, providerKeyId: null });
    if (this.hasNext) return this.next();
    throw this.lastWord(this.#refusal);
  }

  lastWord(error: GatewayError): GatewayError {
    const isRefusal = CANNOT_TAKE.has(error.code);
    if (!isRefusal && !(NO_ANSWER.has(error.code) && this.attempts.at(-1)?.status === null)) return error;
    const failed = this.attempts.filter(isPlaceFailure);
    const told =
      failed.findLast(({ status }) => status === 429) ??
      failed.findLast(({ status }) => status !== null) ??
      (isRefusal ? failed.findLast(({ errorCode }) => MAY_COME_BACK.has(errorCode)) : undefined);
    if (!told) return error;
    const how = told.status === 429 ? 'is busy' : 'failed';
    const detail = `${told.model} ${how}, and no other place of "${this.requestedModel}" took this call: ${error.detail}`;
    if (told.status === 429)
      return new GatewayError('rate_limited', detail, { retryAfterSeconds: this.#leastWait ?? undefined });
    if (told.status !== null) return new GatewayError('upstream_error', detail, { status: told.status });
    return new GatewayError(
      told.errorCode === 'upstream_timeout' ? 'upstream_timeout' : 'upstream_unreachable',
      detail,
    );
  }
}

/** Error codes of a target that could not be reached just now. */
const MAY_COME_BACK: ReadonlySet<string | null> = new Set<ErrorCode>(['upstream_unreachable', 'upstream_timeout']);

/** Throws for a name that leads to another path of the vendor (`../files`, `a?b`): it does not name a model. */
function callable(target: Target, { adapter, model }: Candidate): Target {
  if (CALLS.has(target.operation.rule.class)) return target;
  const shown = model.length > 100 ? `${model.slice(0, 100)}…` : model;
  throw new GatewayError('model_not_found', `No model of ${adapter.displayName} can be called "${shown}".`);
}

export const placeOf = ({ adapter, model, usedKeyId }: Candidate): Place => ({
  provider: adapter.id,
  model,
  providerKeyId: usedKeyId,
});

export const attemptAt = (
  { adapter, model, providerKeyId }: Omit<Candidate, 'usedKeyId'>,
  errorCode: string | null,
): Attempt => ({
  model: `${adapter.id}:${model}`,
  providerKeyId,
  status: null,
  errorCode,
});
