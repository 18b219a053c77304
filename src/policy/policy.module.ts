/**
 * Owns: what an LLM proxy and a key allow, and the guardrails that look at what calls say. Promises: what a rule blocks goes
 * no further, and no record or error tells what was found; only an LLM proxy with a webhook guardrail waits for anybody.
 * Must not know providers' keys, nor how a call is sent.
 */
import { Module } from '@nestjs/common';
import { GuardrailWebhook } from './guardrails/webhook/guardrail-webhook.js';

@Module({ providers: [GuardrailWebhook], exports: [GuardrailWebhook] })
export class PolicyModule {}
