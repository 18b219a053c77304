import type { ClaimPath } from './identity-provider.js';
import { isObject, type JsonObject } from './token-json.js';

/** Returns the value at the path, or undefined. A string is the whole name of one claim, including dots and slashes. */
export function readClaim(claims: JsonObject, path: ClaimPath): unknown {
  let value: unknown = claims;
  for (const name of typeof path === 'string' ? [path] : path) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

export const formatClaimPath = (path: ClaimPath): string => (typeof path === 'string' ? path : path.join(' › '));
