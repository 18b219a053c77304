import { matchesModel } from './model-patterns.js';

it.each([
  'llama3',
  'llama3:latest',
  'LLAMA3:Latest',
  'library/llama3',
  'registry.ollama.ai/library/llama3:latest',
  'https://registry.ollama.ai/library/llama3',
])('matches Ollama’s %s by each name of the same model', (model) => {
  for (const pattern of ['llama3', 'llama3:latest', 'ollama:llama3', 'ollama:llama3:latest'])
    expect(matchesModel([pattern], 'ollama', model)).toBe(true);
});

it.each(['llama3:8b', 'mine/llama3', 'xllama3', 'llama3.1', ''])('takes Ollama’s %j for another model', (model) => {
  expect(matchesModel(['llama3', 'llama3:latest'], 'ollama', model)).toBe(false);
});

it('matches the name that the client wrote', () => {
  expect(matchesModel(['registry.ollama.ai/*'], 'ollama', 'registry.ollama.ai/library/llama3')).toBe(true);
});

it('knows one name of a model of other providers', () => {
  expect(matchesModel(['llama3'], 'vllm', 'llama3:latest')).toBe(false);
  expect(matchesModel(['gpt-*'], 'openai', 'GPT-5.4')).toBe(true);
});
