/**
 * Replay data is data that a vendor needs back to continue its reasoning: signatures, encrypted reasoning. On its way
 * through clients of other dialects the gateway wraps it (`ENVELOPE_PREFIX`, `RESPONSES_ENVELOPE_PREFIX`) or marks its
 * origin (`ORIGIN_PREFIX`). All of it begins with `gatehouse.`, so that one search finds whether a body holds any.
 *
 * An *origin* names all models that can read one another's replay data: a provider, or a family of models of one.
 */

/** Prefix of `signature` of a thinking block and `data` of a redacted one, in Messages; base64url follows. */
export const ENVELOPE_PREFIX = 'gatehouse.1.';
/** Prefix of `encrypted_content` of a reasoning item, in Responses; base64 follows. */
export const RESPONSES_ENVELOPE_PREFIX = 'gatehouse.v1.';
/**
 * Prefix of `id` of one of `reasoning_details`, and of `extra_content.gatehouse` of a call, in Chat; the origin, a dot
 * and the vendor's own id follow.
 */
export const ORIGIN_PREFIX = 'gatehouse.from.';

/** Member of `extra_content` that names the origin. */
export const ORIGIN_MEMBER = 'gatehouse';

const PREFIXES = [ENVELOPE_PREFIX, RESPONSES_ENVELOPE_PREFIX, ORIGIN_PREFIX];
const COMMON = Buffer.from('gatehouse.');

/** Whether a text begins with a mark of the gateway. */
export function isReplay(value: unknown): value is string {
  return typeof value === 'string' && PREFIXES.some((prefix) => value.startsWith(prefix));
}

/** Whether a body may hold replay data. False is certain. */
export function mayHoldReplay(body: Buffer): boolean {
  for (let at = body.indexOf(COMMON); at >= 0; at = body.indexOf(COMMON, at + COMMON.length))
    if (isReplay(body.toString('latin1', at, at + ORIGIN_PREFIX.length))) return true;
  return false;
}

/** Returns the mark of an origin, with the vendor's id if it has one. */
export function markId(id: string | null | undefined, origin: string): string {
  return `${ORIGIN_PREFIX}${origin}${id ? `.${id}` : ''}`;
}

/**
 * Parses a marked id; returns null if the value is not marked. `id` is absent if the vendor gave none. Origins do not
 * contain dots.
 */
export function readMarkedId(value: unknown): { origin: string; id?: string } | null {
  if (typeof value !== 'string' || !value.startsWith(ORIGIN_PREFIX)) return null;
  const marked = value.slice(ORIGIN_PREFIX.length);
  const dot = marked.indexOf('.');
  return dot < 0 ? { origin: marked } : { origin: marked.slice(0, dot), id: marked.slice(dot + 1) };
}
