import type { RateLimitState } from '../base/rate-limit-headers.js';

/** The reset is an instant (RFC 3339). */
export const renderAnthropicRateLimit = ({
  quantity,
  limit,
  remaining,
  resetAt,
}: RateLimitState): Record<string, string> => ({
  [`anthropic-ratelimit-${quantity}-limit`]: String(limit),
  [`anthropic-ratelimit-${quantity}-remaining`]: String(remaining),
  [`anthropic-ratelimit-${quantity}-reset`]: new Date(resetAt).toISOString(),
});
