/** What a call used where the provider did not state it. */
import type { TokenUsage } from '../providers/dialects/dialect.js';
import type { Outcome } from '../usage/interaction-record.js';
import type { Exchange } from './exchange.js';

/** Text is about four characters a token in the languages most used here. */
const CHARS_PER_TOKEN = 4;

/** Endings after which the provider may have worked without telling how much. */
const CUT_SHORT: ReadonlySet<Outcome> = new Set(['client_aborted', 'cut', 'error']);

/**
 * The usage by what the request holds and by the length of the text that came. Null where the provider was not at work, or could have
 * stated it: it did not on a response that ended too early, and on embeddings, for which some (Gemini) never do.
 */
export function estimatedUsage(exchange: Exchange, outputChars: number): TokenUsage | null {
  const { outcome, status, operation, requestTokens } = exchange;
  const { rule } = operation!;
  const isUnstated = CUT_SHORT.has(outcome) || (outcome === 'success' && rule.operation === 'embeddings');
  if (!isUnstated || status < 200 || status >= 300 || rule.class !== 'inference') return null;
  return {
    inputTokens: requestTokens,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: Math.ceil(outputChars / CHARS_PER_TOKEN),
    reasoningTokens: 0,
  };
}
