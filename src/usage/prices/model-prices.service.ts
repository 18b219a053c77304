/** Sets and removes an organization's own prices. */
import { Injectable } from '@nestjs/common';
import { In, type EntityManager } from 'typeorm';
import { AuditLog, buildAuditEvent } from '../../audit/entries/audit-log.js';
import type { Actor } from '../../auth/callers/actor.js';
import { authTag } from '../../auth/callers/caller.js';
import { lockOrganization } from '../../orgs/organization/lock.js';
import { conflict } from '../../admin-api/refusals.js';
import { Clock } from '../../platform/time/clock.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { createId } from '../../platform/ids.js';
import { findPrices } from '../../providers/prices/model-prices.js';
import { ModelPriceOverrideEntity } from './model-price-override.entity.js';
import { toModelRates, type ModelPriceQuery, type ModelView, type SetModelPriceBody } from './models.dto.js';
import { loadPriceVersions, toModelView } from './models.reader.js';

@Injectable()
export class ModelPricesService {
  constructor(
    private readonly work: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** Sets the price from `effectiveFrom` until the next one that was set. Replaces one of the same instant. */
  async set(actor: Actor, body: SetModelPriceBody): Promise<ModelView> {
    const { organizationId } = actor.caller;
    const now = this.clock.now();
    const effectiveFrom = body.effectiveFrom === undefined ? new Date(now) : new Date(body.effectiveFrom);
    return this.work.run(async (work) => {
      const { manager } = work;
      await lockOrganization(manager, organizationId);
      const versions = await loadPriceVersions(manager, organizationId, body);
      if (versions.length >= MAX_VERSIONS)
        throw conflict(`An organization keeps at most ${MAX_VERSIONS} prices of a model.`);
      const before = findEffectiveVersion(versions, effectiveFrom);
      const row = manager.create(ModelPriceOverrideEntity, {
        id: createId<string>(now),
        organizationId,
        provider: body.provider,
        model: body.model,
        input: body.input,
        output: body.output,
        cacheRead: body.cacheRead ?? null,
        cacheWrite: body.cacheWrite ?? null,
        longCacheWrite: body.cacheWrite1h ?? null,
        effectiveFrom,
        isLifted: false,
        updatedAt: new Date(now),
      });
      await replace(manager, row);
      await this.audit.record(
        manager,
        actor,
        buildAuditEvent('model_price', 'set', toTargetId(body), {
          before: before && toModelRates(before),
          after: { ...toModelRates(row), effectiveFrom },
        }),
      );
      work.announce({ tag: authTag.modelPrices(organizationId), effect: 'changed' });
      const current = findEffectiveVersion(
        [row, ...versions.filter((one) => one.effectiveFrom.getTime() !== effectiveFrom.getTime())],
        new Date(now),
      );
      return toModelView(body, findPrices(body.provider, body.model), current);
    });
  }

  /** Restores the list price from now on, and deletes prices set for the future. */
  async remove(actor: Actor, query: ModelPriceQuery): Promise<void> {
    const { organizationId } = actor.caller;
    const now = new Date(this.clock.now());
    await this.work.run(async (work) => {
      const { manager } = work;
      await lockOrganization(manager, organizationId);
      const versions = await loadPriceVersions(manager, organizationId, query);
      const before = findEffectiveVersion(versions, now);
      const future = versions.filter(({ effectiveFrom }) => effectiveFrom > now);
      if (!before && future.length === 0)
        throw new GatewayError('not_found', `Your organization has set no price for ${query.provider}:${query.model}.`);
      if (future.length > 0) await manager.delete(ModelPriceOverrideEntity, { id: In(future.map(({ id }) => id)) });
      if (before) {
        const lifted = { id: createId<string>(now.getTime()), effectiveFrom: now, isLifted: true, updatedAt: now };
        await replace(manager, manager.create(ModelPriceOverrideEntity, { ...before, ...lifted }));
      }
      const removed = before ?? future[0]!;
      await this.audit.record(
        manager,
        actor,
        buildAuditEvent('model_price', 'delete', toTargetId(query), { before: toModelRates(removed) }),
      );
      work.announce({ tag: authTag.modelPrices(organizationId), effect: 'changed' });
    });
  }
}

/** Every process keeps them in memory. */
const MAX_VERSIONS = 200;

/** Null: the list price applies. */
function findEffectiveVersion(
  versions: readonly ModelPriceOverrideEntity[],
  at: Date,
): ModelPriceOverrideEntity | null {
  const effective = versions.filter(({ effectiveFrom }) => effectiveFrom <= at);
  const latest = effective.reduce<ModelPriceOverrideEntity | null>(
    (a, b) => (a === null || b.effectiveFrom > a.effectiveFrom ? b : a),
    null,
  );
  return latest?.isLifted ? null : latest;
}

async function replace(manager: EntityManager, row: ModelPriceOverrideEntity): Promise<void> {
  const { organizationId, provider, model, effectiveFrom } = row;
  await manager.delete(ModelPriceOverrideEntity, { organizationId, provider, model, effectiveFrom });
  await manager.insert(ModelPriceOverrideEntity, row);
}

const toTargetId = ({ provider, model }: ModelPriceQuery): string => `${provider}:${model}`;
