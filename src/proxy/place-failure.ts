import type { ErrorCode } from '../platform/errors/error-catalogue.js';
import type { Attempt } from '../usage/interaction-record.js';

/** No answer came, or nothing could be asked: also of who gives access tokens for the stored key. */
export const NO_ANSWER: ReadonlySet<string> = new Set<ErrorCode>([
  'upstream_unreachable',
  'upstream_timeout',
  'provider_key_unavailable',
]);

/** Whether an attempt came to nothing for a reason that says nothing of other places: they are worth a try. */
export const isPlaceFailure = ({ status, errorCode }: Pick<Attempt, 'status' | 'errorCode'>): boolean =>
  status === null ? errorCode !== null && NO_ANSWER.has(errorCode) : status === 429 || status >= 500;
