import { validationError } from '../../admin-api/refusals.js';
import { Injectable } from '@nestjs/common';
import type { Actor } from '../../auth/callers/actor.js';
import { authTag } from '../../auth/callers/caller.js';
import { AuditLog, buildAuditEvent } from '../../audit/entries/audit-log.js';
import { WebhookOutbox } from '../../outbox/webhook-outbox.js';
import { Clock } from '../../platform/time/clock.js';
import { mintToken } from '../../platform/crypto/token-mint.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import type { AdminApiKeyId } from '../../platform/ids.js';
import { loadAdminApiKey, requireUser, unknownKey } from './admin-api-keys.reader.js';
import { createAdminApiKey } from './create-admin-api-key.js';
import { AdminApiKeyEntity } from './admin-api-key.entity.js';
import { toAdminApiKeyView, type AdminApiKeyCreated, type CreateAdminApiKeyBody } from './admin-api-keys.dto.js';

/** Keys for the admin API. A caller manages their own keys, or those of all users if the role allows it. */
@Injectable()
export class AdminApiKeysService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly outbox: WebhookOutbox,
    private readonly clock: Clock,
  ) {}

  /**
   * Creates a key of the caller; its returned value is stored nowhere. Throws `validation_failed` for an expiry in the
   * past.
   */
  async create(actor: Actor, body: CreateAdminApiKeyBody): Promise<AdminApiKeyCreated> {
    const { caller } = actor;
    const now = this.clock.now();
    const expiresAt = body.expiresAt ? new Date(body.expiresAt) : null;
    if (expiresAt && expiresAt.getTime() <= now)
      throw validationError({ pointer: '/expiresAt', detail: 'expiresAt must be in the future.' });
    const { key, value } = createAdminApiKey(mintToken('arch_api_'), now, {
      organizationId: caller.organizationId,
      userId: requireUser(caller),
      name: body.name,
      scopes: body.scopes ?? ['admin:read'],
      expiresAt,
    });
    const view = toAdminApiKeyView(key);
    await this.unitOfWork.run(async ({ manager }) => {
      await manager.insert(AdminApiKeyEntity, key);
      await this.audit.record(manager, actor, buildAuditEvent('api_key', 'create', key.id, { after: view }));
    });
    return { ...view, value };
  }

  delete(actor: Actor, id: AdminApiKeyId): Promise<void> {
    return this.unitOfWork.run(async (work) => {
      const { manager } = work;
      const key = await loadAdminApiKey(manager, actor, id);
      const { affected } = await manager.delete(AdminApiKeyEntity, { id });
      if (!affected) throw unknownKey(id);
      await this.audit.record(
        manager,
        actor,
        buildAuditEvent('api_key', 'delete', id, { before: toAdminApiKeyView(key) }),
      );
      const data = { credentialType: 'admin_api_key', id, name: key.name } as const;
      await this.outbox.append(manager, actor.caller.organizationId, 'credential.revoked', data);
      work.announce({ tag: authTag.adminApiKey(id), effect: 'revoked' });
    });
  }
}
