/** Explains a call while it is made, for a header of its response. */
import { Injectable } from '@nestjs/common';
import { AppLogger } from '../platform/logging/app-logger.js';
import type { RequiredLabel } from '../orgs/llm-proxies/policy/llm-proxy.js';
import { readPolicyLabels } from '../proxy/client-labels/attribution.js';
import { CallExplanations } from '../proxy/call/explanations.js';
import { applyChosenTeam } from '../proxy/access/chosen-team.js';
import type { LlmCall } from '../proxy/call/llm-call.js';
import { Explainer } from './explainer.js';
import { toHeader } from './explanation-header.js';

@Injectable()
export class CallExplainer {
  constructor(
    explanations: CallExplanations,
    private readonly explainer: Explainer,
    private readonly logger: AppLogger,
  ) {
    explanations.register((call, body) => this.#explain(call, body));
  }

  /** Returns null on failure: a call does not fail because its explanation does. */
  async #explain(call: LlmCall, body: Buffer | null): Promise<string | null> {
    const { surface, path, adapter, request } = call;
    const isRouted = surface === 'model-router';
    const model = isRouted ? readModel(body) : call.requestedModel;
    const route = { surface, provider: adapter?.id ?? null, proxyId: path.proxyId };
    const input = {
      ...(isRouted || !adapter ? {} : { provider: adapter.id }),
      ...(model === null ? {} : { model }),
      clientAddress: request.ip ?? '',
      labels: listLabels(call),
    };
    try {
      return toHeader(await this.explainer.runSteps(async () => applyChosenTeam(call), input, route));
    } catch (error) {
      this.logger.pino.warn({ err: error, requestId: call.requestId }, 'a call could not be explained');
      return null;
    }
  }
}

const listLabels = ({ request }: LlmCall): RequiredLabel[] =>
  Object.entries(readPolicyLabels(request.raw.headers)).flatMap(([label, value]) =>
    value === null ? [] : [label as RequiredLabel],
  );

/** Returns the model in the body. Null for an unreadable body, which the call itself refuses. */
function readModel(body: Buffer | null): string | null {
  try {
    const { model } = JSON.parse(body?.toString('utf8') ?? '') as { model?: unknown };
    return typeof model === 'string' ? model : null;
  } catch {
    return null;
  }
}
