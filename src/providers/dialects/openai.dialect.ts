import type { Dialect } from './dialect.js';
import { renderOpenAiError, renderOpenAiStreamError } from './openai-errors.js';
import { openAiMeter } from './openai-meter.js';
import { askForStreamUsage, inspectOpenAi } from './openai-request.js';
import { UsageChunkFilter } from './usage-chunk-filter.js';
import { openAiCalls } from './tool-calls/grammars.js';

/** Chat Completions, Responses, embeddings and the like, as OpenAI and some twenty vendors speak them. */
export const openAiDialect: Dialect = {
  id: 'openai',
  toolCalls: openAiCalls,
  inspect: inspectOpenAi,
  withStreamUsage: askForStreamUsage,
  meter: openAiMeter,
  streamFilter: () => new UsageChunkFilter(),
  renderError: (error, _requestId, path = '') => renderOpenAiError(error, path),
  renderStreamError: renderOpenAiStreamError,
};
