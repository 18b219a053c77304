/**
 * The webhook guardrail of one call: sends its questions and applies its verdicts. One instance per call, if the proxy
 * has one.
 */
import { isUtf8 } from 'node:buffer';
import type { WebhookGuardrail } from '../../../orgs/llm-proxies/policy/guardrail.js';
import { webhookBlocked, webhookUnheard, type Decisions } from '../text/decisions.js';
import { withoutLogprobs } from '../text/log-probabilities.js';
import { changedSpan } from './changed-span.js';
import { textsOf, withTexts } from './document-texts.js';
import type { AskingProxy, GuardrailWebhook } from './client.js';
import type { AskedCall, AskedText, Question } from './question.js';
import type { Verdict } from './decision.js';
import { WebhookFailed } from './error.js';

/** The webhook to ask, for which LLM proxy and about which call. */
export interface Asking {
  readonly webhook: GuardrailWebhook;
  readonly proxy: AskingProxy;
  /** The call as it is known when the question is sent. */
  readonly call: () => AskedCall;
}

const NO_CHANGES: ReadonlyMap<string, string> = new Map();

export class WebhookScreening {
  constructor(
    private readonly guardrail: WebhookGuardrail,
    private readonly asking: Asking,
    private readonly decisions: Decisions,
  ) {}

  looksAt(on: Question['on']): boolean {
    return this.guardrail.on === on || this.guardrail.on === 'both';
  }

  /**
   * Returns a whole document after the verdict; the same bytes if nothing is redacted. Rejects with
   * `guardrail_blocked`.
   */
  async document(on: Question['on'], body: Buffer): Promise<Buffer> {
    const encoding = isUtf8(body) ? 'utf8' : 'latin1';
    const document = body.toString(encoding);
    const changes = await this.judge(on, textsOf(document));
    if (changes.size === 0) return body;
    const shown = withTexts(document, changes);
    return Buffer.from(on === 'answer' ? withoutLogprobs(shown) : shown, encoding);
  }

  /** Returns the replacement texts by their pointers. Rejects with `guardrail_blocked`. */
  async judge(on: Question['on'], texts: readonly AskedText[]): Promise<ReadonlyMap<string, string>> {
    if (texts.length === 0) return NO_CHANGES;
    const { name: guardrail, onFailure } = this.guardrail;
    const { webhook, proxy, call } = this.asking;
    try {
      const question = { on, guardrail, call: call(), texts };
      return this.#heed(await webhook.ask(proxy, this.guardrail, question), question);
    } catch (error) {
      if (!(error instanceof WebhookFailed)) throw error;
      const { failure } = error;
      const action = onFailure === 'block' ? 'block' : 'flag';
      this.decisions.add({ guardrail, action, on, ...placeOf(texts), failure });
      if (action === 'block') throw webhookUnheard(guardrail, on);
      return NO_CHANGES;
    }
  }

  #heed(verdict: Verdict, { on, guardrail, texts }: Question): ReadonlyMap<string, string> {
    const why = verdict.reason === null ? {} : { reason: verdict.reason };
    switch (verdict.action) {
      case 'allow':
        return NO_CHANGES;
      case 'flag':
        this.decisions.add({ guardrail, action: 'flag', on, ...placeOf(texts), ...why });
        return NO_CHANGES;
      case 'block':
        this.decisions.add({ guardrail, action: 'block', on, ...placeOf(texts), ...why });
        throw webhookBlocked(guardrail, on, verdict.reason);
      case 'redact':
        for (const { pointer, offset, text } of texts) {
          const span = changedSpan(text, verdict.texts.get(pointer) ?? text);
          if (!span) continue;
          const place = { pointer, offset: offset + span.start, length: span.end - span.start };
          this.decisions.add({ guardrail, action: 'redact', on, ...place, ...why });
        }
        return verdict.texts;
    }
  }
}

/** A decision about several texts has no single position. */
const placeOf = (texts: readonly AskedText[]) => ({
  pointer: texts.length === 1 ? texts[0]!.pointer : '',
  offset: texts.length === 1 ? texts[0]!.offset : 0,
  length: texts.length === 1 ? texts[0]!.text.length : 0,
});
