import type { Dialect, RenderedError } from './base/dialect.js';
import { buildErrorHeaders, encodeJsonLine } from './base/error-headers.js';
import { PassThroughFilter } from './base/pass-through-filter.js';
import { renderRateLimit } from './base/rate-limit-headers.js';
import { readOllamaFailedStatus } from './failed-response.js';
import { createOllamaMeter } from './ollama/meter.js';
import { inspectOllama } from './ollama/request.js';
import { readOllamaText } from './ollama/text-deltas.js';
import { ollamaToolCalls } from './tool-call-grammars.js';

/** Ollama's own API (docs.ollama.com/api), below `api/`. Its streams are lines of JSON; a line with `error` ends one. */
export const ollamaDialect: Dialect = {
  id: 'ollama',
  toolCalls: ollamaToolCalls,
  readText: readOllamaText,
  streamForms: ['lines'],
  finalEvent: /"done"\s*:\s*true/,
  renderRateLimit,
  inspect: inspectOllama,
  requestStreamUsage: (body) => body,
  createMeter: createOllamaMeter,
  readFailedStatus: readOllamaFailedStatus,
  createStreamFilter: () => new PassThroughFilter(),
  renderError(error): RenderedError {
    return {
      status: error.status,
      headers: buildErrorHeaders(error, false),
      body: JSON.stringify({ error: error.detail }),
    };
  },
  renderStreamError: (error, _requestId, _path, position) => encodeJsonLine({ error: error.detail }, position),
};
