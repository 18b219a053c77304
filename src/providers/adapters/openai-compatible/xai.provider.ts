import { openAiCompatible } from './openai-compatible.js';
import { closed, modelListing } from '../../routes/route-rules.js';
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
