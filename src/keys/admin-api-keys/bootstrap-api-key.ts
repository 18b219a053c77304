import { Injectable } from '@nestjs/common';
import { AuditLog, buildAuditEvent } from '../../audit/entries/audit-log.js';
import { ADMIN_SCOPES } from '../../auth/callers/permissions.js';
import { OwnerReader } from '../../orgs/setup/owner.reader.js';
import { Clock } from '../../platform/time/clock.js';
import type { Secret } from '../../platform/crypto/secret.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { createAdminApiKey } from './create-admin-api-key.js';
import { AdminApiKeyEntity } from './admin-api-key.entity.js';
import { toAdminApiKeyView } from './admin-api-keys.dto.js';

/**
 * Creates the first owner's admin API key, for scripts to begin with: the value of BOOTSTRAP_API_KEY, or a generated
 * one. As long as the variable is set, every start ensures that the key exists: to retire it, unset the variable as
 * well as deleting the key.
 */
@Injectable()
export class BootstrapApiKey {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly owners: OwnerReader,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** Runs after the first start, safely in any number of concurrent processes. Returns true when it created the key. */
  async run(value: Secret | null): Promise<boolean> {
    if (!value) return false;
    return this.unitOfWork.run(async ({ manager }) => {
      const owner = await this.owners.findDefaultOwner(manager);
      if (!owner) return false;
      const { key } = createAdminApiKey(value, this.clock.now(), {
        organizationId: owner.organizationId,
        userId: owner.id,
        name: 'BOOTSTRAP_API_KEY',
        scopes: [...ADMIN_SCOPES],
        expiresAt: null,
      });
      // The unique index decides whether it exists already: another process may be creating it.
      const inserted = await manager
        .createQueryBuilder()
        .insert()
        .into(AdminApiKeyEntity)
        .values(key)
        .orIgnore()
        .returning('id')
        .execute();
      if ((inserted.raw as unknown[]).length === 0) return false;
      const event = buildAuditEvent('api_key', 'create', key.id, { after: toAdminApiKeyView(key) });
      await this.audit.recordBySystem(manager, owner.organizationId, event);
      return true;
    });
  }
}
