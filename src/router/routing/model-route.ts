import type { ProviderKeyId } from '../../platform/ids.js';
import type { ProviderAdapter } from '../../providers/provider-adapter.js';
import type { Route, Target } from '../../proxy/target.js';
import type { Attempt } from '../../usage/interaction-record.js';

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
    return this.word(candidate);
  }

  ended(outcome: Pick<Attempt, 'status' | 'errorCode' | 'providerKeyId'>): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.attempts.push({ ...this.attempts.pop()!, ...outcome });
  }
}

export const attemptAt = ({ adapter, model, providerKeyId }: Candidate, errorCode: string | null): Attempt => ({
  model: `${adapter.id}:${model}`,
  providerKeyId,
  status: null,
  errorCode,
});
