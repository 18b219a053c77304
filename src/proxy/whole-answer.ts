/** A whole answer of a provider, as its caller is to see it. */
import { notTranslatable } from './answer-faults.js';
import { withoutSecret } from './echoed-secret.js';
import type { Exchange } from './exchange.js';

/** An error of the provider does not tell the caller somebody else's key. */
export function forCaller({ outcome, credential }: Exchange, answer: Buffer): Buffer {
  const { providerKeyId, secret } = credential!;
  return outcome === 'upstream_error' && providerKeyId !== null ? withoutSecret(answer, secret) : answer;
}

/** The vendor's header by a lower-case name. */
type Header = (name: string) => string | null;

/** The status that the body of an inference means where it is an error that came with success; null: it is a response. */
export function failedStatus(
  { status, upstreamDialect, operation }: Exchange,
  body: Buffer,
  header: Header,
): number | null {
  const isInference = operation!.rule.class === 'inference' || operation!.rule.class === 'token_counting';
  return status < 300 && isInference ? upstreamDialect.failedStatus(body, header) : null;
}

/** Translated where the client speaks another language. Throws for what is no answer of the vendor's. */
export function inClientsLanguage({ target, status, facts }: Exchange, body: Buffer, header: Header): Buffer {
  const translation = target?.translation;
  if (!translation) return target?.restoration?.whole(body) ?? body;
  if (status >= 300) return Buffer.from(translation.error(status, body, (name) => header(name) ?? undefined));
  try {
    // Who waits for events would take it for a stream without any.
    if (facts.streaming) throw new TypeError('the answer is no stream');
    return Buffer.from(translation.answer(body));
  } catch (cause) {
    throw notTranslatable(cause);
  }
}
