import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { ProviderKeyId } from '../../platform/ids.js';
import type { OperationClass, ProviderAdapter } from '../../providers/provider-adapter.js';
import type { Route, Target } from '../../proxy/target.js';
import type { Attempt } from '../../usage/interaction-record.js';

/** What the Model Router asks of providers. */
const CALLS: ReadonlySet<OperationClass> = new Set(['inference', 'token_counting']);

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
    const worded = this.word(candidate);
    if (worded instanceof Promise) return worded.then((target) => callable(target, candidate));
    return callable(worded, candidate);
  }

  ended(outcome: Pick<Attempt, 'status' | 'errorCode' | 'providerKeyId'>): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.attempts.push({ ...this.attempts.pop()!, ...outcome });
  }
}

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
