/** Creates and removes the bindings of workloads to applications, for admins. */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditLog, buildAuditEvent } from '../../audit/entries/audit-log.js';
import type { Actor } from '../../auth/callers/actor.js';
import { authTag, getUserId } from '../../auth/callers/caller.js';
import { notFound, unknownReference, validationError } from '../../admin-api/refusals.js';
import { Clock } from '../../platform/time/clock.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { createId } from '../../platform/ids.js';
import { checkBinding } from './binding-rules.js';
import { applyMergePatch } from '../settings/claim-rules.js';
import { loadIdentityProvider } from '../identity-providers/identity-providers.reader.js';
import { WorkloadBindingEntity } from './workload-binding.entity.js';
import {
  toWorkloadBindingView,
  type CreateWorkloadBindingBody,
  type WorkloadBindingView,
} from './workload-bindings.dto.js';

@Injectable()
export class WorkloadBindingsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** Throws `validation_failed` for a client that does not exist, is another user's own, or has users. */
  create(actor: Actor, providerId: string, body: CreateWorkloadBindingBody): Promise<WorkloadBindingView> {
    return this.unitOfWork.run(async (work) => {
      const { manager } = work;
      const provider = await loadIdentityProvider(manager, actor, providerId);
      const faults = checkBinding(provider, body);
      if (faults.length > 0) throw validationError(...faults);
      await requireClient(manager, actor, body.oauthClientId);
      const now = new Date(this.clock.now());
      const row = manager.create(WorkloadBindingEntity, {
        id: createId(now.getTime()),
        identityProviderId: providerId,
        oauthClientId: body.oauthClientId,
        subjectPattern: body.subjectPattern,
        claims: applyMergePatch({}, body.claims),
        createdAt: now,
      });
      await manager.insert(WorkloadBindingEntity, row);
      const after = toWorkloadBindingView(row);
      await this.audit.record(manager, actor, buildAuditEvent('workload_binding', 'create', row.id, { after }));
      // Revoked: a token that now matches two applications is refused from now on.
      work.announce({ tag: authTag.identityProvider(providerId), effect: 'revoked' });
      return after;
    });
  }

  remove(actor: Actor, providerId: string, id: string): Promise<void> {
    return this.unitOfWork.run(async (work) => {
      const { manager } = work;
      await loadIdentityProvider(manager, actor, providerId);
      const row = await manager.findOneBy(WorkloadBindingEntity, { id, identityProviderId: providerId });
      const { affected } = await manager.delete(WorkloadBindingEntity, { id, identityProviderId: providerId });
      if (!row || affected !== 1) throw notFound('workload of this identity provider', id);
      await this.audit.record(
        manager,
        actor,
        buildAuditEvent('workload_binding', 'delete', id, { before: toWorkloadBindingView(row) }),
      );
      work.announce({ tag: authTag.identityProvider(providerId), effect: 'revoked' });
    });
  }
}

/** Accepts only a client that the actor may hand out: a personal client calls with its owner's keys. */
async function requireClient(manager: EntityManager, { caller }: Actor, id: string): Promise<void> {
  const [client] = await manager.query<{ grantType: string }[]>(
    `SELECT grant_type AS "grantType" FROM oauth_client
      WHERE id = $1 AND organization_id = $2 AND (scope <> 'personal' OR owner_id = $3) FOR KEY SHARE`,
    [id, caller.organizationId, getUserId(caller)],
  );
  if (!client) throw unknownReference('OAuth client', ['/oauthClientId']);
  if (client.grantType !== 'client_credentials')
    throw validationError({
      pointer: '/oauthClientId',
      detail: 'People sign in to this client. Bind the workload to a client with client_credentials.',
    });
}
