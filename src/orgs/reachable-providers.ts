import { Injectable } from '@nestjs/common';
import type { KeySource } from '../auth/caller.js';

type ProvidersOf = (source: KeySource) => Promise<ReadonlySet<string>>;

/** Which providers a caller has a key for. The room that keeps the keys answers; it registers itself at the start. */
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
