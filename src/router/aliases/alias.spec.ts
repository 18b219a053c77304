import fc from 'fast-check';
import { orderAttempts, mayContinueWith, type AliasTarget } from './alias.js';
import { parseQualifiedModel } from './qualified-model.js';

const target = (model: string, priority = 0, weight = 1): AliasTarget => ({
  provider: 'groq',
  model,
  weight,
  priority,
  providerApiKeyId: null,
});
const models = (targets: readonly AliasTarget[]): string[] => targets.map(({ model }) => model);

describe('the order of attempts', () => {
  it('targets are tried by priority, not by their position in the list', () => {
    expect(models(orderAttempts([target('c', 7), target('a', 0), target('b', 3)]))).toEqual(['a', 'b', 'c']);
  });

  it('targets of one priority are drawn by weight', () => {
    const step = [target('a', 0, 1), target('b', 0, 3)];
    expect([0, 0.24, 0.25, 0.99].map((lot) => orderAttempts(step, () => lot)[0]!.model)).toEqual(['a', 'a', 'b', 'b']);
  });

  it('the other targets of a priority follow before the next priority', () => {
    const targets = [target('later', 1), target('a'), target('b'), target('c')];
    expect(models(orderAttempts(targets, () => 0.5))).toEqual(['b', 'c', 'a', 'later']);
  });

  it('any order contains every target once and keeps priorities ascending', () => {
    const anyTarget = fc.record({
      provider: fc.constant('groq'),
      model: fc.string(),
      weight: fc.integer({ min: 1, max: 1000 }),
      priority: fc.nat(5),
      providerApiKeyId: fc.constant(null),
    });
    const lot = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.array(anyTarget, { maxLength: 20 }), lot, (targets, drawn) => {
        const order = orderAttempts(targets, () => drawn);
        expect(new Set(order)).toEqual(new Set(targets));
        expect(order).toHaveLength(targets.length);
        expect(order.map(({ priority }) => priority)).toEqual(targets.map(({ priority }) => priority).sort());
      }),
    );
  });
});

describe('crossKeyOwners', () => {
  it.each([
    [[], 'org', true],
    [['org'], 'personal', true],
    [['org', 'team'], 'org', true],
    [['personal'], 'personal', true],
    [['personal'], 'org', false],
    [['personal'], 'team', false],
    [['org', 'personal'], 'org', false],
  ] as const)('after %j a key of scope %s may be used: %s', (tried, next, allowed) => {
    expect(mayContinueWith({ crossKeyOwners: false }, tried, next)).toBe(allowed);
    expect(mayContinueWith({ crossKeyOwners: true }, tried, next)).toBe(true);
  });
});

describe('qualified models', () => {
  it.each([
    ['openai:gpt-5.4', 'openai', 'gpt-5.4'],
    ['openai/gpt-5.4', 'openai', 'gpt-5.4'],
    ['openrouter:meta-llama/llama-4:free', 'openrouter', 'meta-llama/llama-4:free'],
    ['ollama:llama3:8b', 'ollama', 'llama3:8b'],
  ])('the model %s belongs to the provider %s', (name, provider, model) => {
    expect(parseQualifiedModel(name)).toMatchObject({ provider: { id: provider }, model });
  });

  it.each(['gpt-5.4', 'llama3:8b', 'meta-llama/llama-4', 'OpenAI:gpt-5.4', 'openai', 'openai:', ':gpt-5.4', ''])(
    'the name "%s" is not a qualified model',
    (name) => expect(parseQualifiedModel(name)).toBeNull(),
  );
});
