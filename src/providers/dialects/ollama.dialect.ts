import type { Dialect, RenderedError } from './base/dialect.js';
import { errorHeaders, jsonLine } from './base/error-headers.js';
import { ollamaFailedStatus } from './failed-response.js';
import { ollamaMeter } from './ollama/meter.js';
import { inspectOllama } from './ollama/request.js';
import { PassThroughFilter } from './base/pass-through-filter.js';
import { ollamaCalls } from './tool-call-grammars.js';

/** Ollama's own API (docs.ollama.com/api), below `api/`. Its streams are lines of JSON; a line with `error` ends one. */
export const ollamaDialect: Dialect = {
  id: 'ollama',
  toolCalls: ollamaCalls,
  streamForms: ['lines'],
  inspect: inspectOllama,
  withStreamUsage: (body) => body,
  meter: ollamaMeter,
  failedStatus: ollamaFailedStatus,
  streamFilter: () => new PassThroughFilter(),
  renderError(error): RenderedError {
    return {
      status: error.status,
      headers: errorHeaders(error, false),
      body: JSON.stringify({ error: error.detail }),
    };
  },
  renderStreamError: (error, _requestId, _path, position) => jsonLine({ error: error.detail }, position),
};
