import { anthropicUsage } from '../anthropic/meter.js';
import type { TokenUsage } from '../base/dialect.js';
import { openAiUsage } from '../openai/usage.js';
import { count, type Fields, fields } from '../base/token-counts.js';

/**
 * Converts Converse's figures, which count cached input separately from `inputTokens`. Nova's own responses use other
 * names for it.
 */
export function converseUsage(usage: Fields | undefined): TokenUsage | null {
  if (!usage) return null;
  return usageOf({
    input: count(usage['inputTokens']),
    output: count(usage['outputTokens']),
    read: count(usage['cacheReadInputTokens']) ?? count(usage['cacheReadInputTokenCount']),
    written: count(usage['cacheWriteInputTokens']) ?? count(usage['cacheWriteInputTokenCount']),
    writtenForAnHour: hourly(usage['cacheDetails']),
  });
}

/** Returns the tokens that Claude's `message_start` event states as written for an hour. */
export function hourlyAtStart(event: Fields | null): number {
  const usage = fields(fields(event?.['message'])?.['usage']);
  return (usage && anthropicUsage(usage)?.longCacheWriteTokens) ?? 0;
}

/** Converts the figures in the last chunk of an invoked model's stream. */
export function invocationMetrics(metrics: Fields | undefined, writtenForAnHour = 0): TokenUsage | null {
  if (!metrics) return null;
  return usageOf({
    input: count(metrics['inputTokenCount']),
    output: count(metrics['outputTokenCount']),
    read: count(metrics['cacheReadInputTokenCount']),
    written: count(metrics['cacheWriteInputTokenCount']),
    writtenForAnHour,
  });
}

/** Reads the usage in the head of an invoked model's whole response. */
export function usageInHead(header: (name: string) => string | null): TokenUsage | null {
  const figure = (name: string): number | undefined => {
    const value = header(`x-amzn-bedrock-${name}-token-count`);
    return value === null ? undefined : count(Number(value));
  };
  return usageOf({
    input: figure('input'),
    output: figure('output'),
    read: figure('cache-read-input'),
    written: figure('cache-write-input'),
  });
}

/**
 * Reads the usage in the body of an invoked model's whole response, in the format of its vendor: Anthropic, Amazon
 * (Nova, Titan), OpenAI, Meta.
 */
export function invokedUsage(answer: Fields): TokenUsage | null {
  const usage = fields(answer['usage']);
  if (usage) {
    if (usage['input_tokens'] !== undefined) return anthropicUsage(usage);
    return usage['prompt_tokens'] === undefined ? converseUsage(usage) : openAiUsage(usage);
  }
  const results = Array.isArray(answer['results']) ? (answer['results'] as unknown[]) : [];
  const generated = results.map((result) => count(fields(result)?.['tokenCount']) ?? 0);
  return usageOf({
    input: count(answer['inputTextTokenCount']) ?? count(answer['prompt_token_count']),
    output: count(answer['generation_token_count']) ?? generated.reduce((sum, tokens) => sum + tokens, 0),
  });
}

interface Figures {
  input: number | undefined;
  output: number | undefined;
  read?: number | undefined;
  written?: number | undefined;
  writtenForAnHour?: number;
}

function usageOf({ input, output, read = 0, written = 0, writtenForAnHour = 0 }: Figures): TokenUsage | null {
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
function hourly(details: unknown): number {
  const rows = Array.isArray(details) ? (details as unknown[]) : [];
  return rows.reduce<number>((sum, row) => {
    const { ttl, inputTokens } = fields(row) ?? {};
    return ttl === '1h' ? sum + (count(inputTokens) ?? 0) : sum;
  }, 0);
}
