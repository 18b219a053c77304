import { createOpenAiCompatible } from './adapter.js';
import { defineClosed, defineModelListing } from '../../routes/rules.js';
import { COMPATIBILITY } from './vendor-compatibility.js';

export const xai = createOpenAiCompatible({
  id: 'xai',
  displayName: 'xAI',
  semanticName: 'x_ai',
  baseUrl: 'https://api.x.ai/v1',
  priceProviderId: 'x-ai',
  compatibility: COMPATIBILITY.xai,
  speaksResponses: true,
  routes: [
    defineModelListing(/^(?:language|embedding|image-generation)-models(?:\/(?<model>[^/]+))?$/),
    defineClosed('administration', 'api-key', 'management'),
  ],
});
