/**
 * The webhook guardrail of one call: sends its questions and applies its verdicts. One instance per call, if the proxy
 * has one.
 */
import { isUtf8 } from 'node:buffer';
import type { WebhookGuardrail } from '../../../orgs/llm-proxies/policy/guardrail.js';
import { createWebhookBlockedError, createWebhookUnavailableError, type Decisions } from '../text/decisions.js';
import { removeLogprobs } from '../text/log-probabilities.js';
import { findChangedSpan } from './changed-span.js';
import { extractTexts, applyTexts } from './document-texts.js';
import type { GuardedProxy, GuardrailWebhookClient } from './client.js';
import type { WebhookRequestCall, WebhookRequestText, WebhookRequest } from './request.js';
import type { WebhookDecision } from './decision.js';
import { WebhookError } from './error.js';

/** The webhook to ask, for which LLM proxy and about which call. */
export interface WebhookContext {
  readonly webhook: GuardrailWebhookClient;
  readonly proxy: GuardedProxy;
  /** The call as it is known when the question is sent. */
  readonly call: () => WebhookRequestCall;
}

const NO_CHANGES: ReadonlyMap<string, string> = new Map();

export class WebhookGuardrailRun {
  constructor(
    private readonly guardrail: WebhookGuardrail,
    private readonly context: WebhookContext,
    private readonly decisions: Decisions,
  ) {}

  appliesTo(on: WebhookRequest['on']): boolean {
    return this.guardrail.on === on || this.guardrail.on === 'both';
  }

  /**
   * Returns a whole document after the verdict; the same bytes if nothing is redacted. Rejects with
   * `guardrail_blocked`.
   */
  async checkDocument(on: WebhookRequest['on'], body: Buffer): Promise<Buffer> {
    const encoding = isUtf8(body) ? 'utf8' : 'latin1';
    const document = body.toString(encoding);
    const changes = await this.check(on, extractTexts(document));
    if (changes.size === 0) return body;
    const changed = applyTexts(document, changes);
    return Buffer.from(on === 'answer' ? removeLogprobs(changed) : changed, encoding);
  }

  /** Returns the replacement texts by their pointers. Rejects with `guardrail_blocked`. */
  async check(on: WebhookRequest['on'], texts: readonly WebhookRequestText[]): Promise<ReadonlyMap<string, string>> {
    if (texts.length === 0) return NO_CHANGES;
    const { name: guardrail, onFailure } = this.guardrail;
    const { webhook, proxy, call } = this.context;
    try {
      const request = { on, guardrail, call: call(), texts };
      return this.#apply(await webhook.requestDecision(proxy, this.guardrail, request), request);
    } catch (error) {
      if (!(error instanceof WebhookError)) throw error;
      const { failure } = error;
      const action = onFailure === 'block' ? 'block' : 'flag';
      this.decisions.add({ guardrail, action, on, ...getPosition(texts), failure });
      if (action === 'block') throw createWebhookUnavailableError(guardrail, on);
      return NO_CHANGES;
    }
  }

  #apply(decision: WebhookDecision, { on, guardrail, texts }: WebhookRequest): ReadonlyMap<string, string> {
    const reasonField = decision.reason === null ? {} : { reason: decision.reason };
    switch (decision.action) {
      case 'allow':
        return NO_CHANGES;
      case 'flag':
        this.decisions.add({ guardrail, action: 'flag', on, ...getPosition(texts), ...reasonField });
        return NO_CHANGES;
      case 'block':
        this.decisions.add({ guardrail, action: 'block', on, ...getPosition(texts), ...reasonField });
        throw createWebhookBlockedError(guardrail, on, decision.reason);
      case 'redact':
        for (const { pointer, offset, text } of texts) {
          const span = findChangedSpan(text, decision.texts.get(pointer) ?? text);
          if (!span) continue;
          const position = { pointer, offset: offset + span.start, length: span.end - span.start };
          this.decisions.add({ guardrail, action: 'redact', on, ...position, ...reasonField });
        }
        return decision.texts;
    }
  }
}

/** A decision about several texts has no single position. */
const getPosition = (texts: readonly WebhookRequestText[]) => ({
  pointer: texts.length === 1 ? texts[0]!.pointer : '',
  offset: texts.length === 1 ? texts[0]!.offset : 0,
  length: texts.length === 1 ? texts[0]!.text.length : 0,
});
