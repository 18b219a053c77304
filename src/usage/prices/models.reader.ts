/** Lists the models that have a price: those of the price list, and those with a price of the organization. */
import { Injectable } from '@nestjs/common';
import { DataSource, LessThanOrEqual, type EntityManager } from 'typeorm';
import type { Actor } from '../../auth/callers/actor.js';
import { Clock } from '../../platform/time/clock.js';
import type { OrgId } from '../../platform/ids.js';
import { toPage, type Page } from '../../admin-api/page.js';
import { listPrices, findPrices, type ListedPrice, type ModelPrices } from '../../providers/prices/model-prices.js';
import { ModelPriceOverrideEntity } from './model-price-override.entity.js';
import {
  toModelRates,
  toPriceVersion,
  type ListModelsQuery,
  type ModelPriceQuery,
  type ModelPriceVersionView,
  type ModelView,
} from './models.dto.js';

/** Building the list takes some ten milliseconds, and prices change every half hour at most. */
const LIST_TTL_MS = 60_000;

@Injectable()
export class ModelsReader {
  #cachedList: { madeAt: number; prices: readonly ListedPrice[] } | null = null;

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  async list({ caller }: Actor, query: ListModelsQuery): Promise<Page<ModelView>> {
    const overrides = await this.#loadEffectiveOverrides(caller.organizationId);
    const own = new Map(overrides.map((row) => [toModelKey(row), row]));
    const views = this.#getPriceList().map((listed) =>
      toModelView(listed, listed.prices, own.get(toModelKey(listed)) ?? null),
    );
    const listedKeys = new Set(views.map(toModelKey));
    const unlisted = overrides.filter((row) => !listedKeys.has(toModelKey(row)));
    const all = [...views, ...unlisted.map((row) => toModelView(row, findPrices(row.provider, row.model), row))];
    const found = all.filter((view) => isMatch(view, query)).sort(compareByName);
    return toPage(found.slice(query.offset, query.offset + query.limit), found.length, query);
  }

  /** Returns the past, present and future prices that the organization set for a model, latest first. */
  async listVersions({ caller }: Actor, query: ModelPriceQuery): Promise<ModelPriceVersionView[]> {
    const versions = await loadPriceVersions(this.dataSource.manager, caller.organizationId, query);
    return versions.map(toPriceVersion);
  }

  /** Returns the organization's price of each model that is in force now. */
  async #loadEffectiveOverrides(organizationId: OrgId): Promise<ModelPriceOverrideEntity[]> {
    const versions = await this.dataSource.manager.find(ModelPriceOverrideEntity, {
      where: { organizationId, effectiveFrom: LessThanOrEqual(new Date(this.clock.now())) },
      order: { effectiveFrom: 'ASC' },
    });
    const latest = new Map(versions.map((row) => [toModelKey(row), row]));
    return [...latest.values()].filter(({ isLifted }) => !isLifted);
  }

  #getPriceList(): readonly ListedPrice[] {
    const now = Date.now();
    if (!this.#cachedList || now - this.#cachedList.madeAt > LIST_TTL_MS)
      this.#cachedList = { madeAt: now, prices: listPrices(now) };
    return this.#cachedList.prices;
  }
}

interface ModelName {
  provider: string;
  model: string;
}

export function toModelView(
  { provider, model }: ModelName,
  listed: ModelPrices | null,
  own: ModelPriceOverrideEntity | null,
): ModelView {
  const override = own && toModelRates(own);
  const listPrice = listed && toModelRates(listed);
  return {
    provider,
    model,
    ...(override ?? listPrice ?? { input: 0, output: 0, cacheRead: null, cacheWrite: null, cacheWrite1h: null }),
    source: override ? 'override' : 'price-list',
    tiers: override
      ? []
      : (listed?.tiers ?? []).map((tier) => ({ aboveInputTokens: tier.aboveInputTokens, ...toModelRates(tier) })),
    override,
    listPrice,
  };
}

/** Latest first. */
export const loadPriceVersions = (
  manager: EntityManager,
  organizationId: string,
  { provider, model }: ModelPriceQuery,
): Promise<ModelPriceOverrideEntity[]> =>
  manager.find(ModelPriceOverrideEntity, {
    where: { organizationId, provider, model },
    order: { effectiveFrom: 'DESC' },
  });

const toModelKey = ({ provider, model }: ModelName): string => `${provider}\n${model}`;

const isMatch = (view: ModelView, { provider, search }: ListModelsQuery): boolean =>
  (provider === undefined || view.provider === provider) &&
  (search === undefined || view.model.toLowerCase().includes(search.toLowerCase()));

function compareByName(a: ModelName, b: ModelName): number {
  const [left, right] = [toModelKey(a), toModelKey(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
