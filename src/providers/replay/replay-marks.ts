/**
 * Replay data is what a vendor wants to see again to continue its reasoning: signatures, encrypted reasoning. On its way
 * through clients of other languages the gateway wraps it (`ENVELOPE_PREFIX`, `RESPONSES_ENVELOPE_PREFIX`) or marks whose it is
 * (`ORIGIN_PREFIX`). All of it begins with `gatehouse.`, so that one search tells whether a body holds any.
 *
 * An *origin* is a name for all models that can read one another's replay data: a provider, or a family of models at one.
 */

/** `signature` of a thinking block and `data` of a redacted one, in Messages: base64url follows. */
export const ENVELOPE_PREFIX = 'gatehouse.1.';
/** `encrypted_content` of a reasoning item, in Responses: base64 follows. */
export const RESPONSES_ENVELOPE_PREFIX = 'gatehouse.v1.';
/** `id` of one of `reasoning_details`, and `extra_content.gatehouse` of a call, in Chat: the origin, a dot, the vendor's own id. */
export const ORIGIN_PREFIX = 'gatehouse.from.';

/** The member of `extra_content` that says whose it is. */
export const ORIGIN_MEMBER = 'gatehouse';

const PREFIXES = [ENVELOPE_PREFIX, RESPONSES_ENVELOPE_PREFIX, ORIGIN_PREFIX];
const COMMON = Buffer.from('gatehouse.');

/** Whether a text is, or begins with, something of the gateway's own. */
export function isReplay(value: unknown): value is string {
  return typeof value === 'string' && PREFIXES.some((prefix) => value.startsWith(prefix));
}

/** Whether replay data can be anywhere in a body. False is certain. */
export function mayHoldReplay(body: Buffer): boolean {
  for (let at = body.indexOf(COMMON); at >= 0; at = body.indexOf(COMMON, at + COMMON.length))
    if (isReplay(body.toString('latin1', at, at + ORIGIN_PREFIX.length))) return true;
  return false;
}

/** The vendor's id, if it has one, under the name of its origin. */
export function markedId(id: string | null | undefined, origin: string): string {
  return `${ORIGIN_PREFIX}${origin}${id ? `.${id}` : ''}`;
}

/** Null for what is not marked. `id` is absent where the vendor gave none. Origins hold no dots. */
export function readMarkedId(value: unknown): { origin: string; id?: string } | null {
  if (typeof value !== 'string' || !value.startsWith(ORIGIN_PREFIX)) return null;
  const marked = value.slice(ORIGIN_PREFIX.length);
  const dot = marked.indexOf('.');
  return dot < 0 ? { origin: marked } : { origin: marked.slice(0, dot), id: marked.slice(dot + 1) };
}
