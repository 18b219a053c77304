/** Checks when a token is valid (RFC 7519 §4.1.4–6). Pure. */
import type { IdentityProvider } from '../../trusted-issuer/identity-provider.js';
import { quote, type JsonObject } from '../../trusted-issuer/token-json.js';
import { TokenRefusal } from '../../trusted-issuer/token-refusal.js';

/** Clocks of servers differ by seconds. More would only prolong the life of a stolen token. */
const MAX_LEEWAY_SECONDS = 60;

type TimeRules = Pick<IdentityProvider, 'leewaySeconds' | 'maxAgeSeconds'>;

const getLeeway = ({ leewaySeconds }: TimeRules): number => Math.min(leewaySeconds, MAX_LEEWAY_SECONDS);

/**
 * Both ends are required, so that a token can neither live forever nor be of unknown age.
 * @throws TokenRefusal naming the fault
 */
export function checkTimes(claims: JsonObject, rules: TimeRules, nowMs: number): string {
  const { exp, iat, nbf } = claims;
  const now = nowMs / 1000;
  const leeway = getLeeway(rules);
  if (!isInstant(exp)) throw new TokenRefusal('jwt_expiry_missing', `exp is ${quote(exp)}; a number is required.`);
  if (!isInstant(iat)) throw new TokenRefusal('jwt_issue_time_missing', `iat is ${quote(iat)}; a number is required.`);
  if (exp + leeway <= now) throw new TokenRefusal('jwt_expired', `It expired ${formatSeconds(now - exp)} ago.`);
  if (nbf !== undefined && !isInstant(nbf)) throw new TokenRefusal('jwt_not_yet_valid', `nbf is ${quote(nbf)}.`);
  if (isInstant(nbf) && nbf - leeway > now)
    throw new TokenRefusal('jwt_not_yet_valid', `It becomes valid in ${formatSeconds(nbf - now)}.`);
  if (iat - leeway > now)
    throw new TokenRefusal('jwt_issued_in_future', `It was issued ${formatSeconds(iat - now)} in the future.`);
  if (exp - iat > rules.maxAgeSeconds)
    throw new TokenRefusal('jwt_lifetime_too_long', `It lives for ${formatSeconds(exp - iat)}${formatLimit(rules)}.`);
  if (now - iat > rules.maxAgeSeconds)
    throw new TokenRefusal('jwt_too_old', `It was issued ${formatSeconds(now - iat)} ago${formatLimit(rules)}.`);
  return `issued ${formatSeconds(now - iat)} ago, valid for another ${formatSeconds(exp - now)}`;
}

/** Returns when a token that passed expires, in Unix milliseconds, leeway included. */
export const readExpiry = (claims: JsonObject, rules: TimeRules): number =>
  ((claims.exp as number) + getLeeway(rules)) * 1000;

/** JSON can contain 1e999, which is not an instant. */
const isInstant = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

const formatSeconds = (seconds: number): string => `${Math.round(seconds)} s`;
const formatLimit = ({ maxAgeSeconds }: TimeRules): string => `; at most ${maxAgeSeconds} s are accepted`;
