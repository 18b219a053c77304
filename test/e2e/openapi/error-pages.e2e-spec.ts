/** The pages of the error codes, and the problem details that refer to them. */
import { ERROR_CATALOG, ERROR_CODES } from '../../../src/platform/errors/error-catalog.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';

const LIST = '/api/docs/errors';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
}, 60_000);
afterAll(() => gateway?.close());

const get = (path: string, method = 'GET'): Promise<Response> => fetch(gateway.url + path, { method });
const linksOf = (html: string): string[] => [...html.matchAll(/<a href="([^"]+)"/g)].map((match) => match[1]!);

describe('the page of an error code', () => {
  it('exists for every code and shows code, status, title, cause and fix without Markdown', async () => {
    for (const code of ERROR_CODES) {
      const response = await get(`${LIST}/${code}`);
      const html = await response.text();
      const { status, title } = ERROR_CATALOG[code];
      expect([code, response.status, response.headers.get('content-type')]).toEqual([
        code,
        200,
        'text/html; charset=utf-8',
      ]);
      expect(html).toContain(`<h1>${title}</h1>`);
      expect(html).toContain(`<code>${code}</code>`);
      expect(html).toMatch(new RegExp(`<dd>${status} [A-Z]`));
      for (const part of ['Cause', 'Fix']) expect(html).toMatch(new RegExp(`<dt>${part}</dt><dd>.{15,}</dd>`));
      expect(html).not.toMatch(/`|\]\(|undefined/);
    }
  });

  it('has the security headers of the pages: no script, no frame, no sniffing, no referrer', async () => {
    for (const path of [LIST, `${LIST}/not_found`, `${LIST}/unheard_of`]) {
      const { headers } = await get(path);
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'self';/);
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('content-security-policy')).not.toContain('script-src');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
    }
  });

  it('loads nothing from elsewhere, and its links lead to pages of the gateway', async () => {
    const html = await (await get(`${LIST}/not_found`)).text();
    expect(html).not.toMatch(/https?:\/\/|<script/);
    const links = linksOf(html);
    expect(links).toEqual(expect.arrayContaining([LIST, '/api/docs']));
    const [, styles] = /<link rel="stylesheet" href="([^"]+)"/.exec(html)!;
    for (const path of [...links, styles!]) expect([path, (await get(path)).status]).toEqual([path, 200]);
  });

  it.each(['unheard_of', 'NOT_FOUND', 'constructor', '__proto__', 'toString', '<script>'])(
    'is 404 for %s, which it does not repeat',
    async (code) => {
      const response = await get(`${LIST}/${encodeURIComponent(code)}`);
      const html = await response.text();
      expect([response.status, response.headers.get('cache-control')]).toEqual([404, 'no-store']);
      expect(html).not.toContain(code);
      expect(linksOf(html)).toContain(LIST);
    },
  );

  it.each([
    [LIST, 200],
    [`${LIST}/not_found`, 200],
    [`${LIST}/unheard_of`, 404],
  ])('responds to HEAD %s as to GET, without a body', async (path, status) => {
    const response = await get(path, 'HEAD');
    expect([response.status, await response.text()]).toEqual([status, '']);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  });
});

describe('the list of error codes', () => {
  it('links every page once', async () => {
    const links = linksOf(await (await get(LIST)).text());
    expect(links.filter((link) => link.startsWith(`${LIST}/`))).toEqual(ERROR_CODES.map((code) => `${LIST}/${code}`));
  });
});

describe('the type of problem details', () => {
  it.each([
    ['/api/me', 401, 'credential_missing'],
    ['/api/nothing', 404, 'not_found'],
    ['/nothing?secret=1', 404, 'not_found'],
    ['/api/users/%zz', 400, 'bad_request'],
  ])('of GET %s (%i) is the address of the page of %s', async (path, status, code) => {
    const response = await get(path);
    const problem = (await response.json()) as { type: string; code: string };
    expect([response.status, problem.code]).toEqual([status, code]);
    expect(problem.type).toBe(`${gateway.url}${LIST}/${code}`);
    expect((await fetch(problem.type)).status).toBe(200);
  });
});
