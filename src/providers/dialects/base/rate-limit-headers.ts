/** State of a rate limit of the gateway that refused a call. */
export interface RateLimitState {
  /** `requests` or `tokens`: a part of the headers' names. */
  readonly quantity: string;
  readonly limit: number;
  readonly remaining: number;
  /** Unix milliseconds at which the limit is unused, if no further call counts. */
  readonly resetAt: number;
}

/**
 * OpenAI's headers, which the clients of dialects without such headers receive as well. `now` in Unix milliseconds.
 */
export function renderRateLimit(
  { quantity, limit, remaining, resetAt }: RateLimitState,
  now: number,
): Record<string, string> {
  return {
    [`x-ratelimit-limit-${quantity}`]: String(limit),
    [`x-ratelimit-remaining-${quantity}`]: String(remaining),
    [`x-ratelimit-reset-${quantity}`]: formatDuration(resetAt - now),
  };
}

/** OpenAI's format: `59s`, `740ms`. */
function formatDuration(milliseconds: number): string {
  const roundedMs = Math.max(1, Math.ceil(milliseconds));
  return roundedMs < 1_000 ? `${roundedMs}ms` : `${Number((roundedMs / 1_000).toFixed(3))}s`;
}
