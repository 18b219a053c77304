import { ContentCapture } from '../content/content-capture.js';
import { Screening } from '../policy/guardrails/screening.js';
import type { Exchange } from './exchange.js';

/**
 * The client's body as the guardrails of its LLM proxy let it go on; null is an upload, which they do not read. Content is
 * kept of what they let pass alone. Throws `guardrail_blocked`.
 */
export function screenedRequest<Body extends Buffer | null>(exchange: Exchange, body: Body): Body | Buffer {
  exchange.screening = Screening.of(exchange.proxy!.policy);
  const screened = exchange.screening === null || body === null ? body : exchange.screening.request(body);
  exchange.capture = ContentCapture.of(exchange.proxy!, screened);
  return screened;
}
