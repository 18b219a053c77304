import { Injectable } from '@nestjs/common';
import { ContentCapture } from '../../content/capture/content-capture.js';
import { GuardrailRun } from '../../policy/guardrails/guardrail-run.js';
import { GuardrailWebhookClient } from '../../policy/guardrails/webhook/client.js';
import type { WebhookRequestCall } from '../../policy/guardrails/webhook/request.js';
import type { WebhookContext } from '../../policy/guardrails/webhook/run.js';
import { getClientId, getUserId, getVirtualKeyId } from '../../auth/callers/caller.js';
import type { LlmCall } from '../call/llm-call.js';
import { EMPTY_BODY } from './body.js';

/** Applies the guardrails of a call's LLM proxy to its request. */
@Injectable()
export class RequestGuardrails {
  constructor(private readonly webhook: GuardrailWebhookClient) {}

  /**
   * Returns the client's body as the guardrails allow it; null is an upload, which they do not read. Synchronous unless
   * a webhook is asked. Only content that they allowed is kept. Throws or rejects with `guardrail_blocked`.
   */
  apply<Body extends Buffer | null>(call: LlmCall, body: Body): Body | Buffer | Promise<Buffer> {
    const proxy = call.proxy!;
    call.guardrails = GuardrailRun.create(proxy.policy, () => this.#createWebhookContext(call, body));
    const withoutBlockedTools = body && removeBlockedTools(call, body);
    const checked =
      call.guardrails === null || withoutBlockedTools === null
        ? withoutBlockedTools
        : call.guardrails.checkRequest(withoutBlockedTools);
    return checked instanceof Promise
      ? checked.then((checkedBody) => captureContent(call, checkedBody))
      : captureContent(call, checked);
  }

  /** For a call of the Model Router the model is read from the body until its target is known. */
  #createWebhookContext(call: LlmCall, body: Buffer | null): WebhookContext {
    const { dialect, path } = call;
    const model = call.adapter ? null : dialect.inspect(body ?? EMPTY_BODY, path.path).model;
    return { webhook: this.webhook, proxy: call.proxy!, call: () => buildWebhookRequestCall(call, model) };
  }
}

function removeBlockedTools({ guardrails, dialect, clientPath }: LlmCall, body: Buffer): Buffer {
  return guardrails?.toolCalls ? guardrails.toolCalls.checkRequest(body, dialect.toolCalls, clientPath) : body;
}

function captureContent<Body extends Buffer | null>(call: LlmCall, checked: Body): Body {
  call.capture = ContentCapture.create(call.proxy!, checked);
  return checked;
}

function buildWebhookRequestCall(call: LlmCall, routedModel: string | null): WebhookRequestCall {
  const { proxy, adapter, requestedModel, caller } = call;
  return {
    interactionId: call.requestId,
    organizationId: proxy!.organizationId,
    proxyId: proxy!.id,
    provider: adapter?.id ?? null,
    model: requestedModel ?? routedModel,
    who: {
      virtualKeyId: getVirtualKeyId(caller),
      oauthClientId: getClientId(caller),
      userId: getUserId(caller),
    },
  };
}
