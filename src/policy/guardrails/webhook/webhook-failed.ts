import type { GuardrailFailure } from '../../../orgs/guardrail.js';

/** A webhook gave no usable word. What comes of it is for the guardrail's `onFailure` to say. */
export class WebhookFailed extends Error {
  constructor(readonly failure: GuardrailFailure) {
    super(`the webhook of a guardrail failed: ${failure}`);
  }
}
