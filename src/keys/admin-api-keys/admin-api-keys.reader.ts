import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, type FindOptionsWhere } from 'typeorm';
import { listPage } from '../../admin-api/list-page.js';
import type { Page, PageQuery } from '../../admin-api/page.js';
import type { Actor } from '../../auth/callers/actor.js';
import { getUserId, type Caller } from '../../auth/callers/caller.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { AdminApiKeyEntity } from './admin-api-key.entity.js';
import { toAdminApiKeyView, type AdminApiKeyView } from './admin-api-keys.dto.js';

/** Reads the keys of the caller, or those of all users if the role allows it. */
@Injectable()
export class AdminApiKeysReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Oldest first. */
  async list({ caller }: Actor, query: PageQuery): Promise<Page<AdminApiKeyView>> {
    const keys = this.dataSource.manager
      .createQueryBuilder(AdminApiKeyEntity, 'k')
      .where(buildVisibilityFilter(caller))
      .orderBy('k.id');
    return listPage(keys, query, { searchIn: ['k.name'], toViews: (rows) => rows.map(toAdminApiKeyView) });
  }

  async get(actor: Actor, id: string): Promise<AdminApiKeyView> {
    return toAdminApiKeyView(await loadAdminApiKey(this.dataSource.manager, actor, id));
  }
}

/** Hides other users' keys from callers who may not see them. */
function buildVisibilityFilter(caller: Caller): FindOptionsWhere<AdminApiKeyEntity> {
  const { organizationId } = caller;
  return caller.permissions.has('any_api_key:write')
    ? { organizationId }
    : { organizationId, userId: requireUser(caller) };
}

/** Returns the row. Throws `not_found` for a key that does not exist or that the caller may not see. */
export async function loadAdminApiKey(
  manager: EntityManager,
  { caller }: Actor,
  id: string,
): Promise<AdminApiKeyEntity> {
  const key = await manager.findOneBy(AdminApiKeyEntity, { ...buildVisibilityFilter(caller), id });
  if (!key) throw unknownKey(id);
  return key;
}

/** Throws `permission_denied` for a caller who is not a user. */
export function requireUser(caller: Caller): string {
  const userId = getUserId(caller);
  if (userId !== null) return userId;
  throw new GatewayError(
    'permission_denied',
    'This credential belongs to no user, so it cannot have admin API keys. Use one of your own.',
  );
}

export const unknownKey = (id: string): GatewayError =>
  new GatewayError('not_found', `No admin API key ${id} is visible to you.`);
