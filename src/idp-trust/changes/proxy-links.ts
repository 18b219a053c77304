import { authTag } from '../../auth/callers/caller.js';
import type { Work } from '../../platform/database/unit-of-work.js';

/**
 * Unlinks an identity provider from every LLM proxy before its deletion, and revokes the callers that it admitted
 * there.
 */
export async function unlinkFromProxies(work: Work, organizationId: string, providerId: string): Promise<void> {
  const proxies = await work.manager.query<{ id: string }[]>(
    `WITH unlinked AS (
       UPDATE llm_proxy SET identity_provider_ids = array_remove(identity_provider_ids, $2::uuid)
        WHERE organization_id = $1 AND identity_provider_ids @> ARRAY[$2::uuid] RETURNING id)
     SELECT id FROM unlinked ORDER BY id`,
    [organizationId, providerId],
  );
  for (const { id } of proxies) work.announce({ tag: authTag.llmProxy(id), effect: 'revoked' });
  if (proxies.length > 0) work.announce({ tag: authTag.llmProxies(organizationId), effect: 'changed' });
}
