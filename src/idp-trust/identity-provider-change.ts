/** What a change of an identity provider means. Pure. */
import type { AuthEventEffect } from '../platform/events/auth-events.js';
import type { IdentityProviderView } from './identity-provider-view.dto.js';
import type { UpdateIdentityProviderBody } from './identity-providers.dto.js';

/** `revoked` when a token that was believed may be believed no more, or may name somebody else. All else is `changed`. */
export function effectOf(before: IdentityProviderView, after: IdentityProviderView): AuthEventEffect {
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
    // The keys or the names that tokens were believed by are others.
    before.jwksUrl !== after.jwksUrl ||
    before.preset !== after.preset ||
    textOf(before.claimMapping) !== textOf(after.claimMapping);
  return isNarrower ? 'revoked' : 'changed';
}

/** Whether it says more than how the provider is called, or that it is not to be believed for now. */
export const changesTrust = ({ name: _, isDisabled, ...rest }: UpdateIdentityProviderBody): boolean =>
  isDisabled === false || Object.values(rest).some((value) => value !== undefined);

/** An empty list is everybody. */
const excludesParties = (before: readonly string[], after: readonly string[]): boolean =>
  after.length > 0 && (before.length === 0 || before.some((party) => !after.includes(party)));

const textOf = (mapping: object): string => JSON.stringify(Object.entries(mapping).sort());
