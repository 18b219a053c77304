import { openAiCompatible } from './openai-compatible.js';

/** On one's own machine, without a key; its cloud takes one. The address is reachable only where the operator allows that host. */
export const ollama = openAiCompatible({
  id: 'ollama',
  displayName: 'Ollama',
  baseUrl: 'http://localhost:11434/v1',
  priceProviderId: null,
  chatHabits: { topK: true, anyEffort: true },
  speaksResponses: true,
  keyOptional: true,
  servers: 'by-model',
});
