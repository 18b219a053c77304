/** Anthropic's error types by status; other 5xx are `api_error`, other 4xx `invalid_request_error`. */
const TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

const NAMES: ReadonlySet<string> = new Set([...Object.values(TYPES), 'api_error', 'invalid_request_error']);

export function toAnthropicErrorType(status: number): string {
  return TYPES[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
}

/** Whether a vendor's error type is one of Anthropic's own. */
export function isAnthropicErrorType(type: string): boolean {
  return NAMES.has(type);
}

/** Builds an error body. `code` is the gateway's: the SDKs have a separate exception for an exhausted budget. */
export function buildAnthropicErrorBody(
  type: string,
  message: string,
  code: string | null,
  requestId?: string,
): object {
  const details = code === 'budget_exceeded' ? { details: { error_code: 'enforced_spend_limit_reached' } } : {};
  const request = requestId === undefined ? {} : { request_id: requestId };
  return { type: 'error', error: { type, message, ...details }, ...request };
}
