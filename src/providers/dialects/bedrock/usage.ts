import { readAnthropicUsage } from '../anthropic/meter.js';
import type { TokenUsage } from '../base/dialect.js';
import { readOpenAiUsage } from '../openai/usage.js';
import { toCount, type Fields, toFields } from '../base/token-counts.js';

/**
 * Converts Converse's figures, which count cached input separately from `inputTokens`. Nova's own responses use other
 * names for it.
 */
export function readConverseUsage(usage: Fields | undefined): TokenUsage | null {
  if (!usage) return null;
  return createUsage({
    input: toCount(usage['inputTokens']),
    output: toCount(usage['outputTokens']),
    read: toCount(usage['cacheReadInputTokens']) ?? toCount(usage['cacheReadInputTokenCount']),
    written: toCount(usage['cacheWriteInputTokens']) ?? toCount(usage['cacheWriteInputTokenCount']),
    writtenForAnHour: sumHourlyWrites(usage['cacheDetails']),
  });
}

/** Returns the tokens that Claude's `message_start` event states as written for an hour. */
export function readHourlyCacheWrites(event: Fields | null): number {
  const usage = toFields(toFields(event?.['message'])?.['usage']);
  return (usage && readAnthropicUsage(usage)?.longCacheWriteTokens) ?? 0;
}

/** Converts the figures in the last chunk of an invoked model's stream. */
export function readInvocationMetrics(metrics: Fields | undefined, writtenForAnHour = 0): TokenUsage | null {
  if (!metrics) return null;
  return createUsage({
    input: toCount(metrics['inputTokenCount']),
    output: toCount(metrics['outputTokenCount']),
    read: toCount(metrics['cacheReadInputTokenCount']),
    written: toCount(metrics['cacheWriteInputTokenCount']),
    writtenForAnHour,
  });
}

/** Reads the usage in the head of an invoked model's whole response. */
export function readHeaderUsage(header: (name: string) => string | null): TokenUsage | null {
  const readCount = (name: string): number | undefined => {
    const value = header(`x-amzn-bedrock-${name}-token-count`);
    return value === null ? undefined : toCount(Number(value));
  };
  return createUsage({
    input: readCount('input'),
    output: readCount('output'),
    read: readCount('cache-read-input'),
    written: readCount('cache-write-input'),
  });
}

/**
 * Reads the usage in the body of an invoked model's whole response, in the format of its vendor: Anthropic, Amazon
 * (Nova, Titan), OpenAI, Meta.
 */
export function readInvokedUsage(response: Fields): TokenUsage | null {
  const usage = toFields(response['usage']);
  if (usage) {
    if (usage['input_tokens'] !== undefined) return readAnthropicUsage(usage);
    return usage['prompt_tokens'] === undefined ? readConverseUsage(usage) : readOpenAiUsage(usage);
  }
  const results = Array.isArray(response['results']) ? (response['results'] as unknown[]) : [];
  const generated = results.map((result) => toCount(toFields(result)?.['tokenCount']) ?? 0);
  return createUsage({
    input: toCount(response['inputTextTokenCount']) ?? toCount(response['prompt_token_count']),
    output: toCount(response['generation_token_count']) ?? generated.reduce((sum, tokens) => sum + tokens, 0),
  });
}

interface Figures {
  input: number | undefined;
  output: number | undefined;
  read?: number | undefined;
  written?: number | undefined;
  writtenForAnHour?: number;
}

function createUsage({ input, output, read = 0, written = 0, writtenForAnHour = 0 }: Figures): TokenUsage | null {
  if (input === undefined) return null;
  return {
    inputTokens: input + read + written,
    cachedInputTokens: read,
    cacheWriteTokens: written,
    ...(writtenForAnHour > 0 ? { longCacheWriteTokens: Math.min(writtenForAnHour, written) } : {}),
    outputTokens: output ?? 0,
    reasoningTokens: 0,
  };
}

/** Returns the tokens written for an hour, of `[{"ttl", "inputTokens"}]`. */
function sumHourlyWrites(details: unknown): number {
  const rows = Array.isArray(details) ? (details as unknown[]) : [];
  return rows.reduce<number>((sum, row) => {
    const { ttl, inputTokens } = toFields(row) ?? {};
    return ttl === '1h' ? sum + (toCount(inputTokens) ?? 0) : sum;
  }, 0);
}
