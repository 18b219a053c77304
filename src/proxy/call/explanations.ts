/**
 * Explanations of calls as they are made, for callers with the permission who ask for one (`x-gateway-explain: 1`). The
 * module that explains registers itself here. The explanation is in the head of every response, errors included.
 */
import { Injectable } from '@nestjs/common';
import type { LlmCall } from './llm-call.js';

export const EXPLAIN_HEADER = 'x-gateway-explain';

/** Returns the explanation of a call so far, as a header value; null if none fits. Must not throw. */
type ExplainCall = (call: LlmCall, body: Buffer | null) => Promise<string | null>;

@Injectable()
export class CallExplanations {
  #explain: ExplainCall = async () => null;

  register(explain: ExplainCall): void {
    this.#explain = explain;
  }

  /** Whether the call asks for an explanation and its user may read explanations. */
  isWanted({ request, caller }: Pick<LlmCall, 'request' | 'caller'>): boolean {
    return request.raw.headers[EXPLAIN_HEADER] === '1' && caller.permissions.has('explain:read');
  }

  /** Adds the explanation to the head of the response. `body`: as the client sent it; null if it was not read. */
  async add(call: LlmCall, body: Buffer | null): Promise<void> {
    const text = await this.#explain(call, body);
    if (text !== null && !call.response.headersSent) call.response.setHeader(EXPLAIN_HEADER, text);
  }
}
