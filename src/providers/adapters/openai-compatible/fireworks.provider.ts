import { createOpenAiCompatible } from './adapter.js';
import { defineClosed } from '../../routes/rules.js';
import { COMPATIBILITY } from './vendor-compatibility.js';

/** Model ids are `accounts/{account}/models/{model}`. */
export const fireworks = createOpenAiCompatible({
  id: 'fireworks',
  displayName: 'Fireworks AI',
  baseUrl: 'https://api.fireworks.ai/inference/v1',
  priceProviderId: 'fireworks',
  compatibility: COMPATIBILITY.fireworks,
  speaksResponses: true,
  droppedPrefixes: ['inference/v1/', 'v1/'],
  routes: [defineClosed('administration', 'accounts')],
});
