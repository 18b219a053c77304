/** Classifies a change of an identity provider. Pure. */
import type { AuthEventEffect } from '../../platform/events/auth-events.js';
import type { IdentityProviderView } from '../settings/identity-provider-view.dto.js';
import type { UpdateIdentityProviderBody } from '../settings/identity-providers.dto.js';

/**
 * Returns `revoked` when a token accepted so far may now be refused, or may identify another user; otherwise `changed`.
 */
export function deriveAuthEffect(before: IdentityProviderView, after: IdentityProviderView): AuthEventEffect {
  const lacksSome = (field: 'audiences' | 'extraAudiences' | 'algorithms' | 'tokenTypes'): boolean =>
    before[field].some((item) => !after[field].includes(item));
  const isNarrower =
    (after.isDisabled && !before.isDisabled) ||
    (before.acceptIdTokens && !after.acceptIdTokens) ||
    after.maxAgeSeconds < before.maxAgeSeconds ||
    after.leewaySeconds < before.leewaySeconds ||
    lacksSome('audiences') ||
    lacksSome('extraAudiences') ||
    lacksSome('algorithms') ||
    lacksSome('tokenTypes') ||
    excludesParties(before.authorizedParties, after.authorizedParties) ||
    Object.entries(after.requiredClaims).some(([claim, value]) => before.requiredClaims[claim] !== value) ||
    // The keys, or the names by which tokens were accepted, differ.
    before.jwksUrl !== after.jwksUrl ||
    before.preset !== after.preset ||
    serialize(before.claimMapping) !== serialize(after.claimMapping);
  return isNarrower ? 'revoked' : 'changed';
}

/** Whether the change goes beyond the provider's name and whether it is disabled. */
export const changesTrust = ({ name: _, isDisabled, ...rest }: UpdateIdentityProviderBody): boolean =>
  isDisabled === false || Object.values(rest).some((value) => value !== undefined);

/** An empty list admits every party. */
const excludesParties = (before: readonly string[], after: readonly string[]): boolean =>
  after.length > 0 && (before.length === 0 || before.some((party) => !after.includes(party)));

const serialize = (mapping: object): string => JSON.stringify(Object.entries(mapping).sort());
