/** Prepares a whole response of a provider for its caller. */
import { createUntranslatableError } from './errors.js';
import { maskSecret } from './secret-mask.js';
import type { LlmCall } from '../call/llm-call.js';

/** Masks the stored key in a provider's error, because the key is not the caller's. */
export function maskKeyForCaller({ outcome, credential }: LlmCall, response: Buffer): Buffer {
  const { providerKeyId, secret } = credential!;
  return outcome === 'upstream_error' && providerKeyId !== null ? maskSecret(response, secret) : response;
}

/** Returns the vendor's header of a lower-case name. */
type Header = (name: string) => string | null;

/**
 * Returns the status that the body means if it is an inference error with a status of success; null if it is a
 * response.
 */
export function readFailedStatus(
  { status, upstreamDialect, operation }: LlmCall,
  body: Buffer,
  header: Header,
): number | null {
  const isInference = operation!.rule.class === 'inference' || operation!.rule.class === 'token_counting';
  return status < 300 && isInference ? upstreamDialect.readFailedStatus(body, header) : null;
}

/** Translates the body if the client speaks another dialect. Throws for a body that is not a response of the vendor. */
export function translateForClient({ target, status, info }: LlmCall, body: Buffer, header: Header): Buffer {
  const translation = target?.translation;
  if (!translation) return target?.restoration?.restore(body) ?? body;
  if (status >= 300) return Buffer.from(translation.translateError(status, body, (name) => header(name) ?? undefined));
  try {
    // A client that waits for events would take it for an empty stream.
    if (info.streaming) throw new TypeError('the response is not a stream');
    return Buffer.from(translation.translateResponse(body));
  } catch (cause) {
    throw createUntranslatableError(cause);
  }
}
