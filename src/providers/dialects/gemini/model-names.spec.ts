import { removeModelPrefix } from './model-names.js';

it.each([
  ['models/gemini-2.5-flash', 'gemini-2.5-flash'],
  ['publishers/google/models/gemini-2.5-flash', 'gemini-2.5-flash'],
  [
    'projects/p/locations/us-east5/publishers/anthropic/models/claude-sonnet-4-5@20250929',
    'claude-sonnet-4-5@20250929',
  ],
  ['gemini-2.5-flash', 'gemini-2.5-flash'],
  ['tunedModels/ours', 'tunedModels/ours'],
  ['accounts/fireworks/models/llama-v3p1-8b-instruct', 'accounts/fireworks/models/llama-v3p1-8b-instruct'],
  ['models/', 'models/'],
  ['models/meta/llama', 'models/meta/llama'],
  ['', ''],
])('the model name %j is reduced to %j', (name, plain) => {
  expect(removeModelPrefix(name)).toBe(plain);
});
