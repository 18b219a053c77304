/**
 * Normalizes the target of a request for everything that compares paths. Routers, guards, rate limits and header rules
 * treat spellings differently, so targets are normalized or refused before any of them runs.
 */

/** Start of an absolute-form target (RFC 9112 §3.2.2). Its authority is ignored. */
const ABSOLUTE_FORM = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;
/** Targets without any of these are in normal form already. */
const UNUSUAL = /[%\\#;]|\/[./]|^[^/]/;
const UNRESERVED_ESCAPE = /%([0-9a-f]{2})/gi;
const UNRESERVED = /[A-Za-z0-9._~-]/;
/**
 * Characters that no path of this server contains: some routers treat them as a slash, cut at them, or decode them
 * again.
 */
const REFUSED_IN_PATH = /[\\#;\s]|%(?:[01][0-9A-F]|7F|2F|5C|25|3B|3F|23)|\/\/|\/\.{1,2}(?:\/|$)/;
/** The prefix of the LLM routes. What follows it is the vendor's path, which is checked and forwarded byte for byte. */
const LLM_PREFIX = /^\/(?:v|%76)(?:1|%31)(?=[/?]|$)/;

/**
 * Returns the target in origin-form with every escape of an unreserved character decoded (RFC 3986 §6.2.2.2, §6.2.3).
 * Below `/v1` only that prefix is normalized. Returns null for a target that a router could read as another path: dot
 * segments, empty segments, escaped slashes, backslashes, semicolons, percent signs and control characters. Invalid
 * escapes stay: the router responds to them with 400.
 */
export function normalizeTarget(target: string): string | null {
  if (!UNUSUAL.test(target)) return target;
  const origin = target.replace(ABSOLUTE_FORM, '');
  if (origin === '*') return origin; // OPTIONS * (RFC 9112 §3.2.4)
  const queryStart = origin.indexOf('?');
  const path = (queryStart < 0 ? origin : origin.slice(0, queryStart)) || '/';
  const query = queryStart < 0 ? '' : origin.slice(queryStart);
  const llm = LLM_PREFIX.exec(path)?.[0];
  if (llm !== undefined) return `/v1${path.slice(llm.length)}${query}`;
  const decoded = path.replace(UNRESERVED_ESCAPE, (escape: string, digits: string) => {
    const character = String.fromCharCode(Number.parseInt(digits, 16));
    return UNRESERVED.test(character) ? character : escape.toUpperCase();
  });
  return decoded.startsWith('/') && !REFUSED_IN_PATH.test(decoded) ? `${decoded}${query}` : null;
}

/** The path of a target in normal form, without its query. */
export function getTargetPath(target: string): string {
  const queryStart = target.indexOf('?');
  return queryStart < 0 ? target : target.slice(0, queryStart);
}
