import fc from 'fast-check';
import { normalizeTarget } from './request-target.js';

describe('normalizeTarget', () => {
  it.each([
    ['/api/docs', '/api/docs'],
    ['/api/docs?x=%2e%2e', '/api/docs?x=%2e%2e'],
    ['/api/%64ocs', '/api/docs'],
    ['/%61pi/docs/', '/api/docs/'],
    ['/%76%31/openai/chat%2Fx', '/v1/openai/chat%2Fx'],
    ['/v1/openai/../%2e%2e//x', '/v1/openai/../%2e%2e//x'],
    ['http://other.example/api/docs?x=1', '/api/docs?x=1'],
    ['HTTPS://other.example', '/'],
    ['http://other.example/%76%31/openai', '/v1/openai'],
    ['/%56%31/openai', '/V1/openai'],
    ['/api/docs%', '/api/docs%'],
    ['/api/docs%zz', '/api/docs%zz'],
    ['*', '*'],
    ['/a%c3%a9', '/a%C3%A9'],
    ['/api/users/a%20b', '/api/users/a%20b'],
  ])('the target %s is normalized to %s', (target, normal) => expect(normalizeTarget(target)).toBe(normal));

  it.each([
    '/api/docs/..',
    '/api/docs/../docs',
    '/api/./docs',
    '/api/%2e%2e/x',
    '/api/docs/.%2E',
    '//api/docs',
    '/api//docs',
    '/api%2Fdocs',
    '/api\\docs',
    '/api/docs%5c',
    '/api/docs;x',
    '/api/docs%00',
    '/api/docs%0a',
    '/api/docs%7f',
    '/api/%2564ocs',
    '/api/docs#x',
    'api/docs',
    'http://other.example//api/docs',
  ])('the target %s is refused', (target) => expect(normalizeTarget(target)).toBeNull());

  it('normalization is idempotent and gives each path one spelling', () => {
    const piece = fc.constantFrom(
      '/',
      'api',
      'docs',
      '%64',
      '%2F',
      '%2e',
      '.',
      '..',
      '%00',
      'v1',
      '%76',
      ';',
      '\\',
      '?',
      'x',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const normal = normalizeTarget(`/${pieces.join('')}`);
        if (normal === null) return;
        expect(normalizeTarget(normal)).toBe(normal);
        const path = normal.split('?', 1)[0]!;
        if (path.startsWith('/v1/') || path === '/v1') return;
        // No unreserved character is left escaped: an equal path is an equal text.
        expect(path).not.toMatch(/%(?:2d|2e|3\d|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9ae])/i);
        expect(new URL(path, 'http://unused').pathname).toBe(path);
      }),
    );
  });
});
