/** Finds the HTTP status that a vendor's error means if it came with a status of success. */
import { type Fields, toFields } from './token-counts.js';

/** Statuses by the vendors' names of errors, in lower case and without punctuation. The first match decides. */
const STATUSES: readonly (readonly [RegExp, number])[] = [
  [/ratelimit|toomanyrequests|throttl|quota|resourceexhausted/, 429],
  [/unauth|authentication|apikey|expiredtoken|unrecognizedclient/, 401],
  [/permission|forbidden|accessdenied/, 403],
  [/notfound|doesnotexist|unknownoperation/, 404],
  [/billing|payment|insufficientbalance/, 402],
  [/toolarge/, 413],
  [/timeout|timedout|deadline/, 504],
  [/^overloadederror$/, 529],
  [/overloaded|unavailable/, 503],
  [/invalid|badrequest|validation|unsupported|contextlength|failedprecondition|outofrange|contentfilter/, 400],
  [/server|internal|^apierror|unknown|modelerror/, 500],
];

/** Status of an error without a known kind: the gateway received no usable response (RFC 9110 §15.6.3). */
const UNKNOWN = 502;

/**
 * Returns the status by the error's code, then by its type or name. A number counts as a status if it is an error
 * status.
 * @param error an object, or the vendor's name for it
 */
export function findErrorStatus(error: unknown): number {
  const fields: Fields = toFields(error) ?? { code: error };
  const names = ['code', 'status', 'status_code', 'type', '__type'].map((name) => fields[name]);
  for (const name of names) {
    const status = typeof name === 'number' || typeof name === 'string' ? Number(name) : NaN;
    if (Number.isInteger(status) && status >= 400 && status <= 599) return status;
  }
  for (const name of names) {
    const status = typeof name === 'string' ? findStatusByName(name) : undefined;
    if (status !== undefined) return status;
  }
  return UNKNOWN;
}

function findStatusByName(name: string): number | undefined {
  const plain = name.toLowerCase().replace(/[^a-z]/g, '');
  return STATUSES.find(([pattern]) => pattern.test(plain))?.[1];
}

/** Statuses by `base_resp.status_code` of MiniMax (platform.minimax.io/docs/api-reference/errorcode); 0 is success. */
const BASE_RESP: Readonly<Record<number, number>> = {
  1001: 504,
  1002: 429,
  1004: 401,
  1008: 402,
  1026: 400,
  1027: 400,
  1039: 429,
  1041: 429,
  1042: 400,
  2013: 400,
  2045: 429,
  2049: 401,
  2056: 429,
};

/** Returns null for success, and for a value without such a code. */
export function readBaseRespStatus(value: unknown): number | null {
  const code = toFields(value)?.['status_code'];
  return typeof code === 'number' && code !== 0 ? (BASE_RESP[code] ?? 500) : null;
}
