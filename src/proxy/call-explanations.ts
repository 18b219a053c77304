/**
 * Explanations of calls as they are made, for callers who may have them and ask (`x-gateway-explain: 1`). The room that
 * explains registers itself; what it says stands in the head of the answer, whatever that is.
 */
import { Injectable } from '@nestjs/common';
import type { Exchange } from './exchange.js';

export const EXPLAIN_HEADER = 'x-gateway-explain';

/** The explanation of a call so far, worded for a header; null: none that fits. Must not throw. */
type ExplainCall = (exchange: Exchange, body: Buffer | null) => Promise<string | null>;

@Injectable()
export class CallExplanations {
  #explain: ExplainCall = async () => null;

  register(explain: ExplainCall): void {
    this.#explain = explain;
  }

  /** Whether the call asks for it, and its user may read explanations. */
  isWanted({ request, caller }: Pick<Exchange, 'request' | 'caller'>): boolean {
    return request.raw.headers[EXPLAIN_HEADER] === '1' && caller.permissions.has('explain:read');
  }

  /** `body` as the client sent it; null: not read. */
  async add(exchange: Exchange, body: Buffer | null): Promise<void> {
    const text = await this.#explain(exchange, body);
    if (text !== null && !exchange.response.headersSent) exchange.response.setHeader(EXPLAIN_HEADER, text);
  }
}
