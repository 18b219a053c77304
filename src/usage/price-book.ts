/**
 * What a call costs this organisation: its own price where it set one, else the list price. Asked on the hot path, so the
 * organisation's prices are brought into memory beforehand (`warm`) and read from there (`cost`).
 */
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
  provider: string;
  model: string;
  input: number;
  output: number;
  cache_read: number | null;
  cache_write: number | null;
}

/** The prices of one organisation by `overrideKey`. */
type Overrides = ReadonlyMap<string, ModelPrices>;

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
    clock: Clock,
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

  /** Micro US dollars, not rounded. Null when the model has neither an own nor a list price. Call `warm` before. */
  cost(organisationId: OrgId, adapter: ProviderAdapter, model: string, usage: TokenUsage): number | null {
    const prices = this.#own(organisationId, adapter.id, model) ?? pricesFor(adapter.id, model);
    return prices === null ? null : costMicroUsd(prices, usage);
  }

  /** The price set for exactly this name, else the one set for the name without its version's date. */
  #own(organisationId: OrgId, provider: string, model: string): ModelPrices | undefined {
    const overrides =
      this.#cache.peek(organisationId, () => this.#load(organisationId)) ?? this.#lastRead.get(organisationId);
    if (!overrides || overrides.size === 0) return undefined;
    return (
      overrides.get(overrideKey(provider, model)) ??
      overrides.get(overrideKey(provider, model.replace(VERSION_DATE, '')))
    );
  }

  async #load(organisationId: OrgId): Promise<Tagged<Overrides>> {
    const rows = await this.dataSource.query<OverrideRow[]>(
      'SELECT provider, model, input, output, cache_read, cache_write FROM model_price_override WHERE organisation_id = $1',
      [organisationId],
    );
    const value: Overrides = new Map(rows.map((row) => [overrideKey(row.provider, row.model), toPrices(row)]));
    this.#lastRead.set(organisationId, value);
    return { value, tags: [authTag.modelPrices(organisationId), authTag.organisation(organisationId)] };
  }
}

const overrideKey = (provider: string, model: string): string => `${provider}\n${model}`;

const toPrices = (row: OverrideRow): ModelPrices => ({
  input: row.input,
  output: row.output,
  cacheRead: row.cache_read,
  cacheWrite: row.cache_write,
  longCacheWrite: null,
  tiers: [],
});
