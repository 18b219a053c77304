import type { GatewayError } from '../../platform/errors/gateway-error.js';
import { anthropicErrorBody, anthropicErrorType } from './anthropic/errors.js';
import { anthropicMeter } from './anthropic/meter.js';
import { inspectAnthropic } from './anthropic/request.js';
import type { Dialect, RenderedError } from './base/dialect.js';
import { errorHeaders, sseEvent } from './base/error-headers.js';
import { anthropicFailedStatus } from './failed-response.js';
import { PassThroughFilter } from './base/pass-through-filter.js';
import { messagesCalls } from './tool-call-grammars.js';

/** The Messages API, versions 2023-06-01 and 2026-10-21. */
export const anthropicDialect: Dialect = {
  id: 'anthropic',
  toolCalls: messagesCalls,
  inspect: inspectAnthropic,
  withStreamUsage: (body) => body,
  meter: anthropicMeter,
  failedStatus: anthropicFailedStatus,
  streamFilter: () => new PassThroughFilter(),
  renderError(error, requestId): RenderedError {
    return {
      status: error.status,
      headers: errorHeaders(error, false),
      body: JSON.stringify(errorBody(error, requestId)),
    };
  },
  renderStreamError: (error, requestId, _path, position) => sseEvent(errorBody(error, requestId), 'error', position),
};

function errorBody(error: GatewayError, requestId: string): object {
  return anthropicErrorBody(anthropicErrorType(error.status), error.detail, error.code, requestId);
}
