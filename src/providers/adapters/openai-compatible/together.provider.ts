import { createOpenAiCompatible } from './adapter.js';
import { defineClosed } from '../../routes/rules.js';
import { COMPATIBILITY } from './vendor-compatibility.js';

/** Model ids are `vendor/model`; the list of models is a bare array. */
export const together = createOpenAiCompatible({
  id: 'together',
  displayName: 'Together AI',
  baseUrl: 'https://api.together.xyz/v1',
  priceProviderId: 'together',
  compatibility: COMPATIBILITY.together,
  routes: [
    defineClosed('fine_tuning', 'fine-tunes', 'finetune'),
    defineClosed('administration', 'endpoints', 'clusters'),
  ],
});
