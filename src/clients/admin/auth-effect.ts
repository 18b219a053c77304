/** Effects of a change of an OAuth client. Pure. */
import type { AuthEventEffect } from '../../platform/events/auth-events.js';
import type { OAuthClientView } from './oauth-client-view.dto.js';

/**
 * Returns `revoked` when a granted right was removed. Every other change is `changed`, because caches of clients hold
 * all fields.
 */
export function deriveAuthEffect(before: OAuthClientView, after: OAuthClientView): AuthEventEffect {
  const listProviders = (view: OAuthClientView): string[] => view.providerApiKeys.map((binding) => binding.provider);
  const serializeKeys = (view: OAuthClientView): string[] =>
    (view.jwks?.keys ?? []).map((key) => JSON.stringify(Object.entries(key).sort()));
  const isNarrower =
    (after.isDisabled && !before.isDisabled) ||
    (before.mayIntrospect && !after.mayIntrospect) ||
    lacksSome(listProviders(before), listProviders(after)) ||
    lacksSome(before.allowedLlmProxyIds, after.allowedLlmProxyIds) ||
    lacksSome(before.teamIds, after.teamIds) ||
    // Proofs that were accepted before are refused now.
    before.tokenEndpointAuthMethod !== after.tokenEndpointAuthMethod ||
    before.jwksUri !== after.jwksUri ||
    lacksSome(serializeKeys(before), serializeKeys(after));
  return isNarrower ? 'revoked' : 'changed';
}

/** Whether people who allowed the client must be asked again, because its name or its redirect URIs changed. */
export function hasAppearanceChanged(before: Appearance, after: Appearance): boolean {
  const serializeAddresses = ({ redirectUris }: Appearance): string => JSON.stringify([...redirectUris].sort());
  return before.name !== after.name || serializeAddresses(before) !== serializeAddresses(after);
}

type Appearance = Pick<OAuthClientView, 'name' | 'redirectUris'>;

const lacksSome = (before: readonly string[], after: readonly string[]): boolean =>
  before.some((item) => !after.includes(item));
