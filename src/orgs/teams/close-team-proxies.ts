import { ArrayContains } from 'typeorm';
import { authTag } from '../../auth/callers/caller.js';
import type { Work } from '../../platform/database/unit-of-work.js';
import { LlmProxyEntity } from '../llm-proxies/llm-proxy.entity.js';
import { conflict } from '../../admin-api/refusals.js';
import type { TeamEntity } from './team.entity.js';

/**
 * Removes a team that is to be deleted from every LLM proxy. Throws `conflict` where it is the only one: an LLM proxy
 * without teams is open to everyone, and deleting a team must not open anything.
 */
export async function closeTeamProxies(work: Work, team: TeamEntity): Promise<void> {
  const { manager } = work;
  const { organizationId } = team;
  const proxies = await manager.findBy(LlmProxyEntity, { organizationId, teamIds: ArrayContains([team.id]) });
  const only = proxies.find((proxy) => proxy.teamIds.length === 1);
  if (only) {
    throw conflict(
      `The LLM proxy "${only.name}" is open to this team alone. Name other teams there, or none for everyone, first.`,
    );
  }
  for (const { id, teamIds } of proxies) {
    await manager.update(LlmProxyEntity, { id }, { teamIds: teamIds.filter((teamId) => teamId !== team.id) });
    work.announce({ tag: authTag.llmProxy(id), effect: 'revoked' });
  }
}
