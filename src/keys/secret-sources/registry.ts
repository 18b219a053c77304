import { Injectable } from '@nestjs/common';
import type { Secret } from '../../platform/crypto/secret.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { SecretSource } from './secret-source.js';

/** The stores outside the database that can hold a provider key, by the scheme of its `secretRef`. */
@Injectable()
export class SecretSources {
  readonly #byScheme: ReadonlyMap<string, SecretSource>;

  constructor(sources: readonly SecretSource[]) {
    this.#byScheme = new Map(sources.map((source) => [source.scheme, source]));
  }

  get schemes(): readonly string[] {
    return [...this.#byScheme.keys()];
  }

  /** Returns what is wrong with a reference, or null. Makes no external call. */
  findProblem(reference: string): string | null {
    const source = this.#byScheme.get(reference.slice(0, reference.indexOf(':')));
    if (source) return source.findProblem(reference);
    return `The reference must begin with ${this.schemes.map((scheme) => `${scheme}:`).join(' or ')}.`;
  }

  /** Reads the secret that `reference` (`<scheme>:…`) names. Throws `provider_key_unavailable`. */
  async read(reference: string): Promise<Secret> {
    const source = this.#byScheme.get(reference.slice(0, reference.indexOf(':')));
    if (source) return source.read(reference);
    throw new GatewayError(
      'provider_key_unavailable',
      'The stored provider key cannot be read. Ask your administrator to check its secretRef.',
      {
        internal: `no secret source for ${reference}`,
      },
    );
  }
}
