import { Injectable } from '@nestjs/common';
import { ContentCapture } from '../../content/capture/content-capture.js';
import { Screening } from '../../policy/guardrails/guardrail-run.js';
import { GuardrailWebhook } from '../../policy/guardrails/webhook/client.js';
import type { AskedCall } from '../../policy/guardrails/webhook/question.js';
import type { Asking } from '../../policy/guardrails/webhook/run.js';
import { provenIdentity } from '../../usage/recording/interaction-record.js';
import type { Exchange } from '../call/llm-call.js';
import { EMPTY_BODY } from './body.js';

/** Applies the guardrails of a call's LLM proxy to its request. */
@Injectable()
export class RequestScreen {
  constructor(private readonly webhook: GuardrailWebhook) {}

  /**
   * Returns the client's body as the guardrails allow it; null is an upload, which they do not read. Synchronous unless
   * a webhook is asked. Only content that they allowed is kept. Throws or rejects with `guardrail_blocked`.
   */
  screened<Body extends Buffer | null>(exchange: Exchange, body: Body): Body | Buffer | Promise<Buffer> {
    const proxy = exchange.proxy!;
    exchange.screening = Screening.of(proxy.policy, () => this.#asking(exchange, body));
    const offered = body && withoutBlockedTools(exchange, body);
    const screened = exchange.screening === null || offered === null ? offered : exchange.screening.request(offered);
    return screened instanceof Promise ? screened.then((passed) => kept(exchange, passed)) : kept(exchange, screened);
  }

  /** For a call of the Model Router the model is read from the body until its target is known. */
  #asking(exchange: Exchange, body: Buffer | null): Asking {
    const { dialect, path } = exchange;
    const model = exchange.adapter ? null : dialect.inspect(body ?? EMPTY_BODY, path.path).model;
    return { webhook: this.webhook, proxy: exchange.proxy!, call: () => askedCall(exchange, model) };
  }
}

function withoutBlockedTools({ screening, dialect, clientPath }: Exchange, body: Buffer): Buffer {
  return screening?.calls ? screening.calls.request(body, dialect.toolCalls, clientPath) : body;
}

function kept<Body extends Buffer | null>(exchange: Exchange, screened: Body): Body {
  exchange.capture = ContentCapture.of(exchange.proxy!, screened);
  return screened;
}

function askedCall(exchange: Exchange, routedModel: string | null): AskedCall {
  const { proxy, adapter, requestedModel } = exchange;
  const { virtualKeyId, oauthClientId, userId } = provenIdentity(exchange.caller);
  return {
    interactionId: exchange.requestId,
    organizationId: proxy!.organisationId,
    proxyId: proxy!.id,
    provider: adapter?.id ?? null,
    model: requestedModel ?? routedModel,
    who: { virtualKeyId, oauthClientId, userId },
  };
}
