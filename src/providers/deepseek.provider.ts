import { openAiCompatible } from './openai-compatible.js';

export const deepseek = openAiCompatible({
  id: 'deepseek',
  displayName: 'DeepSeek',
  baseUrl: 'https://api.deepseek.com/v1',
  priceProviderId: 'deepseek',
  chatHabits: { reasoningBack: 'content' },
});
