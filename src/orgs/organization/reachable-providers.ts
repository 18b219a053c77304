import { Injectable } from '@nestjs/common';
import type { KeySource } from '../../auth/callers/caller.js';

type FindReachableProviders = (source: KeySource) => Promise<ReadonlySet<string>>;

/**
 * Returns the providers that a caller has a key for. The module that stores the keys registers its implementation at
 * the start.
 */
@Injectable()
export class ReachableProviders {
  #findProviders: FindReachableProviders = async () => new Set();

  register(findProviders: FindReachableProviders): void {
    this.#findProviders = findProviders;
  }

  find(source: KeySource): Promise<ReadonlySet<string>> {
    return this.#findProviders(source);
  }
}
