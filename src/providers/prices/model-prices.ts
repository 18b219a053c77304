/**
 * Prices of models from the catalog of `@pydantic/genai-prices` (public list prices, bundled: nothing is fetched).
 * Prices are US dollars per million tokens, which is micro-dollars per token.
 */
import { calcPrice, findProvider as findPriced, type MatchLogic, type ModelPrice } from '@pydantic/genai-prices';
import type { TokenUsage } from '../dialects/base/dialect.js';
import type { ProviderId } from '../contract/provider-adapter.js';
import { findProvider, PROVIDERS } from '../registry.js';

/** US dollars per million tokens. A cache price of null means the price of ordinary input. */
export interface TokenRates {
  input: number;
  output: number;
  cacheRead: number | null;
  cacheWrite: number | null;
  /** Price of cache entries kept for an hour; null: as `cacheWrite`. */
  longCacheWrite: number | null;
}

/** `tiers`, lowest first, reprice the whole call once its input is larger than `aboveInputTokens`. */
export interface ModelPrices extends TokenRates {
  tiers: readonly (TokenRates & { aboveInputTokens: number })[];
}

export interface ListedPrice {
  provider: ProviderId;
  model: string;
  prices: ModelPrices;
}

/** Some prices depend on the hour of the day; all of them change on the half hour. */
const SLOT_MS = 30 * 60 * 1000;

/**
 * Maximum cached models, because model names come from clients; when it is reached the cache is emptied. The catalog
 * has about 1,100.
 */
const PRICE_CACHE_SIZE = 5000;

const cachedPrices = new Map<string, ModelPrices | null>();
let cachedSlot = -1;

/**
 * Returns the list prices of a model, named as by the provider, at the instant `at` (Unix milliseconds). Returns null
 * if the catalog does not contain the model or the provider. The first call for a model takes about 20 µs, later ones
 * a look-up.
 */
export function findPrices(provider: ProviderId, model: string, at: number = Date.now()): ModelPrices | null {
  const slot = Math.floor(at / SLOT_MS);
  if (slot !== cachedSlot || cachedPrices.size >= PRICE_CACHE_SIZE) {
    cachedPrices.clear();
    cachedSlot = slot;
  }
  const key = `${provider}\n${model}`;
  let prices = cachedPrices.get(key);
  if (prices === undefined) {
    prices = calculatePrices(provider, model, at);
    cachedPrices.set(key, prices);
  }
  return prices;
}

/** Returns the cost of a call in micro-dollars, not rounded. */
export function computeCostMicroUsd(prices: ModelPrices, usage: TokenUsage): number {
  const rates = selectRates(prices, usage.inputTokens);
  const cacheWrite = rates.cacheWrite ?? rates.input;
  const long = usage.longCacheWriteTokens ?? 0;
  const plainInput = Math.max(0, usage.inputTokens - usage.cachedInputTokens - usage.cacheWriteTokens);
  return (
    plainInput * rates.input +
    usage.cachedInputTokens * (rates.cacheRead ?? rates.input) +
    (usage.cacheWriteTokens - long) * cacheWrite +
    long * (rates.longCacheWrite ?? cacheWrite) +
    usage.outputTokens * rates.output
  );
}

/**
 * Returns every model of the registered providers that has a price per token, as of `at`. Slow (milliseconds): for the
 * admin API.
 */
export function listPrices(at: number = Date.now()): ListedPrice[] {
  return PROVIDERS.flatMap(({ id, priceProviderId }) => {
    const models = priceProviderId === null ? [] : (findPriced({ providerId: priceProviderId })?.models ?? []);
    return models.flatMap((model) => {
      // the catalog's id is not always a name that the vendor accepts (Fireworks' `accounts/…`)
      for (const name of [model.id, findExactName(model.match)]) {
        const prices = name === null ? null : calculatePrices(id, name, at);
        if (name !== null && prices) return [{ provider: id, model: name, prices }];
      }
      return [];
    });
  });
}

function findExactName(match: MatchLogic): string | null {
  if ('equals' in match) return match.equals;
  const parts = 'or' in match ? match.or : 'and' in match ? match.and : [];
  for (const part of parts) {
    const name = findExactName(part);
    if (name !== null) return name;
  }
  return null;
}

function selectRates(prices: ModelPrices, inputTokens: number): TokenRates {
  let rates: TokenRates = prices;
  for (const tier of prices.tiers) if (inputTokens > tier.aboveInputTokens) rates = tier;
  return rates;
}

function calculatePrices(provider: ProviderId, model: string, at: number): ModelPrices | null {
  const priceProviderId = findProvider(provider)?.priceProviderId;
  if (!priceProviderId) return null;
  const found = calcPrice({ input_tokens: 1 }, model, { providerId: priceProviderId, timestamp: new Date(at) });
  return found && toPrices(found.model_price);
}

/** Returns null for models that are not priced by the token (speech by the hour, pages). */
function toPrices(price: ModelPrice): ModelPrices | null {
  if (price['input_mtok'] === undefined && price['output_mtok'] === undefined) return null;
  const starts = new Set<number>();
  for (const value of Object.values(price)) {
    if (typeof value === 'object') for (const tier of value.tiers) starts.add(tier.start);
  }
  const tiers = [...starts].sort((a, b) => a - b);
  return {
    ...readRates(price, 0),
    tiers: tiers.map((start) => ({ aboveInputTokens: start, ...readRates(price, start + 1) })),
  };
}

function readRates(price: ModelPrice, inputTokens: number): TokenRates {
  const readRate = (name: string): number | null => {
    const value = price[name];
    if (value === undefined) return null;
    if (typeof value === 'number') return value;
    return value.tiers.findLast((tier) => inputTokens > tier.start)?.price ?? value.base;
  };
  return {
    input: readRate('input_mtok') ?? 0,
    output: readRate('output_mtok') ?? 0,
    cacheRead: readRate('cache_read_mtok'),
    cacheWrite: readRate('cache_write_mtok'),
    longCacheWrite: readRate('cache_write_1h_mtok'),
  };
}
