import type { EntityManager } from 'typeorm';

/**
 * Serializes changes to the people, teams and LLM proxies of one organization until their transactions end. Rules over
 * several rows need it: there is always an owner, and exactly one default. New rows elsewhere that refer to the
 * organization do not wait for this lock.
 */
export async function lockOrganization(manager: EntityManager, organizationId: string): Promise<void> {
  await manager.query('SELECT 1 FROM organization WHERE id = $1 FOR NO KEY UPDATE', [organizationId]);
}
