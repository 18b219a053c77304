import type { EntityManager } from 'typeorm';
import { unknownReference } from '../../../admin-api/refusals.js';
import type { LimitedEntity } from '../definitions/limit.js';

/**
 * `$1` is the id, `$2` the organization. Applications that registered themselves belong to no organization; each
 * organization binds them separately.
 */
const EXISTS: Readonly<Record<LimitedEntity, string>> = {
  organization: 'SELECT 1 FROM organization WHERE id = $1 AND id = $2',
  team: 'SELECT 1 FROM team WHERE id = $1 AND organization_id = $2',
  user: 'SELECT 1 FROM app_user WHERE id = $1 AND organization_id = $2',
  virtual_key: 'SELECT 1 FROM virtual_key WHERE id = $1 AND organization_id = $2',
  oauth_client: 'SELECT 1 FROM oauth_client WHERE id = $1 AND (organization_id = $2 OR organization_id IS NULL)',
  llm_proxy: 'SELECT 1 FROM llm_proxy WHERE id = $1 AND organization_id = $2',
};

/** Throws `validation_failed` unless the organization has the entity. */
export async function requireEntity(
  manager: EntityManager,
  organizationId: string,
  entityType: LimitedEntity,
  entityId: string,
): Promise<void> {
  const found = await manager.query<object[]>(EXISTS[entityType], [entityId, organizationId]);
  if (found.length === 0) throw unknownReference(entityType.replace('_', ' '), ['/entityId']);
}
