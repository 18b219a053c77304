import { openAiCompatible } from './openai-compatible.js';

export const cerebras = openAiCompatible({
  id: 'cerebras',
  displayName: 'Cerebras',
  baseUrl: 'https://api.cerebras.ai/v1',
  priceProviderId: 'cerebras',
});
