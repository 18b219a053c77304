import { openAiCompatible } from './openai-compatible.js';

export const openai = openAiCompatible({
  id: 'openai',
  displayName: 'OpenAI',
  baseUrl: 'https://api.openai.com/v1',
  priceProviderId: 'openai',
  chatHabits: { newCeiling: true, developerRole: true },
  speaksResponses: true,
});
