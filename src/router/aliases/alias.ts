/** A name of an organisation's own for models, and in which order its targets are tried. Pure. */
import type { KeyScope } from '../../keys/member-keys.reader.js';
import type { OrgId, ProviderKeyId } from '../../platform/ids.js';
import type { ProviderId } from '../../providers/provider-adapter.js';

export interface AliasTarget {
  readonly provider: ProviderId;
  /** As the provider names it. */
  readonly model: string;
  /** Share of the calls among the targets of the same priority; at least 1. */
  readonly weight: number;
  /** The step it belongs to: the lowest is tried first, each higher one is the fallback of those before. */
  readonly priority: number;
  /** The stored key that is used; null: the one that the caller has for the provider anyway. */
  readonly providerApiKeyId: ProviderKeyId | null;
}

/** As the router reads it. Frozen; shared between requests. */
export interface ModelAlias {
  readonly id: string;
  readonly organisationId: OrgId;
  readonly name: string;
  readonly description: string | null;
  /** Lowest priority first. */
  readonly targets: readonly AliasTarget[];
  /** Whether a call that began with somebody's personal key may go on with a team's or the organisation's. */
  readonly crossKeyOwners: boolean;
  /** Most calls to providers for one request. Targets that the caller cannot reach do not count. */
  readonly maxAttempts: number;
  /** Unix milliseconds. */
  readonly createdAt: number;
}

/** `provider:model`, as the list of models writes it. */
export const targetName = ({ provider, model }: Pick<AliasTarget, 'provider' | 'model'>): string =>
  `${provider}:${model}`;

/**
 * All targets in the order in which one request tries them: step by step, and within a step by lot, each with the chance
 * that its weight gives it among those that are left. `random` gives numbers from 0 up to, not including, 1.
 */
export function attemptOrder(targets: readonly AliasTarget[], random: () => number = Math.random): AliasTarget[] {
  if (targets.length < 2) return [...targets];
  const order: AliasTarget[] = [];
  for (const step of stepsOf(targets)) {
    while (step.length > 1) order.push(...step.splice(drawn(step, random()), 1));
    order.push(step[0]!);
  }
  return order;
}

/** The targets by priority, lowest first; those of one priority together. */
function stepsOf(targets: readonly AliasTarget[]): AliasTarget[][] {
  const steps = new Map<number, AliasTarget[]>();
  for (const target of targets) {
    const step = steps.get(target.priority);
    if (step) step.push(target);
    else steps.set(target.priority, [target]);
  }
  return [...steps].sort(([a], [b]) => a - b).map(([, step]) => step);
}

/** Place of the target that the lot falls on. */
function drawn(step: readonly AliasTarget[], lot: number): number {
  let rest = lot * step.reduce((sum, { weight }) => sum + weight, 0);
  const place = step.findIndex(({ weight }) => (rest -= weight) < 0);
  return place < 0 ? step.length - 1 : place;
}

/**
 * Whether a call may go on with a key of scope `next` after it was tried with keys of the scopes `tried`: never from a
 * personal key to one that others pay for, unless the alias says so.
 */
export const mayGoOnWith = (
  { crossKeyOwners }: Pick<ModelAlias, 'crossKeyOwners'>,
  tried: readonly KeyScope[],
  next: KeyScope,
): boolean => crossKeyOwners || next === 'personal' || !tried.includes('personal');
