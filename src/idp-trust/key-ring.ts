import type { VerificationKey } from './verification-key.js';

/** Which key a token asks for. `kid` null: it does not say. */
export interface WantedKey {
  readonly kid: string | null;
  readonly alg: string;
}

/** The keys of one provider at one time. Immutable. */
export class KeyRing {
  readonly #byKid = new Map<string, VerificationKey[]>();

  constructor(readonly keys: readonly VerificationKey[]) {
    for (const key of keys) {
      if (key.kid === null) continue;
      const same = this.#byKid.get(key.kid);
      if (same) same.push(key);
      else this.#byKid.set(key.kid, [key]);
    }
  }

  get ids(): string[] {
    return this.keys.map(({ id }) => id);
  }

  has(kid: string): boolean {
    return this.#byKid.has(kid);
  }

  /** The key of that name that can verify `alg`; without a name the only one that can. Null: none, or more than one. */
  pick({ kid, alg }: WantedKey): VerificationKey | null {
    const named = kid === null ? this.keys : (this.#byKid.get(kid) ?? []);
    const fitting = named.filter(({ algorithms }) => algorithms.includes(alg));
    return fitting.length === 1 ? fitting[0]! : null;
  }
}
