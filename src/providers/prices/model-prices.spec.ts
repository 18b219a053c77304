import { computeCostMicroUsd, listPrices, findPrices } from './model-prices.js';
import { PROVIDERS } from '../registry.js';

const AT = Date.parse('2026-11-20T12:00:00Z');
const usage = (inputTokens: number, outputTokens: number, rest = {}) => ({
  inputTokens,
  outputTokens,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0,
  ...rest,
});

describe('model prices', () => {
  it('a price of one US dollar per million tokens costs one micro-dollar per token', () => {
    const prices = findPrices('openai', 'gpt-5.4', AT)!;
    expect(prices).toMatchObject({ input: 2.5, output: 15, cacheRead: 0.25, cacheWrite: null });
    expect(computeCostMicroUsd(prices, usage(1000, 100))).toBeCloseTo(2500 + 1500);
    expect(computeCostMicroUsd(prices, usage(1000, 100, { cachedInputTokens: 400 }))).toBeCloseTo(1500 + 100 + 1500);
  });

  it('a call above a tier is priced by that tier as a whole', () => {
    const prices = findPrices('gemini', 'gemini-2.5-pro', AT)!;
    expect(prices.tiers).toEqual([expect.objectContaining({ aboveInputTokens: 200_000, input: 2.5, output: 15 })]);
    expect(computeCostMicroUsd(prices, usage(200_000, 0))).toBeCloseTo(200_000 * 1.25);
    expect(computeCostMicroUsd(prices, usage(300_000, 100))).toBeCloseTo(300_000 * 2.5 + 1500);
  });

  it('cached input, cache writes and one-hour writes have separate prices', () => {
    const prices = findPrices('anthropic', 'claude-sonnet-4-5', AT)!;
    expect(prices).toMatchObject({ input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75, longCacheWrite: 6 });
    const cost = computeCostMicroUsd(
      prices,
      usage(1000, 10, { cachedInputTokens: 500, cacheWriteTokens: 300, longCacheWriteTokens: 100 }),
    );
    expect(cost).toBeCloseTo(200 * 3 + 500 * 0.3 + 200 * 3.75 + 100 * 6 + 150);
  });

  it('unknown models, free servers and unknown providers have no prices', () => {
    expect(findPrices('openai', 'no-such-model', AT)).toBeNull();
    expect(findPrices('ollama', 'llama3', AT)).toBeNull();
    expect(findPrices('nobody', 'gpt-5.4', AT)).toBeNull();
    expect(findPrices('openai', 'no-such-model', AT)).toBeNull();
  });

  it('prices depend on the date of the call', () => {
    const before = findPrices('openai', 'o3', Date.parse('2025-06-01T00:00:00Z'))!;
    const after = findPrices('openai', 'o3', AT)!;
    expect(after.input).toBeLessThan(before.input);
  });

  it('every provider with prices is listed', () => {
    const listed = listPrices(AT);
    expect(listed.length).toBeGreaterThan(500);
    const priced = new Set(listed.map(({ provider }) => provider));
    for (const { id, priceProviderId } of PROVIDERS)
      expect([id, priced.has(id)]).toEqual([id, priceProviderId !== null]);
  });
});
