/** Creates, changes and deletes the limits of an organization. */
import { Injectable } from '@nestjs/common';
import { AuditLog, buildAuditEvent } from '../../../audit/entries/audit-log.js';
import type { Actor } from '../../../auth/callers/actor.js';
import { authTag } from '../../../auth/callers/caller.js';
import { lockOrganization } from '../../../orgs/organization/lock.js';
import { conflict, validationError } from '../../../admin-api/refusals.js';
import { Clock } from '../../../platform/time/clock.js';
import { UnitOfWork, type Work } from '../../../platform/database/unit-of-work.js';
import { createId } from '../../../platform/ids.js';
import { EACH, type LimitedEntity } from '../definitions/limit.js';
import { describeLimitType, type LimitType } from '../definitions/limit-types.js';
import { LimitEntity } from '../definitions/limit.entity.js';
import { requireEntity } from './limited-entities.js';
import {
  toLimitTerms,
  type CreateLimitBody,
  type LimitTerms,
  type LimitView,
  type UpdateLimitBody,
} from './limits.dto.js';
import { LimitsReader, loadLimit } from './limits.reader.js';

/** Every process keeps all limits of an organization in memory. */
const MAX_LIMITS = 10_000;

@Injectable()
export class LimitsService {
  constructor(
    private readonly work: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly reader: LimitsReader,
    private readonly clock: Clock,
  ) {}

  /**
   * Throws `validation_failed` for an entity that the organization does not have, and for fractions of tokens and
   * calls.
   */
  async create(actor: Actor, body: CreateLimitBody): Promise<LimitView> {
    const { organizationId } = actor.caller;
    const now = new Date(this.clock.now());
    const entityId = body.entityId === EACH ? null : body.entityId;
    checkTerms(body.limitType, body.limitValue, body.window);
    checkReach(body.entityType, entityId, body.includeExisting);
    const row = await this.work.run(async (work) => {
      const { manager } = work;
      await lockOrganization(manager, organizationId);
      if ((await manager.countBy(LimitEntity, { organizationId })) >= MAX_LIMITS)
        throw conflict(`An organization has at most ${MAX_LIMITS} limits.`);
      if (entityId !== null) await requireEntity(manager, organizationId, body.entityType, entityId);
      const created = manager.create(LimitEntity, {
        ...body,
        id: createId<string>(now.getTime()),
        organizationId,
        entityId,
        includeExisting: body.includeExisting ?? false,
        model: body.model ?? [],
        window: body.window ?? null,
        createdAt: now,
        updatedAt: now,
      });
      await manager.insert(LimitEntity, created);
      await this.#recordChange(work, actor, 'create', null, created);
      return created;
    });
    return this.#readView(row);
  }

  /** Throws the same errors as `create`. */
  async update(actor: Actor, id: string, body: UpdateLimitBody): Promise<LimitView> {
    const row = await this.work.run(async (work) => {
      const found = await loadLimit(work.manager, actor, id, true);
      const before = toLimitTerms(found);
      Object.assign(found, body, { updatedAt: new Date(this.clock.now()) });
      checkTerms(found.limitType as LimitType, found.limitValue, found.window);
      checkReach(found.entityType as LimitedEntity, found.entityId, found.includeExisting);
      await work.manager.update(LimitEntity, { id }, found);
      await this.#recordChange(work, actor, 'update', before, found);
      return found;
    });
    return this.#readView(row);
  }

  async remove(actor: Actor, id: string): Promise<void> {
    await this.work.run(async (work) => {
      const row = await loadLimit(work.manager, actor, id, true);
      await work.manager.delete(LimitEntity, { id });
      await this.#recordChange(work, actor, 'delete', toLimitTerms(row), null);
    });
  }

  async #readView(row: LimitEntity): Promise<LimitView> {
    const [view] = await this.reader.toViews([row]);
    return view!;
  }

  /** Ends every write: audits and announces the change. */
  async #recordChange(
    work: Work,
    actor: Actor,
    verb: 'create' | 'update' | 'delete',
    before: LimitTerms | null,
    row: LimitEntity | null,
  ): Promise<void> {
    const targetId = (before ?? row!).id;
    const after = row && toLimitTerms(row);
    await this.audit.record(work.manager, actor, buildAuditEvent('limit', verb, targetId, { before, after }));
    work.announce({ tag: authTag.limits(actor.caller.organizationId), effect: 'changed' });
  }
}

function checkTerms(limitType: LimitType, value: number, window: string | null | undefined): void {
  const hasWindow = window !== null && window !== undefined;
  const { unitsPerValue, fixedWindow } = describeLimitType(limitType);
  if (unitsPerValue === 1 && !Number.isInteger(value))
    throw validationError({ pointer: '/limitValue', detail: `limitValue must be a whole number of ${limitType}` });
  if (fixedWindow !== null && hasWindow)
    throw validationError({
      pointer: '/window',
      detail: `window must be left out for ${limitType}: only calls under way count`,
    });
  if (fixedWindow === null && !hasWindow)
    throw validationError({ pointer: '/window', detail: `window must say over which time ${limitType} are counted` });
}

function checkReach(entityType: LimitedEntity, entityId: string | null, includeExisting = false): void {
  if (entityId === null && entityType === 'organization')
    throw validationError({
      pointer: '/entityId',
      detail: 'entityId must be the id of your organization: a limit on it is no default for others',
    });
  if (entityId !== null && includeExisting)
    throw validationError({
      pointer: '/includeExisting',
      detail: `includeExisting is only for default limits, whose entityId is ${EACH}`,
    });
}
