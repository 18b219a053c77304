/** Checks a token's audience, its kind, and the application that obtained it. Pure. */
import type { IdentityProvider } from '../../trusted-issuer/identity-provider.js';
import { getPreset } from '../../presets/preset-registry.js';
import { quote, type JsonObject } from '../../trusted-issuer/token-json.js';
import { TokenRefusal } from '../../trusted-issuer/token-refusal.js';

/** Claims that name the application that obtained the token: standard, Entra v1, RFC 9068, Okta. */
const PARTY_CLAIMS = ['azp', 'appid', 'client_id', 'cid'];

/** Claims that only ID tokens have: OpenID Connect Core §2, §3.1.3.6 and §3.3.2.11. */
const ID_TOKEN_CLAIMS = ['nonce', 'at_hash', 'c_hash'];

/** @throws TokenRefusal `jwt_audience` */
export function checkAudience(
  claims: JsonObject,
  { audiences, extraAudiences }: Pick<IdentityProvider, 'audiences' | 'extraAudiences'>,
): string {
  const tokenAudiences = readAudiences(claims);
  if (!tokenAudiences.some((audience) => audiences.includes(audience)))
    throw new TokenRefusal('jwt_audience', `aud is ${quote(claims.aud)}; one of ${quote(audiences)} is required.`);
  const foreignAudiences = tokenAudiences.filter(
    (audience) => !audiences.includes(audience) && !extraAudiences.includes(audience),
  );
  if (foreignAudiences.length > 0)
    throw new TokenRefusal(
      'jwt_audience',
      `aud also has ${quote(foreignAudiences)}, which is not among the extra audiences.`,
    );
  return `aud ${quote(claims.aud)}`;
}

/**
 * Accepts an access token, or an ID token where those are accepted. Refresh, logout and other tokens signed by the same
 * keys are neither.
 * @throws TokenRefusal `jwt_type` or `jwt_id_token`
 */
export function checkKind(claims: JsonObject, provider: IdentityProvider): string {
  const { typ, events } = claims;
  if (typeof typ === 'string' && /^(refresh|offline|logout)$/i.test(typ))
    throw new TokenRefusal('jwt_type', `The payload’s typ is ${quote(typ)}.`);
  if (events !== undefined)
    throw new TokenRefusal('jwt_type', 'It has events: it is a logout or security event token.');
  const refusal = getPreset(provider.preset).findClaimsRefusal?.(claims, provider);
  if (refusal) throw refusal;
  if (!isIdToken(claims, provider)) return 'an access token';
  if (!provider.acceptIdTokens)
    throw new TokenRefusal('jwt_id_token', 'It is an ID token, and ID tokens of this provider are not accepted.');
  return 'an ID token';
}

export function isIdToken(claims: JsonObject, provider: Pick<IdentityProvider, 'kind' | 'preset'>): boolean {
  if (claims.typ === 'ID' || claims.token_use === 'id') return true;
  if (ID_TOKEN_CLAIMS.some((name) => Object.hasOwn(claims, name))) return true;
  return getPreset(provider.preset).isIdToken?.(claims, provider) ?? false;
}

/** @throws TokenRefusal `jwt_authorized_party` */
export function checkParty(claims: JsonObject, provider: IdentityProvider): string {
  const { authorizedParties, audiences } = provider;
  const claimNames = PARTY_CLAIMS.filter((name) => Object.hasOwn(claims, name));
  if (isIdToken(claims, provider)) {
    // OpenID Connect Core §3.1.3.7, steps 4 and 5
    if (readAudiences(claims).length > 1 && claims.azp === undefined)
      throw new TokenRefusal('jwt_authorized_party', 'An ID token with several audiences must have azp.');
    if (claims.azp !== undefined && ![...authorizedParties, ...audiences].includes(claims.azp as string))
      throw new TokenRefusal('jwt_authorized_party', `azp is ${quote(claims.azp)}, which is not listed.`);
  }
  const parties = claimNames.map((name) => `${name} ${quote(claims[name])}`).join(', ') || 'none named';
  if (authorizedParties.length === 0) return `any may have it; ${parties}`;
  // All named parties: a second name must not admit a token that the first would not.
  if (claimNames.length === 0 || !claimNames.every((name) => authorizedParties.includes(claims[name] as string)))
    throw new TokenRefusal('jwt_authorized_party', `${parties}; listed: ${quote(authorizedParties)}.`);
  return parties;
}

function readAudiences({ aud }: JsonObject): string[] {
  const list: unknown[] = Array.isArray(aud) ? aud : [aud];
  if (list.every((each) => typeof each === 'string')) return list;
  throw new TokenRefusal('jwt_audience', `aud is ${quote(aud)}; a text or a list of texts is required.`);
}
