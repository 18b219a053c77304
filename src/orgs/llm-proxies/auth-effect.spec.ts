import { deriveAuthEffect, mergePolicy } from './auth-effect.js';
import { LlmProxyEntity } from './llm-proxy.entity.js';

const proxy = (over: Partial<LlmProxyEntity>): LlmProxyEntity =>
  Object.assign(
    new LlmProxyEntity(),
    { teamIds: [], identityProviderIds: [], allowDirectKeys: true, allowJwtOnRouter: false },
    over,
  );

describe('merged policies', () => {
  it('a merged policy keeps absent members and drops null and empty ones', () => {
    const present = { allowedModels: ['a'], deniedModels: ['b'], maxOutputTokens: 5 };
    expect(mergePolicy(present, undefined)).toEqual(present);
    expect(mergePolicy(present, {})).toEqual(present);
    expect(mergePolicy(present, { allowedModels: [], maxOutputTokens: null })).toEqual({ deniedModels: ['b'] });
    expect(mergePolicy(present, null)).toEqual({});
  });
});

describe('effects of a changed LLM proxy', () => {
  it.each([
    [[], ['a'], 'revoked'],
    [['a', 'b'], ['a'], 'revoked'],
    [['a'], ['b'], 'revoked'],
    [['a'], [], 'changed'],
    [['a'], ['a', 'b'], 'changed'],
    [['a', 'b'], ['b', 'a'], 'changed'],
  ])("a change of an LLM proxy's teams from %j to %j is announced as %s", (before, after, effect) => {
    expect(deriveAuthEffect(proxy({ teamIds: before }), proxy({ teamIds: after }))).toBe(effect);
  });
});
