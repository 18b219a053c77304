/** Bodies that no well-meaning client sends. Each is refused as the caller's error, before anything is stored. */
import type { AdminResponse } from '../../support/http/admin-client.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';

describe('unusual JSON on the admin API', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.close());

  /** Sends `text` unchanged: JSON that JSON.stringify would not produce. */
  async function send(method: string, path: string, text: string): Promise<Pick<AdminResponse, 'status' | 'body'>> {
    const response = await fetch(gateway.url + path, {
      method,
      headers: { authorization: `Bearer ${gateway.adminKey}`, 'content-type': 'application/json' },
      body: text,
    });
    return { status: response.status, body: await response.json() };
  }

  const key = (more: string): string => `{"name":"a","provider":"openai","apiKey":"sk-0123456789abcdef",${more}}`;
  const KEYS = '/api/llm-provider-api-keys';
  const PROXIES = '/api/llm-proxies';

  it.each([
    ['a lone surrogate in a header', 'POST', KEYS, key('"extraHeaders":{"x-a":"\\ud800"}'), '/extraHeaders/x-a'],
    ['a lone surrogate in a header name', 'POST', KEYS, key('"extraHeaders":{"x-\\udc00":"a"}'), '/extraHeaders'],
    [
      'a lone surrogate in a policy',
      'POST',
      PROXIES,
      '{"name":"a","policy":{"deniedModels":["\\ud83d"]}}',
      '/policy/deniedModels/0',
    ],
    ['a NUL in a name', 'PATCH', '/api/organization', '{"name":"a\\u0000b"}', '/name'],
    ['a member that every object inherits', 'PATCH', '/api/organization', '{"constructor":1}', '/constructor'],
    [
      'a nested member that every object inherits',
      'POST',
      PROXIES,
      '{"name":"a","policy":{"toString":1}}',
      '/policy/toString',
    ],
    ['an unknown member', 'PATCH', '/api/organization', '{"colour":"red"}', '/colour'],
  ])('the admin API refuses %s with 400 and its pointer', async (_, method, path, text, pointer) => {
    const { status, body } = await send(method, path, text);
    expect([status, body.code, body.errors?.map((field: { pointer: string }) => field.pointer)]).toEqual([
      400,
      'validation_failed',
      [pointer],
    ]);
  });

  it.each([
    ['null', 'null'],
    ['a list', '[{"name":"a"}]'],
    ['a string', '"name"'],
    ['an empty body', ''],
    ['truncated JSON', '{"name":'],
    ['the member __proto__', '{"__proto__":{"role":"owner"}}'],
    ['the members constructor and prototype', '{"constructor":{"prototype":{"role":"owner"}}}'],
    ['100,000 nested arrays', `{"name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ])('the admin API refuses %s as a body with 400', async (_, text) => {
    const { status, body } = await send('PATCH', '/api/organization', text);
    expect([status, body.status]).toEqual([400, 400]);
    expect(JSON.stringify(body).length).toBeLessThan(2_000);
  });

  it.each(['/api/users/%zz?key=abc', `/api/users/${'a'.repeat(2_000)}`, '/api/nothing?key=abc'])(
    'the error response does not repeat the URL %s',
    async (path) => {
      const answer = await fetch(gateway.url + path, { headers: { authorization: `Bearer ${gateway.adminKey}` } });
      const body = (await answer.json()) as { code: string; detail: string };
      expect([answer.status, body.code]).toEqual(path.includes('%zz') ? [400, 'bad_request'] : [404, 'not_found']);
      expect(body.detail).not.toMatch(/users|api\/nothing|abc|aaa/);
    },
  );

  it('the admin API keeps characters beyond the basic multilingual plane', async () => {
    const { status, body } = await send('PATCH', '/api/organization', '{"name":"\\ud83d\\ude00 and 😀"}');
    expect([status, body.name]).toEqual([200, '😀 and 😀']);
  });
});
