import type { GatewayError } from '../../platform/errors/gateway-error.js';
import { UNKNOWN_POSITION, type Dialect, type RenderedError } from './base/dialect.js';
import { buildErrorHeaders, getRetrySeconds, encodeSseEvent } from './base/error-headers.js';
import { PassThroughFilter } from './base/pass-through-filter.js';
import { renderRateLimit } from './base/rate-limit-headers.js';
import { readGeminiFailedStatus } from './failed-response.js';
import { createGeminiMeter } from './gemini/meter.js';
import { geminiModelList } from './gemini/model-list.js';
import { removeModelPrefix } from './gemini/model-names.js';
import { parseGeminiPath } from './gemini/paths.js';
import { inspectGemini } from './gemini/request.js';
import { readGeminiText } from './gemini/text-deltas.js';
import { geminiToolCalls } from './tool-call-grammars.js';

/** Names of google.rpc.Code by the HTTP status that Google's API maps them to; others are INVALID_ARGUMENT or INTERNAL. */
const STATUSES: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  402: 'RESOURCE_EXHAUSTED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  408: 'DEADLINE_EXCEEDED',
  409: 'ABORTED',
  426: 'FAILED_PRECONDITION',
  429: 'RESOURCE_EXHAUSTED',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

/** The Gemini API, versions v1 and v1beta. */
export const geminiDialect: Dialect = {
  id: 'gemini',
  toolCalls: geminiToolCalls,
  readText: readGeminiText,
  hasArrayStreams: true,
  credentialSources: { apiKeyWins: false, queryKey: true },
  modelList: geminiModelList,
  normalizeModel: removeModelPrefix,
  finalEvent: /"finish_?reason"\s*:\s*"/i,
  renderRateLimit,
  inspect: inspectGemini,
  requestStreamUsage: (body) => body,
  createMeter: createGeminiMeter,
  readFailedStatus: readGeminiFailedStatus,
  createStreamFilter: () => new PassThroughFilter(),
  renderError(error): RenderedError {
    return {
      status: error.status,
      headers: buildErrorHeaders(error, false),
      body: JSON.stringify(buildErrorBody(error)),
    };
  },
  renderStreamError(error, _requestId, path, position = UNKNOWN_POSITION): Buffer {
    if (!isArrayStream(path)) return encodeSseEvent(buildErrorBody(error), undefined, position);
    const separator = position.before === 'nothing' ? '[' : ',\n';
    return Buffer.from(`${separator}${JSON.stringify(buildErrorBody(error))}${position.isComplete ? ']' : ''}`);
  },
};

function buildErrorBody(error: GatewayError): object {
  const status = STATUSES[error.status] ?? (error.status >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT');
  return { error: { code: error.status, message: error.detail, status, details: buildRetryInfo(error) } };
}

/** Returns the wait, which Gemini's clients read here, not in a header. */
function buildRetryInfo(error: GatewayError): object[] {
  const seconds = getRetrySeconds(error);
  return seconds === undefined
    ? []
    : [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${seconds}s` }];
}

/**
 * Whether the response is a JSON array: the query is known and does not request SSE. An error adds one element to the
 * array, which is closed only in a complete response.
 */
function isArrayStream(path: string): boolean {
  return (
    path.includes('?') && !/[?&]alt=sse(?:&|$)/.test(path) && parseGeminiPath(path)?.verb === 'streamGenerateContent'
  );
}
