import { deriveAuthEffect, mergePolicy } from './change.js';
import { LlmProxyEntity } from './llm-proxy.entity.js';

const proxy = (over: Partial<LlmProxyEntity>): LlmProxyEntity =>
  Object.assign(
    new LlmProxyEntity(),
    { teamIds: [], identityProviderIds: [], allowDirectKeys: true, allowJwtOnRouter: false },
    over,
  );

describe('the policy after a merge patch', () => {
  it('keeps what is absent and drops what is null or empty', () => {
    const present = { allowedModels: ['a'], deniedModels: ['b'], maxOutputTokens: 5 };
    expect(mergePolicy(present, undefined)).toEqual(present);
    expect(mergePolicy(present, {})).toEqual(present);
    expect(mergePolicy(present, { allowedModels: [], maxOutputTokens: null })).toEqual({ deniedModels: ['b'] });
    expect(mergePolicy(present, null)).toEqual({});
  });
});

describe('a change cuts streams exactly if somebody loses access', () => {
  it.each([
    [[], ['a'], 'revoked'],
    [['a', 'b'], ['a'], 'revoked'],
    [['a'], ['b'], 'revoked'],
    [['a'], [], 'changed'],
    [['a'], ['a', 'b'], 'changed'],
    [['a', 'b'], ['b', 'a'], 'changed'],
  ])('teams %j to %j: %s', (before, after, effect) => {
    expect(deriveAuthEffect(proxy({ teamIds: before }), proxy({ teamIds: after }))).toBe(effect);
  });
});
