/**
 * Asks an organization's own service about the text of a call: signed, through the guarded egress, and within a time
 * limit.
 */
import { Injectable } from '@nestjs/common';
import {
  createGuardrailSealContext,
  type GuardrailFailure,
  type WebhookGuardrail,
} from '../../../orgs/llm-proxies/policy/guardrail.js';
import type { LlmProxy } from '../../../orgs/llm-proxies/policy/llm-proxy.js';
import { Clock } from '../../../platform/time/clock.js';
import { SealedBox } from '../../../platform/crypto/sealed-box.js';
import type { Secret } from '../../../platform/crypto/secret.js';
import type { BoundedResponse } from '../../../platform/egress/bounded-fetch.js';
import { Egress } from '../../../platform/egress/egress.js';
import { postSigned, type SignedPost } from '../../../platform/egress/signed-post.js';
import { GatewayError } from '../../../platform/errors/gateway-error.js';
import { createId } from '../../../platform/ids.js';
import { buildWebhookRequestBody, type WebhookRequest } from './request.js';
import { readDecision, type WebhookDecision } from './decision.js';
import { WebhookError } from './error.js';

/**
 * Maximum characters of all texts together. The longest prompts of agents are half of it, and services rarely accept
 * more.
 */
const MAX_TEXT_CHARS = 4 * 1024 * 1024;
/** The response may contain all texts, in JSON. */
const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;

@Injectable()
export class GuardrailWebhookClient {
  constructor(
    private readonly egress: Egress,
    private readonly box: SealedBox,
    private readonly clock: Clock,
  ) {}

  /** Rejects with WebhookError if the webhook returns no usable verdict. */
  async requestDecision(
    proxy: GuardedProxy,
    guardrail: WebhookGuardrail,
    request: WebhookRequest,
  ): Promise<WebhookDecision> {
    if (request.texts.reduce((sum, { text }) => sum + text.length, 0) > MAX_TEXT_CHARS)
      throw new WebhookError('too_large');
    const at = this.clock.now();
    const { status, body } = await this.#post(guardrail.url, {
      id: createId<string>(at),
      body: buildWebhookRequestBody(request, at),
      secret: this.#openSecret(proxy),
      at,
      timeoutMs: guardrail.timeoutMs,
      maxBytes: MAX_RESPONSE_BYTES,
      accept: 'application/json',
    });
    if (status < 200 || status > 299) throw new WebhookError('bad_status');
    return readDecision(body, request.texts);
  }

  async #post(url: string, post: SignedPost): Promise<BoundedResponse> {
    try {
      return await postSigned(this.egress, url, post);
    } catch (error) {
      throw new WebhookError(error instanceof GatewayError ? toGuardrailFailure(error) : 'unreachable');
    }
  }

  #openSecret({ id, sealedGuardrailSecret }: GuardedProxy): Secret {
    try {
      return this.box.open(sealedGuardrailSecret!, createGuardrailSealContext(id));
    } catch {
      throw new WebhookError('secret_unusable');
    }
  }
}

/** The LLM proxy that has the guardrail. */
export type GuardedProxy = Pick<LlmProxy, 'id' | 'sealedGuardrailSecret'>;

const NOT_ALLOWED: ReadonlySet<string> = new Set(['address_not_allowed', 'url_not_allowed']);
const UNUSABLE_RESPONSE: ReadonlySet<string> = new Set(['response_too_large', 'response_encoded', 'bad_response']);

function toGuardrailFailure({ code, reason = '' }: GatewayError): GuardrailFailure {
  if (code === 'upstream_timeout') return 'timeout';
  if (NOT_ALLOWED.has(reason)) return 'address_not_allowed';
  return UNUSABLE_RESPONSE.has(reason) ? 'bad_answer' : 'unreachable';
}
