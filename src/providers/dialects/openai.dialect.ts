import type { Dialect } from './base/dialect.js';
import { renderRateLimit } from './base/rate-limit-headers.js';
import { readOpenAiFailedStatus } from './failed-response.js';
import { type OpenAiErrorForm, renderOpenAiError, renderOpenAiStreamError } from './openai/errors.js';
import { createOpenAiMeter } from './openai/meter.js';
import { openAiModelList } from './openai/model-list.js';
import { requestStreamUsage, inspectOpenAi } from './openai/request.js';
import { readOpenAiText } from './openai/text-deltas.js';
import { UsageChunkFilter } from './openai/usage-chunk-filter.js';
import { openAiToolCalls } from './tool-call-grammars.js';

/** Chat Completions, Responses, embeddings and similar APIs of OpenAI and some twenty vendors. */
export const openAiDialect: Dialect = {
  id: 'openai',
  toolCalls: openAiToolCalls,
  readText: readOpenAiText,
  modelList: openAiModelList,
  nativePaths: { chat: 'chat/completions', responses: 'responses', embeddings: 'embeddings' },
  // vLLM also writes a stop_reason; OpenRouter serves Messages below the same base URL
  finalEvent:
    /\[DONE\]|"(?:finish|stop)_reason"\s*:\s*"|"choices"\s*:\s*\[\s*\]|\.(?:completed|incomplete|failed|done)\b/i,
  renderRateLimit,
  inspect: inspectOpenAi,
  requestStreamUsage: requestStreamUsage,
  createMeter: createOpenAiMeter,
  readFailedStatus: readOpenAiFailedStatus,
  createStreamFilter: () => new UsageChunkFilter(),
  renderError: (error, _requestId, path = '') => renderOpenAiError(error, path),
  renderStreamError: (error, requestId, path, position) => renderOpenAiStreamError(error, requestId, path, position),
};

const variants = new Map<OpenAiErrorForm, Dialect>();

/** Returns OpenAI's dialect with errors in the form of a vendor. Returns the same object for the same form. */
export function createOpenAiDialect(errors: OpenAiErrorForm): Dialect {
  let variant = variants.get(errors);
  if (!variant) {
    variant = {
      ...openAiDialect,
      renderError: (error, _requestId, path = '') => renderOpenAiError(error, path, errors),
      renderStreamError: (error, requestId, path, position) =>
        renderOpenAiStreamError(error, requestId, path, position, errors),
    };
    variants.set(errors, variant);
  }
  return variant;
}
