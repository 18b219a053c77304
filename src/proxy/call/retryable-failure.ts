import type { ErrorCode } from '../../platform/errors/error-catalog.js';
import type { Attempt } from '../../usage/recording/interaction-record.js';

/**
 * Codes of errors without a response: none arrived, or the request could not be sent, also because the service that
 * issues access tokens for the stored key failed.
 */
export const NO_RESPONSE: ReadonlySet<string> = new Set<ErrorCode>([
  'upstream_unreachable',
  'upstream_timeout',
  'provider_key_unavailable',
]);

/** Whether an attempt failed for a reason that does not concern other targets, so that they are worth a try. */
export const isRetryable = ({ status, errorCode }: Pick<Attempt, 'status' | 'errorCode'>): boolean =>
  status === null ? errorCode !== null && NO_RESPONSE.has(errorCode) : status === 429 || status >= 500;
