import type { ErrorCode } from '../../platform/errors/error-catalogue.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { ProviderKeyId } from '../../platform/ids.js';
import type { OperationClass, ProviderAdapter } from '../../providers/provider-adapter.js';
import type { Route, Target } from '../../proxy/target.js';
import type { Attempt } from '../../usage/interaction-record.js';

/** What the Model Router asks of providers. */
const CALLS: ReadonlySet<OperationClass> = new Set(['inference', 'token_counting']);

/** Why a call goes on to the next place without having been sent: this one cannot take it as it is. */
const CANNOT_TAKE: ReadonlySet<ErrorCode> = new Set(['unsupported_parameter', 'model_not_found']);

/** A place where a call may go, before the call is worded for it. */
export interface Candidate {
  readonly adapter: ProviderAdapter;
  /** As the provider names it. */
  readonly model: string;
  /** The stored key that has to be used; null: the caller's for the provider. */
  readonly providerKeyId: ProviderKeyId | null;
}

/** Candidates in the order of trying. The call is worded for each only when its turn comes. */
export class ModelRoute implements Route {
  readonly attempts: Attempt[];
  #at = 0;
  #isOpen = false;
  /** Of the first place that could not take the call. */
  #refusal: GatewayError | null = null;

  /** `passedOver`: what was left out beforehand, for the record. */
  constructor(
    readonly requestedModel: string,
    private readonly candidates: readonly Candidate[],
    private readonly word: (candidate: Candidate) => Target | Promise<Target>,
    passedOver: readonly Attempt[] = [],
  ) {
    this.attempts = [...passedOver];
  }

  get hasNext(): boolean {
    return this.#at < this.candidates.length;
  }

  next(): Target | Promise<Target> {
    const candidate = this.candidates[this.#at++]!;
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

  ended(outcome: Pick<Attempt, 'status' | 'errorCode' | 'providerKeyId'>): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.attempts.push({ ...this.attempts.pop()!, ...outcome });
  }

  #passOver(error: unknown): Target | Promise<Target> {
    if (!(error instanceof GatewayError) || !CANNOT_TAKE.has(error.code)) throw error;
    this.#refusal ??= error;
    if (this.#at === 1 && !this.hasNext) throw error;
    this.ended({ status: null, errorCode: error.code, providerKeyId: null });
    if (this.hasNext) return this.next();
    throw this.#lastWord(this.#refusal);
  }

  /** Nothing is left: the client is to try again where a place could have taken the call, and to mend it where none could. */
  #lastWord(refusal: GatewayError): GatewayError {
    const failed = this.attempts.findLast(mayComeBack);
    if (!failed) return refusal;
    const [code, how] =
      failed.status === 429 ? (['rate_limited', 'is busy'] as const) : (['upstream_unreachable', 'failed'] as const);
    return new GatewayError(
      code,
      `${failed.model} ${how}, and the other places of "${this.requestedModel}" cannot take this call: ${refusal.detail}`,
    );
  }
}

/** It was asked, or could not be reached. */
const mayComeBack = ({ status, errorCode }: Attempt): boolean =>
  status !== null || errorCode === 'upstream_unreachable' || errorCode === 'upstream_timeout';

/** A name that leads to another of the vendor's paths (`../files`, `a?b`) is no model's. */
function callable(target: Target, { adapter, model }: Candidate): Target {
  if (CALLS.has(target.operation.rule.class)) return target;
  const shown = model.length > 100 ? `${model.slice(0, 100)}…` : model;
  throw new GatewayError('model_not_found', `No model of ${adapter.displayName} can be called "${shown}".`);
}

export const attemptAt = ({ adapter, model, providerKeyId }: Candidate, errorCode: string | null): Attempt => ({
  model: `${adapter.id}:${model}`,
  providerKeyId,
  status: null,
  errorCode,
});
