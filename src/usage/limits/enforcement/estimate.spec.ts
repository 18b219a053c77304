import { DEFAULT_OUTPUT_TOKENS, estimateUsage } from './estimate.js';

const of = (operation: string, maxOutputTokens: number | null, tokens: number) => {
  const { inputTokens, outputTokens } = estimateUsage({ operation }, { maxOutputTokens }, tokens);
  return [inputTokens, outputTokens];
};

describe('the estimate', () => {
  it("is the body's tokens, and the client's ceiling", () => {
    expect(of('chat', 50, 101)).toEqual([101, 50]);
  });

  it.each([null, 0, -1])('takes the default for an answer where the ceiling is %s', (ceiling) => {
    expect(of('chat', ceiling, 0)).toEqual([0, DEFAULT_OUTPUT_TOKENS]);
  });

  it('expects no output of embeddings', () => {
    expect(of('embeddings', null, 10)).toEqual([10, 0]);
  });

  it('is bounded, whatever is sent', () => {
    expect(of('chat', 1e300, 32 * 1024 * 1024)).toEqual([2_000_000, 10_000_000]);
  });

  it('is whole', () => {
    expect(of('chat', 1.5, 1)).toEqual([1, 2]);
  });
});
