/**
 * Owns: the policies of LLM proxies and keys, and the guardrails that check the text of calls. Promises: blocked text
 * is not passed on, and no record or error contains the text that was found; only calls to an LLM proxy with a webhook
 * guardrail wait for an external service. Must not know providers' keys, nor how a call is sent.
 */
import { Module } from '@nestjs/common';
import { GuardrailWebhookClient } from './guardrails/webhook/client.js';

@Module({ providers: [GuardrailWebhookClient], exports: [GuardrailWebhookClient] })
export class PolicyModule {}
