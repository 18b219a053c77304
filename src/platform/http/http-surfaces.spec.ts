import { findHttpSurface, HTTP_SURFACES } from './http-surfaces.js';

describe('HTTP surfaces', () => {
  it.each([
    ['/v1', 'llm'],
    ['/v1?x=1', 'llm'],
    ['/v1/openai/chat/completions?x=/api', 'llm'],
    ['/v1x/openai', 'none'],
    ['/V1/openai', 'none'],
    ['/livez', 'probes'],
    ['/livez?x=1', 'none'],
    ['/livez/x', 'none'],
    ['/metrics', 'probes'],
    ['/scim/v2/Users', 'scim'],
    ['/scimitar', 'none'],
    ['/auth/sign-in/x', 'pages'],
    ['/oauth/consent/x', 'pages'],
    ['/account?done=1', 'pages'],
    ['/accounts', 'none'],
    ['/api/auth/oauth2/token', 'authorization-server'],
    ['/api/authors', 'admin-api'],
    ['/device?user_code=x', 'authorization-server'],
    ['/.well-known/openid-configuration', 'authorization-server'],
    ['/api', 'admin-api'],
    ['/api/docs/openapi.json', 'admin-api'],
    ['/', 'none'],
    ['*', 'none'],
    ['', 'none'],
  ])('the target %s belongs to the surface %s', (target, name) => {
    expect(findHttpSurface(target).name).toBe(name);
  });

  it('each prefix leads to its own surface: none is hidden by a shorter prefix before it, and none occurs twice', () => {
    const prefixes = HTTP_SURFACES.flatMap((surface) => surface.prefixes.map((prefix) => [prefix, surface.name]));
    expect(prefixes.map(([prefix]) => [prefix, findHttpSurface(prefix!).name])).toEqual(prefixes);
    expect(new Set(prefixes.map(([prefix]) => prefix)).size).toBe(prefixes.length);
  });
});
