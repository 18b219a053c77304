import { openAiCompatible } from './openai-compatible.js';
import { COMPATIBILITY } from './vendor-compatibility.js';

/** A server of one's own; the key's or the deployment's base URL says where. */
export const vllm = openAiCompatible({
  id: 'vllm',
  displayName: 'vLLM',
  baseUrl: null,
  priceProviderId: null,
  compatibility: COMPATIBILITY.vllm,
  speaksResponses: true,
  keyOptional: true,
  servers: 'by-model',
});
