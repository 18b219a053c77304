import { createOpenAiCompatible } from './adapter.js';
import { defineClosed } from '../../routes/rules.js';
import { COMPATIBILITY } from './vendor-compatibility.js';

/** Model ids are `vendor/model`. A request may name further models in `models`. */
export const openrouter = createOpenAiCompatible({
  id: 'openrouter',
  displayName: 'OpenRouter',
  baseUrl: 'https://openrouter.ai/api/v1',
  priceProviderId: 'openrouter',
  compatibility: COMPATIBILITY.openrouter,
  speaksResponses: true,
  // openrouter.ai/docs/use-cases/reasoning-tokens
  replay: { anyDetails: true, encryptedReasoning: 'any' },
  testPath: 'key',
  modelListPath: 'models',
  droppedPrefixes: ['api/v1/', 'v1/'],
  routes: [defineClosed('administration', 'keys?', 'credits', 'auth', 'activity', 'organization')],
});
