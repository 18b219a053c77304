import { matchesModel } from './model-patterns.js';

it.each([
  'llama3',
  'llama3:latest',
  'LLAMA3:Latest',
  'library/llama3',
  'registry.ollama.ai/library/llama3:latest',
  'https://registry.ollama.ai/library/llama3',
])('the patterns of an Ollama model match its name %s', (model) => {
  for (const pattern of ['llama3', 'llama3:latest', 'ollama:llama3', 'ollama:llama3:latest'])
    expect(matchesModel([pattern], 'ollama', model)).toBe(true);
});

it.each(['llama3:8b', 'mine/llama3', 'xllama3', 'llama3.1', ''])(
  'the patterns of an Ollama model do not match %j',
  (model) => {
    expect(matchesModel(['llama3', 'llama3:latest'], 'ollama', model)).toBe(false);
  },
);

it('a pattern matches the full name that the client sent', () => {
  expect(matchesModel(['registry.ollama.ai/*'], 'ollama', 'registry.ollama.ai/library/llama3')).toBe(true);
});

it('a model of other providers has only one name, in any case', () => {
  expect(matchesModel(['llama3'], 'vllm', 'llama3:latest')).toBe(false);
  expect(matchesModel(['gpt-*'], 'openai', 'GPT-5.4')).toBe(true);
});
