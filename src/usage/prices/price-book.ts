/**
 * Computes the cost of a call for an organization: by its own price if it set one, otherwise by the list price. Used on
 * the hot path, so the organization's prices are loaded into memory beforehand (`warm`) and read from there (`cost`).
 */
import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { DataSource } from 'typeorm';
import { authTag } from '../../auth/callers/caller.js';
import { Clock } from '../../platform/time/clock.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { AuthEvents } from '../../platform/events/auth-events.js';
import { InvalidatedCache, type Tagged } from '../../platform/events/invalidated-cache.js';
import type { OrgId } from '../../platform/ids.js';
import type { TokenUsage } from '../../providers/dialects/base/dialect.js';
import { computeCostMicroUsd, findPrices, type ModelPrices } from '../../providers/prices/model-prices.js';
import type { ProviderAdapter } from '../../providers/contract/provider-adapter.js';

interface OverrideRow {
  id: string;
  provider: string;
  model: string;
  input: number;
  output: number;
  cache_read: number | null;
  cache_write: number | null;
  cache_write_1h: number | null;
  effective_from: Date;
  is_lifted: boolean;
}

interface OwnPrice {
  /** Unix milliseconds. */
  readonly from: number;
  readonly version: string;
  /** Null: the list price applies from then on. */
  readonly prices: ModelPrices | null;
}

/** The prices of one organization by `toOverrideKey`, the latest first. */
type Overrides = ReadonlyMap<string, readonly OwnPrice[]>;

export interface PricedUsage {
  /** Micro US dollars, not rounded. */
  readonly costMicroUsd: number;
  /** `own:<id>` of the organization's price, or `list:<digest of the rates>`: equal prices have equal versions. */
  readonly priceVersion: string;
}

const ORGANIZATION_CACHE_SIZE = 10_000;

/** The date that vendors append to the name of a model's version: `-2024-08-06`, `-20250219`, `@20250219`. */
const VERSION_DATE = /[-@](?:\d{4}-\d{2}-\d{2}|\d{8})$/;

@Injectable()
export class PriceBook {
  readonly #cache: InvalidatedCache<Overrides>;
  /** Prices last read, for calls that outlive the cache entry: a long stream is priced by those known when it began. */
  readonly #lastRead = new LRUCache<OrgId, Overrides>({ max: ORGANIZATION_CACHE_SIZE });

  constructor(
    private readonly dataSource: DataSource,
    events: AuthEvents,
    private readonly clock: Clock,
    config: AppConfig,
  ) {
    this.#cache = new InvalidatedCache(events, clock, {
      max: ORGANIZATION_CACHE_SIZE,
      staleSeconds: config.auth.staleSeconds,
    });
  }

  /** Loads the organization's own prices into memory; returns synchronously if they are loaded. */
  warm(organizationId: OrgId): void | Promise<void> {
    const load = (): Promise<Tagged<Overrides>> => this.#load(organizationId);
    if (this.#cache.peek(organizationId, load)) return;
    return this.#cache.get(organizationId, load).then(() => undefined);
  }

  /** Same as `rate`, the cost only. */
  computeCost(organizationId: OrgId, adapter: ProviderAdapter, model: string, usage: TokenUsage): number | null {
    return this.priceUsage(organizationId, adapter, model, usage)?.costMicroUsd ?? null;
  }

  /**
   * Computes the cost by the price in force at the instant `at` (Unix milliseconds; default: now). Returns null when
   * the model has neither an own nor a list price. Call `warm` before.
   */
  priceUsage(
    organizationId: OrgId,
    adapter: ProviderAdapter,
    model: string,
    usage: TokenUsage,
    at: number = this.clock.now(),
  ): PricedUsage | null {
    const own = this.#findOwnPrice(organizationId, adapter.id, model, at);
    if (own) return { costMicroUsd: computeCostMicroUsd(own.prices!, usage), priceVersion: own.version };
    const listed = findPrices(adapter.id, model, at);
    return listed && { costMicroUsd: computeCostMicroUsd(listed, usage), priceVersion: getListVersion(listed) };
  }

  /** Returns the price set for exactly this name, otherwise the one set for the name without its version date. */
  #findOwnPrice(organizationId: OrgId, provider: string, model: string, at: number): OwnPrice | undefined {
    const overrides =
      this.#cache.peek(organizationId, () => this.#load(organizationId)) ?? this.#lastRead.get(organizationId);
    if (!overrides || overrides.size === 0) return undefined;
    return (
      findEffectivePrice(overrides.get(toOverrideKey(provider, model)), at) ??
      findEffectivePrice(overrides.get(toOverrideKey(provider, model.replace(VERSION_DATE, ''))), at)
    );
  }

  async #load(organizationId: OrgId): Promise<Tagged<Overrides>> {
    const rows = await this.dataSource.query<OverrideRow[]>(
      `SELECT id, provider, model, input, output, cache_read, cache_write, cache_write_1h, effective_from, is_lifted
         FROM model_price_override WHERE organization_id = $1 ORDER BY effective_from DESC`,
      [organizationId],
    );
    const value = new Map<string, OwnPrice[]>();
    for (const row of rows) {
      const key = toOverrideKey(row.provider, row.model);
      const price = {
        from: row.effective_from.getTime(),
        version: `own:${row.id}`,
        prices: row.is_lifted ? null : toPrices(row),
      };
      value.set(key, [...(value.get(key) ?? []), price]);
    }
    this.#lastRead.set(organizationId, value);
    return { value, tags: [authTag.modelPrices(organizationId), authTag.organization(organizationId)] };
  }
}

/** Also undefined when the own price was removed. */
function findEffectivePrice(prices: readonly OwnPrice[] | undefined, at: number): OwnPrice | undefined {
  const price = prices?.find(({ from }) => from <= at);
  return price?.prices ? price : undefined;
}

// The list returns the same object for a price as long as it does not change.
const listVersions = new WeakMap<ModelPrices, string>();

function getListVersion(prices: ModelPrices): string {
  let version = listVersions.get(prices);
  if (version === undefined) {
    version = `list:${hash('sha256', JSON.stringify(prices), 'base64url').slice(0, 16)}`;
    listVersions.set(prices, version);
  }
  return version;
}

const toOverrideKey = (provider: string, model: string): string => `${provider}\n${model}`;

const toPrices = (row: OverrideRow): ModelPrices => ({
  input: row.input,
  output: row.output,
  cacheRead: row.cache_read,
  cacheWrite: row.cache_write,
  longCacheWrite: row.cache_write_1h,
  tiers: [],
});
