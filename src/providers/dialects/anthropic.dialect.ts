import type { GatewayError } from '../../platform/errors/gateway-error.js';
import { buildAnthropicErrorBody, toAnthropicErrorType } from './anthropic/errors.js';
import { createAnthropicMeter } from './anthropic/meter.js';
import { anthropicModelList } from './anthropic/model-list.js';
import { renderAnthropicRateLimit } from './anthropic/rate-limit-headers.js';
import { inspectAnthropic } from './anthropic/request.js';
import { readAnthropicText } from './anthropic/text-deltas.js';
import type { Dialect, RenderedError } from './base/dialect.js';
import { buildErrorHeaders, encodeSseEvent } from './base/error-headers.js';
import { PassThroughFilter } from './base/pass-through-filter.js';
import { readAnthropicFailedStatus } from './failed-response.js';
import { messagesToolCalls } from './tool-call-grammars.js';

/** The Messages API, versions 2023-06-01 and 2026-10-21. */
export const anthropicDialect: Dialect = {
  id: 'anthropic',
  toolCalls: messagesToolCalls,
  readText: readAnthropicText,
  credentialSources: { apiKeyWins: true, queryKey: false },
  requiredHeaders: ['anthropic-version', '2023-06-01'],
  modelList: anthropicModelList,
  nativePaths: { messages: 'v1/messages', count_tokens: 'v1/messages/count_tokens' },
  finalEvent: /message_stop|"stop_reason"\s*:\s*"/,
  renderRateLimit: renderAnthropicRateLimit,
  inspect: inspectAnthropic,
  requestStreamUsage: (body) => body,
  createMeter: createAnthropicMeter,
  readFailedStatus: readAnthropicFailedStatus,
  createStreamFilter: () => new PassThroughFilter(),
  renderError(error, requestId): RenderedError {
    return {
      status: error.status,
      headers: buildErrorHeaders(error, false),
      body: JSON.stringify(buildErrorBody(error, requestId)),
    };
  },
  renderStreamError: (error, requestId, _path, position) =>
    encodeSseEvent(buildErrorBody(error, requestId), 'error', position),
};

function buildErrorBody(error: GatewayError, requestId: string): object {
  return buildAnthropicErrorBody(toAnthropicErrorType(error.status), error.detail, error.code, requestId);
}
