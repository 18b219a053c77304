import { getModelLabel } from './model-label.js';

describe('the label of a model', () => {
  it('is its name in the price list, whatever version was asked for', () => {
    expect(getModelLabel('openai', 'gpt-4o')).toBe('gpt-4o');
    expect(getModelLabel('openai', 'gpt-4o-2024-08-06')).toBe('gpt-4o');
  });

  it('is `other` for names that the list lacks, so that clients cannot make labels', () => {
    expect(getModelLabel('openai', 'no-such-model')).toBe('other');
    expect(getModelLabel('ollama', 'llama3:8b')).toBe('other');
    expect(getModelLabel('no-such-provider', 'gpt-4o')).toBe('other');
  });

  it('is empty where no model was asked for', () => {
    expect(getModelLabel('openai', null)).toBe('');
  });
});
