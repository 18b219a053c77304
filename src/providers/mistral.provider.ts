import { openAiCompatible } from './openai-compatible.js';
import { closed, inference } from './route-rules.js';

/** Refuses unknown parameters, `stream_options` among them, and tells usage in the last chunk of every stream. */
export const mistral = openAiCompatible({
  id: 'mistral',
  displayName: 'Mistral',
  baseUrl: 'https://api.mistral.ai/v1',
  priceProviderId: 'mistral',
  takesStreamOptions: false,
  chatHabits: {
    callIdChars: 9,
    refuses: [
      ...['user', 'safety_identifier', 'store', 'verbosity', 'logprobs', 'top_logprobs', 'logit_bias'],
      ...['prompt_cache_retention', 'prompt_cache_options'],
    ],
  },
  routes: [
    inference(/^fim\/completions$/, 'text_completion'),
    inference(/^chat\/moderations$/, 'moderations'),
    closed('fine_tuning', 'fine_tuning'),
    closed('assistants', 'agents', 'conversations'),
    closed('batches', 'batch'),
    closed('vector_stores', 'libraries'),
  ],
});
