/**
 * What a call costs this organisation: its own price where it set one, else the list price. Asked on the hot path, so the
 * organisation's prices are brought into memory beforehand (`warm`) and read from there (`cost`).
 */
import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { DataSource } from 'typeorm';
import { authTag } from '../auth/caller.js';
import { Clock } from '../platform/clock.js';
import { AppConfig } from '../platform/config/app-config.js';
import { AuthEvents } from '../platform/events/auth-events.js';
import { EventedCache, type Tagged } from '../platform/events/evented-cache.js';
import type { OrgId } from '../platform/ids.js';
import type { TokenUsage } from '../providers/dialects/dialect.js';
import { costMicroUsd, pricesFor, type ModelPrices } from '../providers/prices.js';
import type { ProviderAdapter } from '../providers/provider-adapter.js';

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
  /** Null: from then on the price list holds. */
  readonly prices: ModelPrices | null;
}

/** The prices of one organisation by `overrideKey`, the latest first. */
type Overrides = ReadonlyMap<string, readonly OwnPrice[]>;

export interface Rated {
  /** Micro US dollars, not rounded. */
  readonly costMicroUsd: number;
  /** `own:<id>` of the organisation's price, or `list:<digest of the rates>`: the same price is the same version. */
  readonly priceVersion: string;
}

const ORGANISATIONS_KEPT = 10_000;

/** The date that vendors append to the name of a model's version: `-2024-08-06`, `-20250219`, `@20250219`. */
const VERSION_DATE = /[-@](?:\d{4}-\d{2}-\d{2}|\d{8})$/;

@Injectable()
export class PriceBook {
  readonly #cache: EventedCache<Overrides>;
  /** What was last read, for calls that outlive the cache's entry: a long stream is priced by what was known when it began. */
  readonly #lastRead = new LRUCache<OrgId, Overrides>({ max: ORGANISATIONS_KEPT });

  constructor(
    private readonly dataSource: DataSource,
    events: AuthEvents,
    private readonly clock: Clock,
    config: AppConfig,
  ) {
    this.#cache = new EventedCache(events, clock, { max: ORGANISATIONS_KEPT, staleSeconds: config.auth.staleSeconds });
  }

  /** Brings the organisation's own prices into memory; nothing to wait for where they are there already. */
  warm(organisationId: OrgId): void | Promise<void> {
    const load = (): Promise<Tagged<Overrides>> => this.#load(organisationId);
    if (this.#cache.peek(organisationId, load)) return;
    return this.#cache.get(organisationId, load).then(() => undefined);
  }

  /** As `rate`, the cost alone. */
  cost(organisationId: OrgId, adapter: ProviderAdapter, model: string, usage: TokenUsage): number | null {
    return this.rate(organisationId, adapter, model, usage)?.costMicroUsd ?? null;
  }

  /**
   * By the price in force at the instant `at` (Unix milliseconds; now). Null when the model has neither an own nor a list
   * price. Call `warm` before.
   */
  rate(
    organisationId: OrgId,
    adapter: ProviderAdapter,
    model: string,
    usage: TokenUsage,
    at: number = this.clock.now(),
  ): Rated | null {
    const own = this.#own(organisationId, adapter.id, model, at);
    if (own) return { costMicroUsd: costMicroUsd(own.prices!, usage), priceVersion: own.version };
    const listed = pricesFor(adapter.id, model, at);
    return listed && { costMicroUsd: costMicroUsd(listed, usage), priceVersion: listVersion(listed) };
  }

  /** The price set for exactly this name, else the one set for the name without its version's date. */
  #own(organisationId: OrgId, provider: string, model: string, at: number): OwnPrice | undefined {
    const overrides =
      this.#cache.peek(organisationId, () => this.#load(organisationId)) ?? this.#lastRead.get(organisationId);
    if (!overrides || overrides.size === 0) return undefined;
    return (
      inForce(overrides.get(overrideKey(provider, model)), at) ??
      inForce(overrides.get(overrideKey(provider, model.replace(VERSION_DATE, ''))), at)
    );
  }

  async #load(organisationId: OrgId): Promise<Tagged<Overrides>> {
    const rows = await this.dataSource.query<OverrideRow[]>(
      `SELECT id, provider, model, input, output, cache_read, cache_write, cache_write_1h, effective_from, is_lifted
         FROM model_price_override WHERE organisation_id = $1 ORDER BY effective_from DESC`,
      [organisationId],
    );
    const value = new Map<string, OwnPrice[]>();
    for (const row of rows) {
      const key = overrideKey(row.provider, row.model);
      const price = {
        from: row.effective_from.getTime(),
        version: `own:${row.id}`,
        prices: row.is_lifted ? null : toPrices(row),
      };
      value.set(key, [...(value.get(key) ?? []), price]);
    }
    this.#lastRead.set(organisationId, value);
    return { value, tags: [authTag.modelPrices(organisationId), authTag.organisation(organisationId)] };
  }
}

/** Undefined also where it was lifted. */
function inForce(prices: readonly OwnPrice[] | undefined, at: number): OwnPrice | undefined {
  const price = prices?.find(({ from }) => from <= at);
  return price?.prices ? price : undefined;
}

// The list hands out one object for each price as long as it does not change.
const listVersions = new WeakMap<ModelPrices, string>();

function listVersion(prices: ModelPrices): string {
  let version = listVersions.get(prices);
  if (version === undefined) {
    version = `list:${hash('sha256', JSON.stringify(prices), 'base64url').slice(0, 16)}`;
    listVersions.set(prices, version);
  }
  return version;
}

const overrideKey = (provider: string, model: string): string => `${provider}\n${model}`;

const toPrices = (row: OverrideRow): ModelPrices => ({
  input: row.input,
  output: row.output,
  cacheRead: row.cache_read,
  cacheWrite: row.cache_write,
  longCacheWrite: row.cache_write_1h,
  tiers: [],
});
