import { openAiCompatible } from './openai-compatible.js';
import { COMPATIBILITY } from './vendor-compatibility.js';

/** On one's own machine, without a key; its cloud takes one. The address is reachable only where the operator allows that host. */
export const ollama = openAiCompatible({
  id: 'ollama',
  displayName: 'Ollama',
  baseUrl: 'http://localhost:11434/v1',
  priceProviderId: null,
  compatibility: COMPATIBILITY.ollama,
  speaksResponses: true,
  keyOptional: true,
  servers: 'by-model',
});
