/** A whole answer of a provider, as its caller is to see it. */
import { notTranslatable } from './answer-faults.js';
import { withoutSecret } from './echoed-secret.js';
import type { Exchange } from './exchange.js';
import { headerIn } from './forwarded-headers.js';

/** An error of the provider does not tell the caller somebody else's key. */
export function forCaller({ status, credential }: Exchange, answer: Buffer): Buffer {
  const { providerKeyId, secret } = credential!;
  return status >= 400 && providerKeyId !== null ? withoutSecret(answer, secret) : answer;
}

/** Translated where the client speaks another language. `headers`: the vendor's, flat. Throws for what is no answer of the vendor's. */
export function inClientsLanguage(
  { target, status, facts }: Exchange,
  body: Buffer,
  headers: readonly string[],
): Buffer {
  const translation = target?.translation;
  if (!translation) return target?.restoration?.whole(body) ?? body;
  const header = (name: string): string | undefined => headerIn(headers, name) ?? undefined;
  if (status >= 300) return Buffer.from(translation.error(status, body, header));
  try {
    // Who waits for events would take it for a stream without any.
    if (facts.streaming) throw new TypeError('the answer is no stream');
    return Buffer.from(translation.answer(body));
  } catch (cause) {
    throw notTranslatable(cause);
  }
}
