/** Ends the mappings to provider keys that are deleted. Their holders remain, and may be mapped again. */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { authTag } from '../../auth/callers/caller.js';
import { WebhookOutbox } from '../../outbox/webhook-outbox.js';
import type { Work } from '../../platform/database/unit-of-work.js';
import type { OrgId } from '../../platform/ids.js';
import type { HolderType, KeyBinding } from './key-binding.store.js';

/** A holder that has lost a mapping. */
export interface UnmappedHolder {
  type: HolderType;
  id: string;
  name: string;
  /** The mappings that it had, by provider name. */
  before: KeyBinding[];
  after: KeyBinding[];
  /** False for a holder that is revoked or disabled. */
  isActive: boolean;
}

const TAGS = { 'virtual-key': authTag.virtualKey, 'oauth-client': authTag.oauthClient } as const;
const CREDENTIAL_TYPES = { 'virtual-key': 'virtual_key', 'oauth-client': 'oauth_client' } as const;

const BINDINGS = `json_agg(json_build_object('provider', b.provider, 'providerApiKeyId', b.provider_key_id) ORDER BY b.provider)`;

/** All mappings of the holders of the keys in $1. */
const HOLDERS = `
  SELECT b.holder_type AS type, b.holder_id AS id, coalesce(v.name, c.name) AS name, ${BINDINGS} AS before,
         coalesce(${BINDINGS} FILTER (WHERE b.provider_key_id <> ALL ($1::uuid[])), '[]'::json) AS after,
         v.revoked_at IS NULL AND c.is_disabled IS NOT TRUE AS "isActive"
    FROM key_binding b
    LEFT JOIN virtual_key v ON b.holder_type = 'virtual-key' AND v.id = b.holder_id
    LEFT JOIN oauth_client c ON b.holder_type = 'oauth-client' AND c.id = b.holder_id
   WHERE (b.holder_type, b.holder_id) IN (
           SELECT m.holder_type, m.holder_id FROM key_binding m WHERE m.provider_key_id = ANY ($1::uuid[]))
   GROUP BY b.holder_type, b.holder_id, v.name, c.name, v.revoked_at, c.is_disabled
   ORDER BY b.holder_type, b.holder_id`;

@Injectable()
export class KeyUnmappingService {
  constructor(private readonly outbox: WebhookOutbox) {}

  /**
   * Ends the mappings to keys that this transaction deletes, announces their holders, and notifies webhooks of active
   * holders without a mapping left. Returns all holders that lost one.
   */
  async unmap(work: Work, organizationId: OrgId, providerKeyIds: readonly string[]): Promise<UnmappedHolder[]> {
    const { manager } = work;
    const holders = await findMappedHolders(manager, providerKeyIds);
    await manager.query('DELETE FROM key_binding WHERE provider_key_id = ANY ($1::uuid[])', [providerKeyIds]);
    for (const { type, id, name, after, isActive } of holders) {
      work.announce({ tag: TAGS[type](id), effect: 'revoked' });
      if (after.length > 0 || !isActive) continue;
      const data = { credentialType: CREDENTIAL_TYPES[type], id, name };
      await this.outbox.append(manager, organizationId, 'credential.unmapped', data);
    }
    return holders;
  }
}

const findMappedHolders = (manager: EntityManager, providerKeyIds: readonly string[]): Promise<UnmappedHolder[]> =>
  manager.query<UnmappedHolder[]>(HOLDERS, [providerKeyIds]);
