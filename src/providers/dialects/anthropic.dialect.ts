import type { GatewayError } from '../../platform/errors/gateway-error.js';
import { anthropicMeter } from './anthropic-meter.js';
import { inspectAnthropic } from './anthropic-request.js';
import type { Dialect, RenderedError } from './dialect.js';
import { errorHeaders, sseEvent } from './error-headers.js';
import { PassThroughFilter } from './pass-through-filter.js';

/** Anthropic's names for kinds of errors, by status; other 5xx are `api_error`, other 4xx `invalid_request_error`. */
const TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
};

/** The Messages API, in the wire of 2023-06-01 and of 2026-10-21 alike. */
export const anthropicDialect: Dialect = {
  id: 'anthropic',
  inspect: inspectAnthropic,
  withStreamUsage: (body) => body,
  meter: anthropicMeter,
  streamFilter: () => new PassThroughFilter(),
  renderError(error, requestId): RenderedError {
    return {
      status: error.status,
      headers: errorHeaders(error, false),
      body: JSON.stringify(errorBody(error, requestId)),
    };
  },
  renderStreamError: (error, requestId) => sseEvent(errorBody(error, requestId), 'error'),
};

function errorBody(error: GatewayError, requestId: string): object {
  const type = TYPES[error.status] ?? (error.status >= 500 ? 'api_error' : 'invalid_request_error');
  // the SDKs have an exception of its own for this one
  const details = error.code === 'budget_exceeded' ? { details: { error_code: 'enforced_spend_limit_reached' } } : {};
  return { type: 'error', error: { type, message: error.detail, ...details }, request_id: requestId };
}
