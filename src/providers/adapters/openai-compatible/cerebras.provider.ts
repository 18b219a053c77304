import { createOpenAiCompatible } from './adapter.js';
import { COMPATIBILITY } from './vendor-compatibility.js';

export const cerebras = createOpenAiCompatible({
  id: 'cerebras',
  displayName: 'Cerebras',
  baseUrl: 'https://api.cerebras.ai/v1',
  priceProviderId: 'cerebras',
  compatibility: COMPATIBILITY.cerebras,
});
