import { openAiCompatible } from './adapter.js';
import { closed, modelListing } from '../../routes/rules.js';
import { COMPATIBILITY } from './vendor-compatibility.js';

export const xai = openAiCompatible({
  id: 'xai',
  displayName: 'xAI',
  baseUrl: 'https://api.x.ai/v1',
  priceProviderId: 'x-ai',
  compatibility: COMPATIBILITY.xai,
  speaksResponses: true,
  routes: [
    modelListing(/^(?:language|embedding|image-generation)-models(?:\/(?<model>[^/]+))?$/),
    closed('administration', 'api-key', 'management'),
  ],
});
