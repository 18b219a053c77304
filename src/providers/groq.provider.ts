import { openAiCompatible } from './openai-compatible.js';

/** Its own SDK sends `openai/v1/…`, which the address holds already. */
export const groq = openAiCompatible({
  id: 'groq',
  displayName: 'Groq',
  baseUrl: 'https://api.groq.com/openai/v1',
  priceProviderId: 'groq',
  speaksResponses: true,
  droppedPrefixes: ['openai/v1/', 'v1/'],
});
