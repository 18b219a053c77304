import type { GuardrailFailure } from '../../../orgs/llm-proxies/policy/guardrail.js';

/** The webhook returned no usable verdict. `onFailure` of the guardrail decides what follows. */
export class WebhookError extends Error {
  constructor(readonly failure: GuardrailFailure) {
    super(`the webhook of a guardrail failed: ${failure}`);
  }
}
