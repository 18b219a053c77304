import { createOpenAiCompatible } from './adapter.js';
import { COMPATIBILITY } from './vendor-compatibility.js';

/** Self-hosted server; the base URL of the key or of the deployment is its address. */
export const vllm = createOpenAiCompatible({
  id: 'vllm',
  displayName: 'vLLM',
  baseUrl: null,
  priceProviderId: null,
  compatibility: COMPATIBILITY.vllm,
  speaksResponses: true,
  keyOptional: true,
  servers: 'by-model',
});
