import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { Secret } from '../../platform/crypto/secret.js';

/**
 * A store outside the database that can hold a provider key. A reference names one secret in it:
 * `env:LLM_SECRET_OPENAI`, `vault:kv/llm/openai#key`. Sources do not cache: the caller decides how long the secret may
 * be used.
 */
export interface SecretSource {
  /** The scheme of its references: the part before the first colon. */
  readonly scheme: string;

  /**
   * Returns what is wrong with a reference, as a sentence for the user who saves it, or null. Makes no external call.
   */
  findProblem(reference: string): string | null;

  /**
   * Reads the secret now.
   *
   * @param reference with its scheme
   * @throws GatewayError `provider_key_unavailable`; the reason and the internal text say why, the detail names nothing
   */
  read(reference: string): Promise<Secret>;
}

/**
 * The only failure of every source. Callers of an LLM route see it, so the detail names neither source nor reference.
 */
export function unavailable(reason: string, internal: string, cause?: unknown): GatewayError {
  return new GatewayError(
    'provider_key_unavailable',
    'The provider key cannot be read from its external store. Ask your administrator to check it.',
    { reason, internal, cause },
  );
}

/** Returns the part of a reference after its scheme, or null if it belongs to another source. */
export function stripScheme(scheme: string, reference: string): string | null {
  return reference.startsWith(`${scheme}:`) ? reference.slice(scheme.length + 1) : null;
}
