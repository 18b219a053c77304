import { createOpenAiCompatible } from './adapter.js';
import { COMPATIBILITY } from './vendor-compatibility.js';

/** Groq's own SDK sends `openai/v1/…`, which the address already contains. */
export const groq = createOpenAiCompatible({
  id: 'groq',
  displayName: 'Groq',
  baseUrl: 'https://api.groq.com/openai/v1',
  priceProviderId: 'groq',
  compatibility: COMPATIBILITY.groq,
  speaksResponses: true,
  droppedPrefixes: ['openai/v1/', 'v1/'],
});
