import type { Dialect, RenderedError, StreamPosition } from './base/dialect.js';
import { buildErrorHeaders, encodeJsonLine, encodeSseEvent } from './base/error-headers.js';
import { PassThroughFilter } from './base/pass-through-filter.js';
import { renderRateLimit } from './base/rate-limit-headers.js';
import { createCohereMeter } from './cohere/meter.js';
import { cohereModelList } from './cohere/model-list.js';
import { inspectCohere, addDefaultCohereModel } from './cohere/request.js';
import { readCohereText } from './cohere/text-deltas.js';
import { readCohereFailedStatus } from './failed-response.js';
import { cohereToolCalls } from './tool-call-grammars.js';

/**
 * Cohere's API, version 2 and version 1. Streams of version 1 are lines of JSON unless a client accepts only events.
 */
export const cohereDialect: Dialect = {
  id: 'cohere',
  toolCalls: cohereToolCalls,
  readText: readCohereText,
  streamForms: ['events', 'lines'],
  modelList: cohereModelList,
  finalEvent: /(?:message|stream)-end|"is_finished"\s*:\s*true|"finish_reason"\s*:\s*"/,
  renderRateLimit,
  inspect: inspectCohere,
  addDefaultModel: addDefaultCohereModel,
  requestStreamUsage: (body) => body,
  createMeter: createCohereMeter,
  readFailedStatus: readCohereFailedStatus,
  createStreamFilter: () => new PassThroughFilter(),
  renderError(error, requestId): RenderedError {
    return {
      status: error.status,
      headers: buildErrorHeaders(error, false),
      body: JSON.stringify({ message: error.detail, id: requestId }),
    };
  },
  /** Cohere's SDKs do not support an error event: the stream ends with the reason ERROR, which they show. */
  renderStreamError(error, requestId, path, position): Buffer {
    if (path.startsWith('v1/')) return encodeV1StreamError(error.detail, requestId, position);
    const delta = { finish_reason: 'ERROR', error: error.detail };
    return encodeSseEvent({ type: 'message-end', id: requestId, delta }, 'message-end', position);
  },
};

/** Contains the members that Cohere's own types require of the last event. */
function encodeV1StreamError(message: string, requestId: string, position?: StreamPosition): Buffer {
  const response = { response_id: requestId, text: '', finish_reason: 'ERROR' };
  const event = { is_finished: true, event_type: 'stream-end', finish_reason: 'ERROR', error: message, response };
  return position?.form === 'events' ? encodeSseEvent(event, undefined, position) : encodeJsonLine(event, position);
}
