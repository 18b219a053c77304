import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Actor } from '../../auth/callers/actor.js';
import { authTag } from '../../auth/callers/caller.js';
import { AuditLog, buildAuditEvent } from '../../audit/entries/audit-log.js';
import { Clock } from '../../platform/time/clock.js';
import { UnitOfWork, type Work } from '../../platform/database/unit-of-work.js';
import type { AuthEventEffect } from '../../platform/events/auth-events.js';
import { createId, type ProxyId } from '../../platform/ids.js';
import { GuardrailSetup } from './guardrail-setup.js';
import type { CreateLlmProxyBody, UpdateLlmProxyBody } from './llm-proxies.dto.js';
import { toLlmProxyCreated, toLlmProxyView, type LlmProxyCreated } from './llm-proxy-view.dto.js';
import { deriveAuthEffect, mergePolicy } from './auth-effect.js';
import { loadLlmProxy } from './llm-proxies.reader.js';
import { LlmProxyEntity } from './llm-proxy.entity.js';
import { lockOrganization } from '../organization/lock.js';
import { conflict, unknownReference } from '../../admin-api/refusals.js';
import { rejectDuplicates } from '../organization/unique-fields.js';

/** The LLM proxies of an organization, exactly one of which is the default. */
@Injectable()
export class LlmProxiesService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
    private readonly guardrails: GuardrailSetup,
  ) {}

  /**
   * Throws `validation_failed` for unknown teams or identity providers and for addresses that may not be reached,
   * `conflict` for a name that is taken.
   */
  create(actor: Actor, body: CreateLlmProxyBody): Promise<LlmProxyCreated> {
    const { organizationId } = actor.caller;
    this.guardrails.checkAddresses(body.policy);
    const now = new Date(this.clock.now());
    return this.#change(actor, async (work) => {
      await requireReferences(work.manager, body, organizationId);
      if (body.isDefault) await unsetDefault(work.manager, organizationId);
      const proxy = work.manager.create(LlmProxyEntity, {
        id: createId(now.getTime()),
        organizationId,
        name: body.name,
        isDefault: body.isDefault ?? false,
        teamIds: body.teamIds ?? [],
        identityProviderIds: body.identityProviderIds ?? [],
        allowDirectKeys: body.allowDirectKeys ?? true,
        allowJwtOnRouter: body.allowJwtOnRouter ?? false,
        strictAudit: body.strictAudit ?? false,
        policy: mergePolicy({}, body.policy),
        captureContent: body.captureContent ?? null,
        contentRetentionDays: body.contentRetentionDays ?? null,
        sealedGuardrailSecret: null,
        createdAt: now,
        updatedAt: now,
      });
      const guardrailSecret = this.guardrails.updateSecret(proxy);
      await work.manager.insert(LlmProxyEntity, proxy);
      const views = { after: toLlmProxyView(proxy) };
      await this.audit.record(work.manager, actor, buildAuditEvent('llm_proxy', 'create', proxy.id, views));
      announce(work, proxy, 'changed');
      return toLlmProxyCreated(proxy, guardrailSecret);
    });
  }

  /** Throws as `create` does, and `conflict` for removing the default without naming another. */
  update(actor: Actor, id: ProxyId, { policy, ...body }: UpdateLlmProxyBody): Promise<LlmProxyCreated> {
    const { organizationId } = actor.caller;
    this.guardrails.checkAddresses(policy);
    return this.#change(actor, async (work) => {
      const before = await loadLlmProxy(work.manager, actor, id);
      await requireReferences(work.manager, body, organizationId);
      if (before.isDefault && body.isDefault === false) {
        throw conflict('There must be a default LLM proxy. Make another one the default instead.', '/isDefault');
      }
      if (!before.isDefault && body.isDefault) await unsetDefault(work.manager, organizationId);
      const after = work.manager.create(LlmProxyEntity, {
        ...before,
        ...body,
        policy: mergePolicy(before.policy, policy),
        updatedAt: new Date(this.clock.now()),
      });
      const guardrailSecret = this.guardrails.updateSecret(after);
      await work.manager.update(LlmProxyEntity, { id }, after);
      const views = { before: toLlmProxyView(before), after: toLlmProxyView(after) };
      await this.audit.record(work.manager, actor, buildAuditEvent('llm_proxy', 'update', id, views));
      announce(work, after, deriveAuthEffect(before, after));
      return toLlmProxyCreated(after, guardrailSecret);
    });
  }

  /**
   * Creates a new secret for its webhook guardrail, used from the next webhook request on. Throws `conflict` without
   * such a guardrail.
   */
  rotateGuardrailSecret(actor: Actor, id: ProxyId): Promise<LlmProxyCreated> {
    return this.#change(actor, async (work) => {
      const proxy = await loadLlmProxy(work.manager, actor, id);
      const before = toLlmProxyView(proxy);
      const guardrailSecret = this.guardrails.rotateSecret(proxy);
      proxy.updatedAt = new Date(this.clock.now());
      await work.manager.update(LlmProxyEntity, { id }, proxy);
      const views = { before, after: toLlmProxyView(proxy) };
      await this.audit.record(work.manager, actor, buildAuditEvent('llm_proxy', 'rotate_guardrail_secret', id, views));
      announce(work, proxy, 'changed');
      return toLlmProxyCreated(proxy, guardrailSecret);
    });
  }

  /** Throws `conflict` for the default one. */
  delete(actor: Actor, id: ProxyId): Promise<void> {
    return this.#change(actor, async (work) => {
      const proxy = await loadLlmProxy(work.manager, actor, id);
      if (proxy.isDefault) throw conflict('This is the default LLM proxy. Make another one the default first.');
      await work.manager.delete(LlmProxyEntity, { id });
      const views = { before: toLlmProxyView(proxy) };
      await this.audit.record(work.manager, actor, buildAuditEvent('llm_proxy', 'delete', id, views));
      announce(work, proxy, 'revoked');
    });
  }

  #change<T>({ caller }: Actor, job: (work: Work) => Promise<T>): Promise<T> {
    const write = this.unitOfWork.run(async (work) => {
      await lockOrganization(work.manager, caller.organizationId);
      return job(work);
    });
    return rejectDuplicates(write);
  }
}

