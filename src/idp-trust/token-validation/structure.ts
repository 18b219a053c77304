/**
 * Checks the form of a token before its content (RFC 7519 §7.2, RFC 8725). Pure, and cheap: most garbage is refused
 * here.
 */
import { readTokenJson, type JsonObject } from '../trusted-issuer/token-json.js';
import { TokenRefusal } from '../trusted-issuer/token-refusal.js';

/** Entra's tokens with many groups reach 10 KiB; the library would verify megabytes. */
const MAX_TOKEN_CHARACTERS = 16 * 1024;
const MAX_HEADER_BYTES = 1024;

/** A well-formed token. Nothing in it is verified. */
export interface ParsedToken {
  readonly header: JsonObject;
  readonly claims: JsonObject;
}

/** @throws TokenRefusal `jwt_too_long`, `jwt_malformed`, `jwt_encrypted` or `jwt_duplicate_member` */
export function parseToken(token: string): ParsedToken {
  if (token.length > MAX_TOKEN_CHARACTERS)
    throw new TokenRefusal('jwt_too_long', `The token is longer than ${MAX_TOKEN_CHARACTERS} characters.`);
  const segments = token.split('.');
  if (segments.length === 5)
    throw new TokenRefusal('jwt_encrypted', 'The token is encrypted (JWE). Have the provider issue signed tokens.');
  if (segments.length !== 3)
    throw new TokenRefusal('jwt_malformed', `The token has ${segments.length} segments instead of 3.`);
  const [header, payload] = segments.map(decodeSegment) as [Buffer, Buffer, Buffer];
  if (header.length > MAX_HEADER_BYTES)
    throw new TokenRefusal('jwt_malformed', `The header is longer than ${MAX_HEADER_BYTES} bytes.`);
  return { header: readTokenJson(header, 'header'), claims: readTokenJson(payload, 'payload') };
}

const SEGMENTS = ['header', 'payload', 'signature'];

/** Accepts only the canonical encoding: no padding, no foreign characters, no stray bits at the end (RFC 4648 §3.5). */
function decodeSegment(segment: string, index: number): Buffer {
  const bytes = Buffer.from(segment, 'base64url');
  if (bytes.length === 0 || bytes.toString('base64url') !== segment)
    throw new TokenRefusal('jwt_malformed', `The ${SEGMENTS[index]} is empty or not base64url.`);
  return bytes;
}
