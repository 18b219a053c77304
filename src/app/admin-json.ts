/** Restrictions for all JSON bodies of the admin API. Pure. */
import { ruleViolation } from '../admin-api/refusals.js';
import { GatewayError, type FieldError } from '../platform/errors/gateway-error.js';

/** No body of the API is nested deeper than five; recursion over a body must not overflow the stack. */
const MAX_DEPTH = 32;

/** Bounds the response to the size of the request; twenty errors suffice to find the mistake. */
const MAX_FIELDS = 20;

/** A lone surrogate is not a character. PostgreSQL stores neither it nor NUL (in text or in jsonb). */
const UNSTORABLE = /[\0\p{Cs}]/u;

/**
 * Throws `invalid_body` for a value other than an object, and `validation_failed` naming each member that is not
 * allowed.
 */
export function checkAdminJson(body: unknown): void {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new GatewayError('invalid_body', 'Send the body as a JSON object.');
  }
  const fields: FieldError[] = [];
  for (const field of findProblems(body, '', 1)) if (fields.push(field) === MAX_FIELDS) break;
  if (fields.length === 0) return;
  throw ruleViolation(fields);
}

function* findProblems(value: unknown, pointer: string, depth: number): Generator<FieldError> {
  if (typeof value === 'string' && UNSTORABLE.test(value)) {
    yield { pointer, detail: 'must not hold a NUL character or half of a surrogate pair' };
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_DEPTH) {
    yield { pointer, detail: 'is nested too deeply' };
    return;
  }
  for (const [name, member] of Object.entries(value)) {
    if (UNSTORABLE.test(name)) {
      yield { pointer, detail: 'has a member whose name holds a NUL character or half of a surrogate pair' };
      continue;
    }
    const inner = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    // Validation looks fields up in plain objects, where these names exist although no class declares them.
    if (name in Object.prototype) yield { pointer: inner, detail: `property ${name} should not exist` };
    else yield* findProblems(member, inner, depth + 1);
  }
}
