import { getModelLabel } from './model-label.js';

describe('model labels', () => {
  it("the model label is the model's name in the price list for every version", () => {
    expect(getModelLabel('openai', 'gpt-4o')).toBe('gpt-4o');
    expect(getModelLabel('openai', 'gpt-4o-2024-08-06')).toBe('gpt-4o');
  });

  it('the model label of an unlisted model is other, so that clients cannot create labels', () => {
    expect(getModelLabel('openai', 'no-such-model')).toBe('other');
    expect(getModelLabel('ollama', 'llama3:8b')).toBe('other');
    expect(getModelLabel('no-such-provider', 'gpt-4o')).toBe('other');
  });

  it('the model label is empty without a requested model', () => {
    expect(getModelLabel('openai', null)).toBe('');
  });
});
