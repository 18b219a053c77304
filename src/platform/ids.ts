/**
 * Identifiers. Every stored thing has a UUID v7 (time-ordered, so new rows land at the end of their index), branded
 * per kind so that a user's id cannot be passed where a team's is wanted.
 */
import { randomFillSync } from 'node:crypto';

declare const brand: unique symbol;
type Id<Kind extends string> = string & { readonly [brand]: Kind };

export type OrgId = Id<'organisation'>;
export type UserId = Id<'user'>;
export type TeamId = Id<'team'>;
export type ProxyId = Id<'llm-proxy'>;
export type ProviderKeyId = Id<'provider-key'>;
export type VirtualKeyId = Id<'virtual-key'>;
export type AdminApiKeyId = Id<'admin-api-key'>;
export type OAuthClientId = Id<'oauth-client'>;
export type InteractionId = Id<'interaction'>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether `text` has the form of a UUID of any version. */
export const isUuid = (text: string): boolean => text.length === 36 && UUID.test(text);

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
// Random bytes are drawn 4 KiB at a time: one call per id would cost several times the rest of this function.
const pool = Buffer.allocUnsafe(4096);
let used = pool.length;

/** A fresh UUID v7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then 74 random bits. */
export function newId<T extends string>(nowMs: number = Date.now()): T {
  if (used + 10 > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const r = used;
  used += 10;
  const high = Math.floor(nowMs / 0x10000);
  const low = nowMs % 0x10000;
  const hex = (byte: number): string => HEX[byte & 0xff]!;
  const at = (i: number): number => pool[r + i]!;
  return (hex(high >>> 24) +
    hex(high >>> 16) +
    hex(high >>> 8) +
    hex(high) +
    '-' +
    hex(low >>> 8) +
    hex(low) +
    '-' +
    hex(0x70 | (at(0) & 0x0f)) +
    hex(at(1)) +
    '-' +
    hex(0x80 | (at(2) & 0x3f)) +
    hex(at(3)) +
    '-' +
    hex(at(4)) +
    hex(at(5)) +
    hex(at(6)) +
    hex(at(7)) +
    hex(at(8)) +
    hex(at(9))) as T;
}
