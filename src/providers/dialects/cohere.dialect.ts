import { cohereMeter } from './cohere-meter.js';
import { inspectCohere } from './cohere-request.js';
import type { Dialect, RenderedError } from './dialect.js';
import { errorHeaders, sseEvent } from './error-headers.js';
import { PassThroughFilter } from './pass-through-filter.js';
import { cohereCalls } from './tool-calls/grammars.js';

/** Cohere's API, version 2. */
export const cohereDialect: Dialect = {
  id: 'cohere',
  toolCalls: cohereCalls,
  inspect: inspectCohere,
  withStreamUsage: (body) => body,
  meter: cohereMeter,
  streamFilter: () => new PassThroughFilter(),
  renderError(error, requestId): RenderedError {
    return {
      status: error.status,
      headers: errorHeaders(error, false),
      body: JSON.stringify({ message: error.detail, id: requestId }),
    };
  },
  /** Cohere's SDKs know no error event: the stream ends with the reason ERROR, which they show. */
  renderStreamError(error, requestId, _path, position): Buffer {
    const delta = { finish_reason: 'ERROR', error: error.detail };
    return sseEvent({ type: 'message-end', id: requestId, delta }, 'message-end', position);
  },
};
