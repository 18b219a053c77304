/**
 * Reads the untrusted JSON of a token. Of two members with one name JSON.parse takes the last where other readers take
 * the first, so two parties would see two subjects; such a text is refused here. Pure.
 */
import { isUtf8 } from 'node:buffer';
import { JsonFault, skipColon, skipSpace, skipString, skipValue } from '../../providers/json/text.js';
import { TokenRefusal } from './token-refusal.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Real tokens nest three or four deep (Keycloak's `resource_access`, Kubernetes' `kubernetes.io`). */
const MAX_DEPTH = 8;

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;

/**
 * @param part name of the text in a refusal: `header`, `payload`
 * @throws TokenRefusal `jwt_malformed` or `jwt_duplicate_member`
 */
export function readTokenJson(bytes: Buffer, part: string): JsonObject {
  if (!isUtf8(bytes)) throw new TokenRefusal('jwt_malformed', `The ${part} is not UTF-8.`);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch {
    throw new TokenRefusal('jwt_malformed', `The ${part} is not JSON.`);
  }
  if (!isObject(value)) throw new TokenRefusal('jwt_malformed', `The ${part} is not a JSON object.`);
  try {
    scan(bytes, skipSpace(bytes, 0), 1, part);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    throw new TokenRefusal('jwt_malformed', `The ${part} is not JSON.`);
  }
  return value;
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Scans the value of valid JSON that begins at `at`; returns the offset after it. */
function scan(text: Buffer, at: number, depth: number, part: string): number {
  const kind = text[at]!;
  if (kind !== OPEN_BRACE && kind !== OPEN_BRACKET) return skipValue(text, at);
  if (depth > MAX_DEPTH) throw new TokenRefusal('jwt_malformed', `The ${part} nests deeper than ${MAX_DEPTH}.`);
  const names = kind === OPEN_BRACE ? new Set<string>() : null;
  let i = skipSpace(text, at + 1);
  // '}' is '{' + 2 and ']' is '[' + 2
  while (text[i] !== kind + 2) {
    if (text[i] === COMMA) i = skipSpace(text, i + 1);
    if (names) i = skipName(text, i, names, part);
    i = skipSpace(text, scan(text, i, depth + 1, part));
  }
  return i + 1;
}

/** A name spelled with escapes equals the name without them. */
function skipName(text: Buffer, at: number, names: Set<string>, part: string): number {
  if (text[at] !== QUOTE) throw new JsonFault('a member name is missing', at);
  const end = skipString(text, at);
  const name = JSON.parse(text.toString('utf8', at, end)) as string;
  if (names.has(name))
    throw new TokenRefusal('jwt_duplicate_member', `The ${part} has the member ${quote(name)} twice.`);
  names.add(name);
  return skipSpace(text, skipColon(text, end));
}

/** Quotes a value from a token, made safe for a log line and shortened. */
export function quote(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
