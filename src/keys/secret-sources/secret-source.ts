import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { Secret } from '../../platform/crypto/secret.js';

/**
 * A place outside the database where a provider key can live. A reference names one secret in it: `env:LLM_SECRET_OPENAI`,
 * `vault:kv/llm/openai#key`. Nothing is kept here: whoever reads decides for how long the secret may be used.
 */
export interface SecretSource {
  /** What stands before the first colon of its references. */
  readonly scheme: string;

  /** For whoever saves a reference: what is wrong with it, as a sentence for that person, or null. Touches nothing outside. */
  problemWith(reference: string): string | null;

  /**
   * Reads the secret now.
   *
   * @param reference with its scheme
   * @throws GatewayError `provider_key_unavailable`; the reason and the internal text say why, the detail names nothing
   */
  read(reference: string): Promise<Secret>;
}

/** The one failure of every source. Callers of an LLM route see it, so the detail names neither place nor reference. */
export function unavailable(reason: string, internal: string, cause?: unknown): GatewayError {
  return new GatewayError(
    'provider_key_unavailable',
    'The provider key cannot be read from where it is kept. Ask your administrator to look at it.',
    { reason, internal, cause },
  );
}

/** What follows the scheme of a reference, or null if it is another source's. */
export function afterScheme(scheme: string, reference: string): string | null {
  return reference.startsWith(`${scheme}:`) ? reference.slice(scheme.length + 1) : null;
}