async function requireReferences(
  manager: EntityManager,
  { teamIds, identityProviderIds }: UpdateLlmProxyBody,
  organizationId: string,
): Promise<void> {
  await requireOwn(manager, 'team', organizationId, teamIds, '/teamIds');
  await requireOwn(manager, 'identity_provider', organizationId, identityProviderIds, '/identityProviderIds');
}

const TABLE_LABELS = { team: 'team', identity_provider: 'identity provider' } as const;

/** Uses SQL: a higher module owns the entity of identity providers. */
async function requireOwn(
  manager: EntityManager,
  table: keyof typeof TABLE_LABELS,
  organizationId: string,
  ids: readonly string[] | undefined,
  pointer: string,
): Promise<void> {
  if (!ids?.length) return;
  const found = await manager.query<{ id: string }[]>(
    `SELECT id FROM ${table} WHERE organization_id = $1 AND id = ANY ($2::uuid[])`,
    [organizationId, ids],
  );
  const known = new Set(found.map(({ id }) => id));
  const unknown = ids.flatMap((id, i) => (known.has(id) ? [] : [`${pointer}/${i}`]));
  if (unknown.length > 0) throw unknownReference(TABLE_LABELS[table], unknown);
}

/** Runs before the new default is written: the database allows one per organization at any moment. */
const unsetDefault = (manager: EntityManager, organizationId: string) =>
  manager.update(LlmProxyEntity, { organizationId, isDefault: true }, { isDefault: false });

/**
 * Announces the change for all LLM proxies of the organization, because the default may have moved; streams of the
 * others continue.
 */
function announce(work: Work, { id, organizationId }: LlmProxyEntity, effect: AuthEventEffect): void {
  work.announce({ tag: authTag.llmProxy(id), effect });
  work.announce({ tag: authTag.llmProxies(organizationId), effect: 'changed' });
}
