/** Prepares a whole response of a provider for its caller. */
import { notTranslatable } from './errors.js';
import { withoutSecret } from './secret-mask.js';
import type { Exchange } from '../call/llm-call.js';

/** Masks the stored key in a provider's error, because the key is not the caller's. */
export function forCaller({ outcome, credential }: Exchange, answer: Buffer): Buffer {
  const { providerKeyId, secret } = credential!;
  return outcome === 'upstream_error' && providerKeyId !== null ? withoutSecret(answer, secret) : answer;
}

/** Returns the vendor's header of a lower-case name. */
type Header = (name: string) => string | null;

/**
 * Returns the status that the body means if it is an inference error with a status of success; null if it is a
 * response.
 */
export function failedStatus(
  { status, upstreamDialect, operation }: Exchange,
  body: Buffer,
  header: Header,
): number | null {
  const isInference = operation!.rule.class === 'inference' || operation!.rule.class === 'token_counting';
  return status < 300 && isInference ? upstreamDialect.failedStatus(body, header) : null;
}

/** Translates the body if the client speaks another dialect. Throws for a body that is not a response of the vendor. */
export function inClientsLanguage({ target, status, facts }: Exchange, body: Buffer, header: Header): Buffer {
  const translation = target?.translation;
  if (!translation) return target?.restoration?.whole(body) ?? body;
  if (status >= 300) return Buffer.from(translation.error(status, body, (name) => header(name) ?? undefined));
  try {
    // A client that waits for events would take it for an empty stream.
    if (facts.streaming) throw new TypeError('the answer is no stream');
    return Buffer.from(translation.answer(body));
  } catch (cause) {
    throw notTranslatable(cause);
  }
}
