/** Whether the errors that the pages name (`402 budget_exceeded`) are those of the catalog. */
import { ERROR_CATALOG } from '../../src/platform/errors/error-catalog.js';
import type { Problem } from './admin-calls.js';

const STATUS: ReadonlyMap<string, number> = new Map(
  Object.entries(ERROR_CATALOG).map(([code, { status }]) => [code, status]),
);
/** RFC 6749 §5.2, RFC 6750 §3.1, RFC 7591 §3.2.2, RFC 8628 §3.5, RFC 8707 §2: of the endpoints of OAuth. */
const OAUTH = new Set([
  ...['invalid_request', 'invalid_client', 'invalid_grant', 'unauthorized_client', 'unsupported_grant_type'],
  ...['invalid_scope', 'invalid_token', 'insufficient_scope', 'access_denied', 'invalid_redirect_uri'],
  ...['invalid_client_metadata', 'authorization_pending', 'slow_down', 'expired_token', 'invalid_target'],
]);
const NAMED = /\b([45]\d\d) `([a-z]+(?:_[a-z]+)+)`/g;

export function codeProblems(text: string): Problem[] {
  return [...text.matchAll(NAMED)].flatMap((match) => {
    const [, status, code] = match;
    const line = text.slice(0, match.index).split('\n').length;
    const known = STATUS.get(code!);
    if (known === undefined) return OAUTH.has(code!) ? [] : [{ line, problem: `there is no error code ${code}` }];
    return known === Number(status) ? [] : [{ line, problem: `${code} has the status ${known}, not ${status}` }];
  });
}
