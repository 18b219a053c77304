/** Prepares webhook guardrails: checks the address, and creates the secret of the LLM proxy. */
import { Injectable } from '@nestjs/common';
import { SealedBox } from '../../platform/crypto/sealed-box.js';
import type { Secret } from '../../platform/crypto/secret.js';
import { mintWebhookSecret } from '../../platform/crypto/webhook-signature.js';
import { Egress } from '../../platform/egress/egress.js';
import { createGuardrailSealContext, isWebhookGuardrail } from './policy/guardrail.js';
import { listTextGuardrails } from './guardrails/guardrails.dto.js';
import type { LlmProxyPolicy } from './policy/llm-proxy.js';
import type { LlmProxyPolicyBody } from './llm-proxies.dto.js';
import type { LlmProxyEntity } from './llm-proxy.entity.js';
import { conflict } from '../../admin-api/refusals.js';

@Injectable()
export class GuardrailSetup {
  constructor(
    private readonly egress: Egress,
    private readonly box: SealedBox,
  ) {}

  /** Throws `validation_failed` for an address that may not be reached. */
  checkAddresses(policy: LlmProxyPolicyBody | null | undefined): void {
    for (const [pointer, { url }] of listTextGuardrails(policy?.guardrails))
      if (url) this.egress.checkUrl(url, `${pointer}/url`);
  }

  /**
   * Creates the secret where one is needed now, and removes it where it is not. Returns a new secret, to be shown once,
   * or null.
   */
  updateSecret(proxy: LlmProxyEntity): Secret | null {
    if (!hasWebhookGuardrail(proxy)) {
      proxy.sealedGuardrailSecret = null;
      return null;
    }
    return proxy.sealedGuardrailSecret === null ? this.#renew(proxy) : null;
  }

  /** Returns a new secret. Throws `conflict` for an LLM proxy without a webhook guardrail. */
  rotateSecret(proxy: LlmProxyEntity): Secret {
    if (!hasWebhookGuardrail(proxy)) throw conflict('This LLM proxy has no guardrail with the detector "webhook".');
    return this.#renew(proxy);
  }

  #renew(proxy: LlmProxyEntity): Secret {
    const secret = mintWebhookSecret();
    proxy.sealedGuardrailSecret = this.box.seal(secret, createGuardrailSealContext(proxy.id));
    return secret;
  }
}

const hasWebhookGuardrail = ({ policy }: LlmProxyEntity): boolean =>
  (policy as LlmProxyPolicy).guardrails?.some(isWebhookGuardrail) ?? false;
