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

describe('prices', () => {
  it('are US dollars per million tokens, so a token costs that many micro-dollars', () => {
    const prices = findPrices('openai', 'gpt-5.4', AT)!;
    expect(prices).toMatchObject({ input: 2.5, output: 15, cacheRead: 0.25, cacheWrite: null });
    expect(computeCostMicroUsd(prices, usage(1000, 100))).toBeCloseTo(2500 + 1500);
    expect(computeCostMicroUsd(prices, usage(1000, 100, { cachedInputTokens: 400 }))).toBeCloseTo(1500 + 100 + 1500);
  });

  it('reprice the whole call above a tier', () => {
    const prices = findPrices('gemini', 'gemini-2.5-pro', AT)!;
    expect(prices.tiers).toEqual([expect.objectContaining({ aboveInputTokens: 200_000, input: 2.5, output: 15 })]);
    expect(computeCostMicroUsd(prices, usage(200_000, 0))).toBeCloseTo(200_000 * 1.25);
    expect(computeCostMicroUsd(prices, usage(300_000, 100))).toBeCloseTo(300_000 * 2.5 + 1500);
  });

  it('keep the kinds of cached input apart', () => {
    const prices = findPrices('anthropic', 'claude-sonnet-4-5', AT)!;
    expect(prices).toMatchObject({ input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75, longCacheWrite: 6 });
    const cost = computeCostMicroUsd(
      prices,
      usage(1000, 10, { cachedInputTokens: 500, cacheWriteTokens: 300, longCacheWriteTokens: 100 }),
    );
    expect(cost).toBeCloseTo(200 * 3 + 500 * 0.3 + 200 * 3.75 + 100 * 6 + 150);
  });

  it('are unknown for unknown models, free servers and unknown providers', () => {
    expect(findPrices('openai', 'no-such-model', AT)).toBeNull();
    expect(findPrices('ollama', 'llama3', AT)).toBeNull();
    expect(findPrices('nobody', 'gpt-5.4', AT)).toBeNull();
    expect(findPrices('openai', 'no-such-model', AT)).toBeNull();
  });

  it('follow the calendar', () => {
    const before = findPrices('openai', 'o3', Date.parse('2025-06-01T00:00:00Z'))!;
    const after = findPrices('openai', 'o3', AT)!;
    expect(after.input).toBeLessThan(before.input);
  });

  it('are listed for every provider that has any', () => {
    const listed = listPrices(AT);
    expect(listed.length).toBeGreaterThan(500);
    const priced = new Set(listed.map(({ provider }) => provider));
    for (const { id, priceProviderId } of PROVIDERS)
      expect([id, priced.has(id)]).toEqual([id, priceProviderId !== null]);
  });
});
