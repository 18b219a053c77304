/** The effects of a change of an LLM proxy. Pure. */
import type { AuthEventEffect } from '../../platform/events/auth-events.js';
import { mergeGuardrails } from './guardrails/guardrails.dto.js';
import type { LlmProxyPolicyBody } from './llm-proxies.dto.js';
import type { LlmProxyPolicy } from './policy/llm-proxy.js';
import type { LlmProxyEntity } from './llm-proxy.entity.js';

/**
 * Returns the policy after a merge patch (RFC 7396): absent keeps, null removes. An empty list removes the rule, too.
 */
export function mergePolicy(present: LlmProxyPolicy, patch: LlmProxyPolicyBody | null | undefined): LlmProxyPolicy {
  if (patch === undefined) return present;
  const { guardrails, ...others } = patch ?? {};
  const merged = Object.entries({
    ...(patch === null ? {} : present),
    ...others,
    ...mergeGuardrails(present, guardrails),
  });
  return Object.fromEntries(
    merged.filter(([, rule]) => rule !== null && rule !== undefined && !(Array.isArray(rule) && rule.length === 0)),
  );
}

/** Returns `revoked` when a caller who has access loses it: the open streams of this LLM proxy are then cut. */
export function deriveAuthEffect(before: Readonly<LlmProxyEntity>, after: Readonly<LlmProxyEntity>): AuthEventEffect {
  const lostTeam =
    after.teamIds.length > 0 &&
    (before.teamIds.length === 0 || before.teamIds.some((id) => !after.teamIds.includes(id)));
  const lostMethod =
    (before.allowDirectKeys && !after.allowDirectKeys) || (before.allowJwtOnRouter && !after.allowJwtOnRouter);
  const lostProvider = before.identityProviderIds.some((id) => !after.identityProviderIds.includes(id));
  return lostTeam || lostMethod || lostProvider ? 'revoked' : 'changed';
}
