import type { Secret } from '../../platform/crypto/secret.js';
import { computeTokenDigest } from '../../platform/crypto/token-digest.js';
import { createId } from '../../platform/ids.js';
import { AdminApiKeyEntity } from './admin-api-key.entity.js';

// The prefix and four characters: enough to distinguish one's keys, useless to a thief.
const START_LENGTH = 13;

type AdminApiKeyInput = Pick<AdminApiKeyEntity, 'organizationId' | 'userId' | 'name' | 'scopes' | 'expiresAt'>;

/**
 * Returns the row for a key of this secret, which holds only its digest and its beginning; and the value, to be shown
 * once.
 */
export function createAdminApiKey(
  secret: Secret,
  nowMs: number,
  input: AdminApiKeyInput,
): { key: AdminApiKeyEntity; value: string } {
  const value = secret.expose();
  const key = Object.assign(new AdminApiKeyEntity(), input, {
    id: createId(nowMs),
    digest: computeTokenDigest(value),
    tokenStart: value.slice(0, START_LENGTH),
    createdAt: new Date(nowMs),
    lastUsedAt: null,
  });
  return { key, value };
}
