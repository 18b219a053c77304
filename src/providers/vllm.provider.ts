import { openAiCompatible } from './openai-compatible.js';

/** A server of one's own; the key's or the deployment's base URL says where. */
export const vllm = openAiCompatible({
  id: 'vllm',
  displayName: 'vLLM',
  baseUrl: null,
  priceProviderId: null,
  chatHabits: { topK: true, anyEffort: true },
  speaksResponses: true,
  keyOptional: true,
  servers: 'by-model',
});
