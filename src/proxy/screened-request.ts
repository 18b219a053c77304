import { Screening } from '../policy/guardrails/screening.js';
import type { Exchange } from './exchange.js';

/** The client's body as the guardrails of its LLM proxy let it go on; null is an upload, which they do not read. Throws `guardrail_blocked`. */
export function screenedRequest<Body extends Buffer | null>(exchange: Exchange, body: Body): Body | Buffer {
  exchange.screening = Screening.of(exchange.proxy!.policy);
  return exchange.screening === null || body === null ? body : exchange.screening.request(body);
}
