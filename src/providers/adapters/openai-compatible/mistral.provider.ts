import { createOpenAiCompatible } from './adapter.js';
import { defineClosed, defineInference } from '../../routes/rules.js';
import { COMPATIBILITY } from './vendor-compatibility.js';

/**
 * Mistral refuses unknown parameters, including `stream_options`, and reports usage in the last chunk of every stream.
 */
export const mistral = createOpenAiCompatible({
  id: 'mistral',
  displayName: 'Mistral',
  semanticName: 'mistral_ai',
  baseUrl: 'https://api.mistral.ai/v1',
  priceProviderId: 'mistral',
  compatibility: COMPATIBILITY.mistral,
  routes: [
    defineInference(/^fim\/completions$/, 'text_completion'),
    defineInference(/^chat\/moderations$/, 'moderations'),
    defineClosed('fine_tuning', 'fine_tuning'),
    defineClosed('assistants', 'agents', 'conversations'),
    defineClosed('batches', 'batch'),
    defineClosed('vector_stores', 'libraries'),
  ],
});
