import { createOpenAiCompatible } from './adapter.js';
import { COMPATIBILITY } from './vendor-compatibility.js';

export const deepseek = createOpenAiCompatible({
  id: 'deepseek',
  displayName: 'DeepSeek',
  baseUrl: 'https://api.deepseek.com/v1',
  priceProviderId: 'deepseek',
  compatibility: COMPATIBILITY.deepseek,
});
