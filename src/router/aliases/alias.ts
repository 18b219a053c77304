/** An organization's own name for models, and the order in which its targets are tried. Pure. */
import type { KeyScope } from '../../keys/credentials/member-keys.reader.js';
import type { OrgId, ProviderKeyId } from '../../platform/ids.js';
import type { ProviderId } from '../../providers/contract/provider-adapter.js';

export interface AliasTarget {
  readonly provider: ProviderId;
  /** Model id as the provider names it. */
  readonly model: string;
  /** Share of the calls among the targets of the same priority. At least 1. */
  readonly weight: number;
  /** Step of the fallback order. The lowest is tried first; each higher one is the fallback of those before. */
  readonly priority: number;
  /** Stored key to use. Null: the key that the caller has for the provider anyway. */
  readonly providerApiKeyId: ProviderKeyId | null;
}

/** Alias as the router reads it. Frozen; shared between requests. */
export interface ModelAlias {
  readonly id: string;
  readonly organizationId: OrgId;
  readonly name: string;
  readonly description: string | null;
  /** Targets, lowest priority first. */
  readonly targets: readonly AliasTarget[];
  /** Whether a call that started with a personal key may continue with a key of a team or of the organization. */
  readonly crossKeyOwners: boolean;
  /** Maximum number of calls to providers for one request. Targets that the caller cannot reach do not count. */
  readonly maxAttempts: number;
  /** Unix milliseconds. */
  readonly createdAt: number;
}

/** Returns `provider:model`, as the list of models writes it. */
export const formatTargetName = ({ provider, model }: Pick<AliasTarget, 'provider' | 'model'>): string =>
  `${provider}:${model}`;

/**
 * Returns all targets in the order in which one request tries them: step by step. Within a step the order is random;
 * each draw picks a target with the chance that its weight gives it among those that are left. `random` returns numbers
 * from 0 up to, not including, 1.
 */
export function orderAttempts(targets: readonly AliasTarget[], random: () => number = Math.random): AliasTarget[] {
  if (targets.length < 2) return [...targets];
  const order: AliasTarget[] = [];
  for (const step of groupByPriority(targets)) {
    while (step.length > 1) order.push(...step.splice(drawIndex(step, random()), 1));
    order.push(step[0]!);
  }
  return order;
}

/** Groups the targets by priority, lowest first. */
function groupByPriority(targets: readonly AliasTarget[]): AliasTarget[][] {
  const steps = new Map<number, AliasTarget[]>();
  for (const target of targets) {
    const step = steps.get(target.priority);
    if (step) step.push(target);
    else steps.set(target.priority, [target]);
  }
  return [...steps].sort(([a], [b]) => a - b).map(([, step]) => step);
}

/** Returns the index of the target that the draw falls on. */
function drawIndex(step: readonly AliasTarget[], random: number): number {
  let remaining = random * step.reduce((sum, { weight }) => sum + weight, 0);
  const index = step.findIndex(({ weight }) => (remaining -= weight) < 0);
  return index < 0 ? step.length - 1 : index;
}

/**
 * Whether a call may continue with a key of scope `next` after it was tried with keys of the scopes `tried`. A call
 * never moves from a personal key to one that others pay for, unless the alias allows it.
 */
export const mayContinueWith = (
  { crossKeyOwners }: Pick<ModelAlias, 'crossKeyOwners'>,
  tried: readonly KeyScope[],
  next: KeyScope,
): boolean => crossKeyOwners || next === 'personal' || !tried.includes('personal');
