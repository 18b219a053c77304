import type { ClaimPath } from './identity-provider.js';
import { isObject, type JsonObject } from './token-json.js';

/** What stands at the path; undefined: nothing. A text is one claim's whole name, dots and slashes included. */
export function claimAt(claims: JsonObject, path: ClaimPath): unknown {
  let value: unknown = claims;
  for (const name of typeof path === 'string' ? [path] : path) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

export const pathText = (path: ClaimPath): string => (typeof path === 'string' ? path : path.join(' › '));
