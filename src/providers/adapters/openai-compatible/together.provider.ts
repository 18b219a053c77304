import { openAiCompatible } from './adapter.js';
import { closed } from '../../routes/rules.js';
import { COMPATIBILITY } from './vendor-compatibility.js';

/** Model ids are `vendor/model`; the list of models is a bare array. */
export const together = openAiCompatible({
  id: 'together',
  displayName: 'Together AI',
  baseUrl: 'https://api.together.xyz/v1',
  priceProviderId: 'together',
  compatibility: COMPATIBILITY.together,
  routes: [closed('fine_tuning', 'fine-tunes', 'finetune'), closed('administration', 'endpoints', 'clusters')],
});
