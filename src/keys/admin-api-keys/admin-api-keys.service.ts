import { Injectable } from '@nestjs/common';
import { DataSource, ILike, type EntityManager, type FindOptionsWhere } from 'typeorm';
import type { Actor } from '../../auth/callers/actor.js';
import { authTag, getUserId, type Caller } from '../../auth/callers/caller.js';
import { AuditLog } from '../../audit/entries/audit-log.js';
import { WebhookOutbox } from '../../outbox/webhook-outbox.js';
import { Clock } from '../../platform/time/clock.js';
import { mintToken } from '../../platform/crypto/token-mint.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { AdminApiKeyId } from '../../platform/ids.js';
import { toLikePattern, toPage, type Page, type PageQuery } from '../../admin-api/page.js';
import { createAdminApiKey } from './create-admin-api-key.js';
import { AdminApiKeyEntity } from './admin-api-key.entity.js';
import { toAdminApiKeyView, type CreateAdminApiKeyBody } from './admin-api-keys.dto.js';

/** Keys for the admin API. A caller manages their own keys, or those of all users if the role allows it. */
@Injectable()
export class AdminApiKeysService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly outbox: WebhookOutbox,
    private readonly clock: Clock,
  ) {}

  async list({ caller }: Actor, query: PageQuery): Promise<Page<AdminApiKeyEntity>> {
    const [keys, total] = await this.dataSource.manager.findAndCount(AdminApiKeyEntity, {
      where: {
        ...visibleTo(caller),
        ...(query.search === undefined ? {} : { name: ILike(toLikePattern(query.search)) }),
      },
      order: { id: 'ASC' },
      skip: query.offset,
      take: query.limit,
    });
    return toPage(keys, total, query);
  }

  get({ caller }: Actor, id: AdminApiKeyId): Promise<AdminApiKeyEntity> {
    return load(this.dataSource.manager, id, caller);
  }

  /**
   * Creates a key of the caller; its returned value is stored nowhere. Throws `validation_failed` for an expiry in the
   * past.
   */
  async create(actor: Actor, body: CreateAdminApiKeyBody): Promise<{ key: AdminApiKeyEntity; value: string }> {
    const { caller } = actor;
    const now = this.clock.now();
    const expiresAt = body.expiresAt ? new Date(body.expiresAt) : null;
    if (expiresAt && expiresAt.getTime() <= now) throw alreadyOver();
    const { key, value } = createAdminApiKey(mintToken('arch_api_'), now, {
      organizationId: caller.organizationId,
      userId: requireUser(caller),
      name: body.name,
      scopes: body.scopes ?? ['admin:read'],
      expiresAt,
    });
    await this.unitOfWork.run(async ({ manager }) => {
      await manager.insert(AdminApiKeyEntity, key);
      await this.audit.record(manager, actor, { ...auditEvent('create', key.id), after: toAdminApiKeyView(key) });
    });
    return { key, value };
  }

  delete(actor: Actor, id: AdminApiKeyId): Promise<void> {
    return this.unitOfWork.run(async (work) => {
      const { manager } = work;
      const key = await load(manager, id, actor.caller);
      const { affected } = await manager.delete(AdminApiKeyEntity, { id });
      if (!affected) throw unknownKey(id);
      await this.audit.record(manager, actor, { ...auditEvent('delete', id), before: toAdminApiKeyView(key) });
      const data = { credentialType: 'admin_api_key', id, name: key.name } as const;
      await this.outbox.append(manager, actor.caller.organizationId, 'credential.revoked', data);
      work.announce({ tag: authTag.adminApiKey(id), effect: 'revoked' });
    });
  }
}

/** Hides other users' keys from callers who may not see them. */
function visibleTo(caller: Caller): FindOptionsWhere<AdminApiKeyEntity> {
  const { organizationId } = caller;
  return caller.permissions.has('any_api_key:write')
    ? { organizationId }
    : { organizationId, userId: requireUser(caller) };
}

async function load(manager: EntityManager, id: AdminApiKeyId, caller: Caller): Promise<AdminApiKeyEntity> {
  const key = await manager.findOneBy(AdminApiKeyEntity, { ...visibleTo(caller), id });
  if (!key) throw unknownKey(id);
  return key;
}

function requireUser(caller: Caller): string {
  const userId = getUserId(caller);
  if (userId !== null) return userId;
  throw new GatewayError(
    'permission_denied',
    'This credential belongs to no user, so it cannot have admin API keys. Use one of your own.',
  );
}

const unknownKey = (id: string): GatewayError =>
  new GatewayError('not_found', `No admin API key ${id} is visible to you.`);

function alreadyOver(): GatewayError {
  const detail = 'expiresAt must be in the future.';
  return new GatewayError('validation_failed', detail, { fields: [{ pointer: '/expiresAt', detail }] });
}

const auditEvent = (verb: string, id: string) => ({ action: `api_key.${verb}`, targetType: 'api_key', targetId: id });
