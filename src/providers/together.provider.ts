import { openAiCompatible } from './openai-compatible.js';
import { closed } from './route-rules.js';

/** Model ids are `vendor/model`; the list of models is a bare array. */
export const together = openAiCompatible({
  id: 'together',
  displayName: 'Together AI',
  baseUrl: 'https://api.together.xyz/v1',
  priceProviderId: 'together',
  chatHabits: { topK: true },
  routes: [closed('fine_tuning', 'fine-tunes', 'finetune'), closed('administration', 'endpoints', 'clusters')],
});
