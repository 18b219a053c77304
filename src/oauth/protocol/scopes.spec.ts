import {
  buildAdminResource,
  isLlmBase,
  buildLlmResource,
  inferResource,
  findResource,
  findForeignScopes,
} from './scopes.js';

const ISSUER = 'https://gateway.example';
const LLM = buildLlmResource(ISSUER);
const ADMIN = buildAdminResource(ISSUER);
const PROXY = '0192f0c1-2345-7abc-8def-0123456789ab';

describe('resource inference', () => {
  it.each([
    [undefined, LLM],
    ['', LLM],
    ['llm:proxy', LLM],
    ['openid offline_access', LLM],
    ['admin:read', ADMIN],
    ['admin:read admin:write openid', ADMIN],
    ['llm:proxy admin:read', LLM],
    ['something', LLM],
  ])('the resource of a request without one is inferred from scope %p', (scope, expected) => {
    expect(inferResource(ISSUER, scope)).toEqual(expected);
  });
});

describe('resource indicators (RFC 8707 §2)', () => {
  it.each([
    [`${ISSUER}/v1`, LLM],
    [`${ISSUER}/v1/`, LLM],
    [ISSUER, LLM],
    [`${ISSUER}/`, LLM],
    [`${ISSUER}/v1/openai`, LLM],
    [`${ISSUER}/v1/anthropic/${PROXY}`, LLM],
    [`${ISSUER}/v1/model-router/${PROXY}`, LLM],
    [`${ISSUER}/api`, ADMIN],
    [`${ISSUER}/api/`, ADMIN],
  ])('the resource indicator %s is known', (indicator, expected) => {
    expect(findResource(ISSUER, indicator)).toEqual(expected);
  });

  it.each([
    'https://elsewhere.example/v1',
    'https://gateway.example.evil.example/v1',
    'https://gateway.example:8443/v1',
    'http://gateway.example/v1',
    'HTTPS://GATEWAY.EXAMPLE/v1',
    `${ISSUER}/v1//`,
    `${ISSUER}/v10`,
    `${ISSUER}/v1/nobody`,
    `${ISSUER}/v1/openai/not-an-id`,
    `${ISSUER}/v1/openai/${PROXY}/chat/completions`,
    `${ISSUER}/api/users`,
    `${ISSUER}/v1?x=1`,
    'urn:example:v1',
  ])('the resource indicator %s is foreign', (indicator) => {
    expect(findResource(ISSUER, indicator)).toBeNull();
  });
});

describe('scopes', () => {
  it('scopes of another resource and unknown scopes are foreign', () => {
    expect(findForeignScopes(LLM, 'llm:proxy openid profile email offline_access')).toEqual([]);
    expect(findForeignScopes(LLM, 'llm:proxy admin:read root')).toEqual(['admin:read', 'root']);
    expect(findForeignScopes(ADMIN, 'admin:read llm:proxy')).toEqual(['llm:proxy']);
    expect(findForeignScopes(LLM, undefined)).toEqual([]);
    expect(findForeignScopes(LLM, 'openid llm:proxy', true)).toEqual(['openid']);
  });

  it('isLlmBase accepts only the exact form of an LLM base URL', () => {
    expect(isLlmBase(ISSUER, `${ISSUER}/v1/groq`)).toBe(true);
    expect(isLlmBase(ISSUER, `${ISSUER}/v1/groq/`)).toBe(false);
  });
});
