import { openAiCompatible } from './adapter.js';
import { closed, inference } from '../../routes/rules.js';
import { COMPATIBILITY } from './vendor-compatibility.js';

/**
 * Mistral refuses unknown parameters, including `stream_options`, and reports usage in the last chunk of every stream.
 */
export const mistral = openAiCompatible({
  id: 'mistral',
  displayName: 'Mistral',
  baseUrl: 'https://api.mistral.ai/v1',
  priceProviderId: 'mistral',
  compatibility: COMPATIBILITY.mistral,
  routes: [
    inference(/^fim\/completions$/, 'text_completion'),
    inference(/^chat\/moderations$/, 'moderations'),
    closed('fine_tuning', 'fine_tuning'),
    closed('assistants', 'agents', 'conversations'),
    closed('batches', 'batch'),
    closed('vector_stores', 'libraries'),
  ],
});
