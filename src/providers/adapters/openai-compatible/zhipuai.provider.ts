import { createOpenAiCompatible } from './adapter.js';
import { COMPATIBILITY } from './vendor-compatibility.js';

/** The version in Zhipu's address is 4, not 1. */
export const zhipuai = createOpenAiCompatible({
  id: 'zhipuai',
  displayName: 'Zhipu AI',
  baseUrl: 'https://api.z.ai/api/paas/v4',
  priceProviderId: 'zhipuai',
  compatibility: COMPATIBILITY.zhipuai,
  droppedPrefixes: ['api/paas/v4/', 'v4/', 'v1/'],
});
