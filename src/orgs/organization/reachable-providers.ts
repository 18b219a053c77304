import { Injectable } from '@nestjs/common';
import type { KeySource } from '../../auth/callers/caller.js';

type ProvidersOf = (source: KeySource) => Promise<ReadonlySet<string>>;

/**
 * Returns the providers that a caller has a key for. The module that stores the keys registers its implementation at
 * the start.
 */
@Injectable()
export class ReachableProviders {
  #providersOf: ProvidersOf = async () => new Set();

  register(providersOf: ProvidersOf): void {
    this.#providersOf = providersOf;
  }

  of(source: KeySource): Promise<ReadonlySet<string>> {
    return this.#providersOf(source);
  }
}
