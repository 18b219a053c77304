/** Reads JSON as SCIM does: names are case-insensitive (RFC 7643 §2.1), null equals absent (§2.5). */
import { ScimError } from './scim-errors.js';

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns the attribute's value, or undefined when it has none. `name` is in lower case. */
export function readAttribute(object: JsonObject, name: string): unknown {
  for (const [key, value] of Object.entries(object)) if (key.toLowerCase() === name) return value ?? undefined;
  return undefined;
}

/** Returns a boolean. Accepts the text that Entra ID sends (`"False"`). Throws `invalidValue`. */
export function readBoolean(value: unknown, name: string): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string' && /^(?:true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  throw new ScimError('invalidValue', `${name} must be true or false.`);
}

/** Throws `invalidValue` for a value other than text. */
export function readText(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw new ScimError('invalidValue', `${name} must be text.`);
}
