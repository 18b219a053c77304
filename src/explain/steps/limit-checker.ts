/** Finds the limits that apply to a call, and whether they allow it. */
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/callers/caller.js';
import type { LlmProxy } from '../../orgs/llm-proxies/policy/llm-proxy.js';
import type { Secret } from '../../platform/crypto/secret.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { getBilling } from '../../providers/contract/billing.js';
import { findProvider } from '../../providers/registry.js';
import { LimitUsageReader, findLimitRefusal, type LimitWithUsage } from '../../usage/limits/limit-usage.reader.js';
import type { ExplainedLimitView, ExplainedPlaceView } from './explain.dto.js';

export interface LimitCheck {
  limits: ExplainedLimitView[];
  /** Why the first target of the call refuses it; null if it does not. */
  refusal: GatewayError | null;
}

const getPresentedSecret = ({ keySource }: Caller): Secret | null =>
  keySource.kind === 'presented' ? keySource.secret : null;

@Injectable()
export class LimitChecker {
  constructor(private readonly usage: LimitUsageReader) {}

  /** Returns null if the usage is temporarily unknown. `targets` in the order in which they are tried. */
  async check(targets: readonly ExplainedPlaceView[], caller: Caller, proxy: LlmProxy): Promise<LimitCheck | null> {
    const found = new Map<string, ExplainedLimitView>();
    let refusal: GatewayError | null = null;
    const usable = targets.filter(({ decision }) => decision !== 'passed_over');
    try {
      for (const [i, { provider, model }] of usable.entries()) {
        const models = model === null ? [] : [model];
        const billing = getBilling(findProvider(provider), getPresentedSecret(caller));
        const usage = await this.usage.read(caller, { proxyId: proxy.id, provider, models, billing });
        for (const one of usage) {
          if (i === 0) refusal ??= findLimitRefusal(one);
          found.set(one.limit.counter, toLimitView(one));
        }
      }
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'temporarily_unavailable') return null;
      throw error;
    }
    return { limits: [...found.values()], refusal };
  }
}

function toLimitView(usage: LimitWithUsage): ExplainedLimitView {
  const { limit, limitValue, window, used, reserved, remaining, resetsAt } = usage;
  const { id, entityType, entityId, limitType, model } = limit;
  return {
    ...{ id, entityType, entityId, limitType, limitValue, window, model: [...model] },
    ...{ used, reserved, remaining, resetsAt },
    isExhausted: findLimitRefusal(usage) !== null,
  };
}
