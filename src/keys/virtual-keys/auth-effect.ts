/** Whether a change takes something away from a virtual key. Pure. */
import type { AuthEventEffect } from '../../platform/events/auth-events.js';
import type { VirtualKeyView } from './virtual-keys.dto.js';

/** Returns the effect to announce to caches: null when the change affects no call. */
export function deriveAuthEffect(before: VirtualKeyView, after: VirtualKeyView): AuthEventEffect | null {
  if (isNarrower(before, after)) return 'revoked';
  return serializeRights(before) === serializeRights(after) ? null : 'changed';
}

function isNarrower(before: VirtualKeyView, after: VirtualKeyView): boolean {
  const listProviders = (view: VirtualKeyView): string[] => view.providerApiKeys.map((binding) => binding.provider);
  return (
    lacksSome(listProviders(before), listProviders(after)) ||
    lacksSome(before.teamIds, after.teamIds) ||
    isRestricted(before.allowedModels, after.allowedModels) ||
    isRestricted(before.allowedProxyIds, after.allowedProxyIds) ||
    getEndMs(after) < getEndMs(before)
  );
}

/** For lists in which empty means all. */
function isRestricted(before: readonly string[], after: readonly string[]): boolean {
  if (after.length === 0) return false;
  return before.length === 0 || lacksSome(before, after);
}

const lacksSome = (before: readonly string[], after: readonly string[]): boolean =>
  before.some((item) => !after.includes(item));

const getEndMs = (view: VirtualKeyView): number => view.expiresAt?.getTime() ?? Infinity;

const serializeRights = ({
  providerApiKeys,
  teamIds,
  payerTeamId,
  allowedModels,
  allowedProxyIds,
  expiresAt,
}: VirtualKeyView): string =>
  JSON.stringify([
    providerApiKeys.map((binding) => `${binding.provider} ${binding.providerApiKeyId}`).sort(),
    [...teamIds].sort(),
    payerTeamId,
    [...allowedModels].sort(),
    [...allowedProxyIds].sort(),
    expiresAt,
  ]);
