/** Resolves a requested model to its possible targets, in the order in which the Model Router tries them. */
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/callers/caller.js';
import type { KeyScope } from '../../keys/credentials/member-keys.reader.js';
import type { LlmProxy } from '../../orgs/llm-proxies/policy/llm-proxy.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { ProviderKeyId } from '../../platform/ids.js';
import { findProvider } from '../../providers/registry.js';
import { mayContinueWith, type AliasTarget, type ModelAlias } from '../../router/aliases/alias.js';
import { ModelAliasLookup } from '../../router/aliases/model-alias.lookup.js';
import { parseQualifiedModel } from '../../router/aliases/qualified-model.js';
import { ModelCatalog } from '../../router/catalog/model-catalog.js';
import { TargetCooldown, type CooldownKey as HeldPlace } from '../../router/routing/target-cooldown.js';
import type { ExplainedPlaceView } from './explain.dto.js';
import { TargetChecker, toTargetView, type CheckedTarget, type CallTarget } from './target-checker.js';

export interface ResolvedTargets {
  modelAlias: string | null;
  targets: ExplainedPlaceView[];
  /** Why the call has no target; null if it has one. */
  refusal: GatewayError | null;
}

type AliasCallTarget = AliasTarget & { callTarget: CallTarget };

interface RankedTarget {
  target: AliasCallTarget;
  checked: CheckedTarget;
  /** End of the cooldown in Unix milliseconds; null if the target is not in cooldown. */
  coolingUntil: number | null;
}

@Injectable()
export class TargetResolver {
  constructor(
    private readonly aliases: ModelAliasLookup,
    private readonly catalog: ModelCatalog,
    private readonly checker: TargetChecker,
    private readonly cooldown: TargetCooldown,
  ) {}

  /** Targets of a call on a provider's route. */
  resolveOnProviderRoute(
    provider: string,
    model: string | null,
    caller: Caller,
    proxy: LlmProxy,
  ): Promise<ResolvedTargets> {
    return this.#resolveSingle({ adapter: findProvider(provider)!, model, pinned: null }, caller, proxy);
  }

  /** Targets of a call on the Model Router. Throws `model_not_found`. */
  async resolveOnModelRouter(name: string, caller: Caller, proxy: LlmProxy): Promise<ResolvedTargets> {
    const alias = await this.aliases.find(caller.organizationId, name);
    if (alias) return this.#resolveAlias(alias, caller, proxy);
    const found = parseQualifiedModel(name) ?? (await this.catalog.find(caller, name));
    if (found) return this.#resolveSingle({ adapter: found.provider, model: found.model, pinned: null }, caller, proxy);
    throw new GatewayError(
      'model_not_found',
      'The name has no provider and is not an alias, and the credential does not reach exactly one provider.',
    );
  }

  async #resolveSingle(target: CallTarget, caller: Caller, proxy: LlmProxy): Promise<ResolvedTargets> {
    const checked = await this.checker.check(target, caller, proxy);
    const decision = checked.refusal ? 'passed_over' : 'first';
    const view = toTargetView(target, checked, {
      priority: null,
      weight: null,
      share: checked.refusal ? 0 : 1,
      decision,
    });
    return { modelAlias: null, targets: [view], refusal: checked.refusal };
  }

  async #resolveAlias(alias: ModelAlias, caller: Caller, proxy: LlmProxy): Promise<ResolvedTargets> {
    const scopes: KeyScope[] = [];
    const inOrder: RankedTarget[] = [];
    for (const target of listCallTargets(alias)) {
      let checked = await this.checker.check(target.callTarget, caller, proxy);
      if (!checked.refusal && checked.scope && !mayContinueWith(alias, scopes, checked.scope))
        checked = withRefusal(checked, createCrossingError);
      if (!checked.refusal && checked.scope) scopes.push(checked.scope);
      inOrder.push({
        target,
        checked: checked,
        coolingUntil: checked.refusal ? null : this.cooldown.getCooldownEnd(toCooldownTarget(target, checked)),
      });
    }
    let usable = 0;
    const ranked = putCoolingLast(inOrder).map((each) => {
      if (each.checked.refusal || usable++ < alias.maxAttempts) return each;
      return { ...each, checked: withRefusal(each.checked, createAttemptsUsedUpError) };
    });
    const views = ranked.map((each) =>
      toTargetView(each.target.callTarget, each.checked, describeRank(each, ranked), each.coolingUntil),
    );
    const first = ranked.find(({ checked }) => checked.refusal)?.checked.refusal;
    const createNoTargetError = (): GatewayError =>
      new GatewayError('model_not_found', `The model alias "${alias.name}" has no target that can be used.`);
    return { modelAlias: alias.name, targets: views, refusal: usable > 0 ? null : (first ?? createNoTargetError()) };
  }
}

/** Returns targets by ascending step, and by descending weight within a step, as nothing is drawn at random here. */
function listCallTargets({ targets }: ModelAlias): AliasCallTarget[] {
  return targets
    .flatMap((target) => {
      const adapter = findProvider(target.provider);
      return adapter
        ? [{ ...target, callTarget: { adapter, model: target.model, pinned: target.providerApiKeyId } }]
        : [];
    })
    .sort((a, b) => a.priority - b.priority || b.weight - a.weight);
}

/**
 * Sorts as `TargetCooldown.orderCoolingLast` does, considering only usable targets; skipped ones without a cooldown keep their
 * order.
 */
function putCoolingLast(all: readonly RankedTarget[]): readonly RankedTarget[] {
  const hasUsable = all.some(({ checked, coolingUntil }) => !checked.refusal && coolingUntil === null);
  if (!hasUsable) return all;
  return [
    ...all.filter(({ coolingUntil }) => coolingUntil === null),
    ...all.filter(({ coolingUntil }) => coolingUntil !== null),
  ];
}

const toCooldownTarget = (
  { callTarget: { adapter, model } }: AliasCallTarget,
  { providerApiKeyId }: CheckedTarget,
): HeldPlace => ({
  provider: adapter.id,
  model: model!,
  providerKeyId: providerApiKeyId as ProviderKeyId | null,
});

function describeRank(
  { target: { priority, weight }, checked, coolingUntil }: RankedTarget,
  all: readonly RankedTarget[],
): Pick<ExplainedPlaceView, 'priority' | 'weight' | 'share' | 'decision'> {
  if (checked.refusal) return { priority, weight, share: 0, decision: 'passed_over' };
  const usable = all.filter((other) => !other.checked.refusal);
  const first = usable[0]!;
  // Targets in cooldown take part in the random choice only if all are in cooldown.
  const isCooling = coolingUntil !== null && first.coolingUntil === null;
  if (isCooling) return { priority, weight, share: 0, decision: 'fallback' };
  const peers = usable.filter(
    (other) => other.target.priority === priority && (first.coolingUntil !== null || other.coolingUntil === null),
  );
  const sum = peers.reduce((total, { target }) => total + target.weight, 0);
  const decision = first.target.priority === priority ? 'first' : 'fallback';
  return { priority, weight, share: weight / sum, decision };
}

const withRefusal = (checked: CheckedTarget, createError: () => GatewayError): CheckedTarget => ({
  ...checked,
  refusal: createError(),
});

const createCrossingError = (): GatewayError =>
  new GatewayError(
    'provider_not_mapped',
    'The alias does not fail over from a personal key to one that others pay for.',
    {
      reason: 'crosses_key_owners',
    },
  );

const createAttemptsUsedUpError = (): GatewayError =>
  new GatewayError('provider_not_mapped', 'The alias allows no more attempts for one call.', {
    reason: 'attempts_used_up',
  });
