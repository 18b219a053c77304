/** The prices that an organisation sets over the price list's. */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditLog } from '../audit/audit-log.js';
import type { Actor } from '../auth/actor.js';
import { authTag } from '../auth/caller.js';
import { Clock } from '../platform/clock.js';
import { UnitOfWork } from '../platform/database/unit-of-work.js';
import { GatewayError } from '../platform/errors/gateway-error.js';
import { pricesFor } from '../providers/prices.js';
import { ModelPriceOverrideEntity } from './model-price-override.entity.js';
import { toModelRates, type ModelPriceQuery, type ModelView, type SetModelPriceBody } from './models.dto.js';
import { toModelView } from './models.reader.js';

@Injectable()
export class ModelPricesService {
  constructor(
    private readonly work: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** Sets the price, or puts it in the place of the one before. */
  async set(actor: Actor, body: SetModelPriceBody): Promise<ModelView> {
    const { organisationId } = actor.caller;
    return this.work.run(async (work) => {
      const { manager } = work;
      const before = await find(manager, organisationId, body);
      const row = manager.create(ModelPriceOverrideEntity, {
        organisationId,
        provider: body.provider,
        model: body.model,
        input: body.input,
        output: body.output,
        cacheRead: body.cacheRead ?? null,
        cacheWrite: body.cacheWrite ?? null,
        updatedAt: new Date(this.clock.now()),
      });
      await manager.upsert(ModelPriceOverrideEntity, row, ['organisationId', 'provider', 'model']);
      await this.audit.record(manager, actor, {
        ...target('set', body),
        before: before && toModelRates(before),
        after: toModelRates(row),
      });
      work.announce({ tag: authTag.modelPrices(organisationId), effect: 'changed' });
      return toModelView(body, pricesFor(body.provider, body.model), row);
    });
  }

  /** From then on the price list holds again. */
  async remove(actor: Actor, query: ModelPriceQuery): Promise<void> {
    const { organisationId } = actor.caller;
    await this.work.run(async (work) => {
      const { manager } = work;
      const before = await find(manager, organisationId, query);
      if (!before)
        throw new GatewayError('not_found', `Your organisation has set no price for ${query.provider}:${query.model}.`);
      await manager.delete(ModelPriceOverrideEntity, { organisationId, provider: query.provider, model: query.model });
      await this.audit.record(manager, actor, { ...target('delete', query), before: toModelRates(before) });
      work.announce({ tag: authTag.modelPrices(organisationId), effect: 'changed' });
    });
  }
}

const find = (manager: EntityManager, organisationId: string, { provider, model }: ModelPriceQuery) =>
  manager.findOne(ModelPriceOverrideEntity, {
    where: { organisationId, provider, model },
    lock: { mode: 'pessimistic_write' },
  });

const target = (verb: string, { provider, model }: ModelPriceQuery) => ({
  action: `model_price.${verb}`,
  targetType: 'model_price',
  targetId: `${provider}:${model}`,
});
