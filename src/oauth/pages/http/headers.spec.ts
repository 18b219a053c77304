import { toFormTarget, buildPageHeaders } from './headers.js';

const getPolicy = (targets: string[]): string => buildPageHeaders(targets)['content-security-policy']!;

describe('form targets of redirect URIs', () => {
  it.each([
    ['https://app.example/cb?x=1#y', 'https://app.example'],
    ['https://App.Example:8443/cb', 'https://app.example:8443'],
    ['https://user:secret@app.example/cb', 'https://app.example'],
    ['http://127.0.0.1:51004/callback', 'http://127.0.0.1:51004'],
    ['http://localhost/', 'http://localhost'],
    ['https://bücher.example/', 'https://xn--bcher-kva.example'],
    ['com.example.app:/oauth', 'com.example.app:'],
    ['cursor://anysphere.cursor-mcp/oauth', 'cursor:'],
  ])('the form target of %s is %s', (redirectUri, target) => {
    expect(toFormTarget(redirectUri)).toBe(target);
  });

  it.each([
    ['http://[::1]:51004/callback', 'http:'],
    ['https://a_b.example/', 'https:'],
  ])('the form target of %s falls back to the scheme %s', (redirectUri, target) => {
    expect(toFormTarget(redirectUri)).toBe(target);
  });

  it.each(['', 'not a url', '//app.example', 'javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd'])(
    "the form target of %j is 'self'",
    (redirectUri) => {
      expect(toFormTarget(redirectUri)).toBe("'self'");
    },
  );

  it.each([
    'https://a;script-src *;.example/',
    "https://a,default-src'unsafe-inline'.example/",
    'https://*.example/',
    'https://*/',
    "app;script-src 'unsafe-inline':/cb",
    'app\r\nset-cookie: x=1:/cb',
    'https://app.example\r\nx: y/',
  ])('a form target cannot add directives to the policy: %j', (redirectUri) => {
    const policy = getPolicy([toFormTarget(redirectUri)]);
    expect(policy).toMatch(
      /^[^*\r\n,]*form-action 'self'( https?:| https?:\/\/[a-z0-9.-]+| [a-z-]+:)?; frame-ancestors/,
    );
    expect(policy.split(';')).toHaveLength(6);
  });
});

describe('page headers', () => {
  it('the Content-Security-Policy of a page allows only its style sheet and forms', () => {
    expect(getPolicy([])).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    );
  });

  it('the Content-Security-Policy of a page names each valid form target once', () => {
    const targets = ['https://a.example', 'https://a.example', 'app:', "'self'", '*', 'https://b; script-src *'];
    expect(getPolicy(targets)).toContain("form-action 'self' https://a.example app:; ");
  });

  it('page headers forbid framing, caching and content sniffing', () => {
    expect(buildPageHeaders([])).toMatchObject({
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'content-type': 'text/html; charset=utf-8',
    });
  });
});
