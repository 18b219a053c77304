import { DEFAULT_OUTPUT_TOKENS, estimateUsage } from './estimate.js';

const of = (operation: string, maxOutputTokens: number | null, tokens: number) => {
  const { inputTokens, outputTokens } = estimateUsage({ operation }, { maxOutputTokens }, tokens);
  return [inputTokens, outputTokens];
};

describe('the estimate', () => {
  it('the estimate of a call is the tokens of the body and the maximum output of the client', () => {
    expect(of('chat', 50, 101)).toEqual([101, 50]);
  });

  it.each([null, 0, -1])('the estimate of a call uses the default output when the maximum is %s', (ceiling) => {
    expect(of('chat', ceiling, 0)).toEqual([0, DEFAULT_OUTPUT_TOKENS]);
  });

  it('the estimate of embeddings has no output', () => {
    expect(of('embeddings', null, 10)).toEqual([10, 0]);
  });

  it('the estimate of a call is bounded for any input', () => {
    expect(of('chat', 1e300, 32 * 1024 * 1024)).toEqual([2_000_000, 10_000_000]);
  });

  it('the estimate of a call is rounded up to whole tokens', () => {
    expect(of('chat', 1.5, 1)).toEqual([1, 2]);
  });
});
