import { createOpenAiCompatible } from './adapter.js';
import { COMPATIBILITY } from './vendor-compatibility.js';

export const openai = createOpenAiCompatible({
  id: 'openai',
  displayName: 'OpenAI',
  baseUrl: 'https://api.openai.com/v1',
  priceProviderId: 'openai',
  compatibility: COMPATIBILITY.openai,
  speaksResponses: true,
  replay: { encryptedReasoning: 'openai' },
});
