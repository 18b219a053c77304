import type { VerificationKey } from './verification-key.js';

/** The key that a token requests. `kid` null: the token names none. */
export interface WantedKey {
  readonly kid: string | null;
  readonly alg: string;
}

/** The keys of one provider at one point in time. Immutable. */
export class KeyRing {
  readonly #byKid = new Map<string, VerificationKey[]>();

  constructor(readonly keys: readonly VerificationKey[]) {
    for (const key of keys) {
      if (key.kid === null) continue;
      const keysWithKid = this.#byKid.get(key.kid);
      if (keysWithKid) keysWithKid.push(key);
      else this.#byKid.set(key.kid, [key]);
    }
  }

  get ids(): string[] {
    return this.keys.map(({ id }) => id);
  }

  has(kid: string): boolean {
    return this.#byKid.has(kid);
  }

  /**
   * Returns the key of that name that can verify `alg`; without a name, the only key that can. Null: none, or more than
   * one.
   */
  pick({ kid, alg }: WantedKey): VerificationKey | null {
    const candidates = kid === null ? this.keys : (this.#byKid.get(kid) ?? []);
    const matching = candidates.filter(({ algorithms }) => algorithms.includes(alg));
    return matching.length === 1 ? matching[0]! : null;
  }
}
