/**
 * Identifiers. Every stored thing has a UUID v7 (time-ordered, so new rows land at the end of their index), branded
 * per kind so that a user's id cannot be passed where a team's is wanted.
 */
import { randomFillSync } from 'node:crypto';

declare const brand: unique symbol;
type Id<Kind extends string> = string & { readonly [brand]: Kind };

export type OrgId = Id<'organization'>;
export type UserId = Id<'user'>;
export type TeamId = Id<'team'>;
export type ProxyId = Id<'llm-proxy'>;
export type ProviderKeyId = Id<'provider-key'>;
export type VirtualKeyId = Id<'virtual-key'>;
export type AdminApiKeyId = Id<'admin-api-key'>;
export type OAuthClientId = Id<'oauth-client'>;
export type IdentityProviderId = Id<'identity-provider'>;
export type OAuthTokenId = Id<'oauth-token'>;
export type InteractionId = Id<'interaction'>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether `text` has the form of a UUID of any version. */
export const isUuid = (text: string): boolean => text.length === 36 && UUID.test(text);

// Random bytes are drawn 4 KiB at a time: one call per id would cost several times the rest of this function.
const pool = Buffer.allocUnsafe(4096);
const RANDOM_BYTES = 10;
let used = pool.length;

let lastMs = -1;
let lastTime = '';

/** The 48 bits of the time as `xxxxxxxx-xxxx`; many ids are made within one millisecond. */
function formatTimePart(nowMs: number): string {
  if (nowMs !== lastMs) {
    const hex = Math.floor(nowMs).toString(16).padStart(12, '0');
    lastMs = nowMs;
    lastTime = `${hex.slice(0, 8)}-${hex.slice(8)}`;
  }
  return lastTime;
}

/** A fresh UUID v7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then 74 random bits. */
export function createId<T extends string>(nowMs: number = Date.now()): T {
  if (used + RANDOM_BYTES > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  // The variant: the two highest bits of its byte are 1 0 (RFC 9562 §4.1).
  pool[used + 2] = 0x80 | (pool[used + 2]! & 0x3f);
  const random = pool.toString('hex', used, used + RANDOM_BYTES);
  used += RANDOM_BYTES;
  return `${formatTimePart(nowMs)}-7${random.slice(0, 3)}-${random.slice(4, 8)}-${random.slice(8)}` as T;
}

/** Whether the object with this id was created at `ms` (Unix milliseconds) or later. */
export const isCreatedSince = (id: string, ms: number): boolean =>
  Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) >= ms;
