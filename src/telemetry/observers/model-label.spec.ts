import { modelLabel } from './model-label.js';

describe('the label of a model', () => {
  it('is its name in the price list, whatever version was asked for', () => {
    expect(modelLabel('openai', 'gpt-4o')).toBe('gpt-4o');
    expect(modelLabel('openai', 'gpt-4o-2024-08-06')).toBe('gpt-4o');
  });

  it('is `other` for names that the list lacks, so that clients cannot make labels', () => {
    expect(modelLabel('openai', 'no-such-model')).toBe('other');
    expect(modelLabel('ollama', 'llama3:8b')).toBe('other');
    expect(modelLabel('no-such-provider', 'gpt-4o')).toBe('other');
  });

  it('is empty where no model was asked for', () => {
    expect(modelLabel('openai', null)).toBe('');
  });
});
