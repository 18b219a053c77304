import {
  isLoopbackUri,
  isRegisteredUri,
  mayRedirectTo,
  findRedirectUriProblem,
  type ApplicationType,
} from './redirect-uri.js';

describe('redirect URIs of any application', () => {
  it.each([
    'https://app.example.com/callback',
    'https://app.example.com',
    'HTTPS://App.Example.com/callback',
    'https://app.example.com:8443/cb?tenant=1&x=a%20b',
    'https://app.example.com/cb,with:odd;but=legal(chars)',
    'http://localhost:3000/callback',
    'http://localhost',
    'http://127.0.0.1:51004/',
    'http://[::1]:8080/cb',
  ])('%s is a valid redirect URI', (uri) => {
    expect(findRedirectUriProblem(uri, 'web')).toBeNull();
    expect(findRedirectUriProblem(uri, 'native')).toBeNull();
  });

  it.each<[string, string]>([
    ['an empty text', ''],
    ['a relative path', '/callback'],
    ['a missing scheme', 'app.example.com/cb'],
    ['a relative scheme', '//app.example.com/cb'],
    ['a scheme alone', 'https:'],
    ['a single slash', 'https:/app.example.com/cb'],
    ['no slashes', 'https:app.example.com/cb'],
    ['three slashes', 'https:///app.example.com/cb'],
    ['no host', 'https://'],
    ['an invalid port', 'https://app.example.com:99999/'],
    ['http on another host', 'http://app.example.com/cb'],
    ['http on a host that looks local', 'http://localhost.example.com/cb'],
    ['http on a local host in another spelling', 'http://127.1/cb'],
    ['http on another local address', 'http://127.0.0.2/cb'],
    ['http on a number', 'http://2130706433/cb'],
    ['http on the long form of ::1', 'http://[0:0:0:0:0:0:0:1]/cb'],
    ['http on a private network', 'http://192.168.0.1/cb'],
    ['a fragment', 'https://app.example.com/cb#x'],
    ['an empty fragment', 'https://app.example.com/cb#'],
    ['a user', 'https://me@app.example.com/cb'],
    ['a user and password', 'https://me:pw@app.example.com/cb'],
    ['an empty user', 'https://@app.example.com/cb'],
    ['a host that hides as a user', 'https://app.example.com@evil.example/cb'],
    ['a wildcard host', 'https://*.example.com/cb'],
    ['a wildcard path', 'https://app.example.com/*'],
    ['a backslash', 'https://app.example.com\\@evil.example/'],
    ['an escaped host', 'https://app%2eexample.com/'],
    ['white space', 'https://app.example.com/c b'],
    ['leading white space', ' https://app.example.com/'],
    ['a line feed', 'https://app.example.com/\n'],
    ['a tab', 'https://app.exa\tmple.com/'],
    ['a NUL character', 'https://app.example.com/\0'],
    ['a letter outside ASCII', 'https://äpp.example.com/'],
    ['a dot segment', 'https://app.example.com/a/../b'],
    ['an escaped dot segment', 'https://app.example.com/a/%2E%2e/b'],
    ['a final dot segment', 'https://app.example.com/.'],
    ['more than 2,000 characters', `https://app.example.com/${'x'.repeat(2000)}`],
    ['the scheme javascript', 'javascript:alert(1)'],
    ['the scheme JavaScript', 'JavaScript://x.example/%0aalert(1)'],
    ['the scheme data', 'data:text/html,x'],
    ['the scheme file', 'file:///etc/passwd'],
    ['the scheme vbscript', 'vbscript:x'],
    ['the scheme about', 'about:blank'],
    ['the scheme blob', 'blob:https://app.example.com/1'],
  ])('a redirect URI is rejected for %s', (_, uri) => {
    expect(findRedirectUriProblem(uri, 'web')).toEqual(expect.any(String));
    expect(findRedirectUriProblem(uri, 'native')).toEqual(expect.any(String));
  });
});

describe('private-use URI schemes (RFC 8252 §7.1)', () => {
  it.each(['com.example.app:/oauth2redirect', 'com.example.app://callback', 'cursor://anysphere.cursor-mcp/oauth/cb'])(
    '%s is a redirect URI for native applications only',
    (uri) => {
      expect(findRedirectUriProblem(uri, 'native')).toBeNull();
      expect(findRedirectUriProblem(uri, 'web')).toMatch('native');
    },
  );

  it.each(['myapp://callback', 'com.example.app:', 'mailto:x@example.com', 'ftp://example.com/x'])(
    'the redirect URI %s is rejected for native applications too',
    (uri) => {
      expect(findRedirectUriProblem(uri, 'native')).toEqual(expect.any(String));
    },
  );
});

it('a loopback redirect URI of a native application requires http', () => {
  expect(findRedirectUriProblem('https://localhost:3000/cb', 'web')).toBeNull();
  expect(findRedirectUriProblem('https://localhost:3000/cb', 'native')).toMatch('http');
});

describe('the redirect_uri of a request (RFC 8252 §7.3)', () => {
  const at = 'http://127.0.0.1/cb?a=1';

  it.each([
    [at, at],
    ['https://app.example.com/cb', 'https://app.example.com/cb'],
    ['com.example.app:/cb', 'com.example.app:/cb'],
    ['http://127.0.0.1:49152/cb?a=1', at],
    ['http://127.0.0.1:1/cb?a=1', 'http://127.0.0.1:65535/cb?a=1'],
    [at, 'http://127.0.0.1:8080/cb?a=1'],
    ['http://localhost:3000/', 'http://localhost/'],
    ['http://localhost:3000', 'http://localhost'],
    ['http://[::1]:51004/cb', 'http://[::1]/cb'],
  ])('the redirect_uri %s matches the registered %s', (uri, registered) => {
    expect(isRegisteredUri(uri, ['https://other.example.com/', registered])).toBe(true);
  });

  it.each([
    ['another path', 'http://127.0.0.1:49152/other'],
    ['another query', 'http://127.0.0.1:49152/cb?a=2'],
    ['no query', 'http://127.0.0.1:49152/cb'],
    ['another loopback name', 'http://localhost:49152/cb?a=1'],
    ['another loopback address', 'http://127.0.0.2:49152/cb?a=1'],
    ['https', 'https://127.0.0.1:49152/cb?a=1'],
    ['a scheme in capitals', 'HTTP://127.0.0.1:49152/cb?a=1'],
    ['a user', 'http://x@127.0.0.1:49152/cb?a=1'],
    ['another host after a user', 'http://127.0.0.1:80@evil.example/cb?a=1'],
    ['a longer host', 'http://127.0.0.1.evil.example:80/cb?a=1'],
    ['a backslash', 'http://127.0.0.1:80\\@evil.example/cb?a=1'],
    ['a fragment', 'http://127.0.0.1:80/cb?a=1#x'],
    ['an empty port', 'http://127.0.0.1:/cb?a=1'],
    ['port 0', 'http://127.0.0.1:0/cb?a=1'],
    ['a port with a leading zero', 'http://127.0.0.1:08080/cb?a=1'],
    ['an out-of-range port', 'http://127.0.0.1:65536/cb?a=1'],
    ['a port name', 'http://127.0.0.1:http/cb?a=1'],
    ['a line feed', 'http://127.0.0.1:80/cb?a=1\n'],
  ])('a redirect_uri with %s does not match the registered one', (_, uri) => {
    expect(isRegisteredUri(uri, [at])).toBe(false);
  });

  it('the port of a redirect_uri off the loopback interface must match', () => {
    expect(isRegisteredUri('https://app.example.com:8443/cb', ['https://app.example.com/cb'])).toBe(false);
  });
});

it.each<[string, boolean]>([
  ['http://localhost/cb', true],
  ['http://127.0.0.1:8080/cb', true],
  ['http://[::1]/', true],
  ['https://localhost:8443/cb', true],
  ['https://localhost.example.com/cb', false],
  ['https://app.example.com/?x=http://127.0.0.1/', false],
  ['com.example.app://localhost/cb', false],
  ['no address', false],
])('isLoopbackUri classifies %s as %s', (uri, expected) => {
  expect(isLoopbackUri(uri)).toBe(expected);
});

describe('registered addresses that break a later rule', () => {
  it.each<[string, ApplicationType]>([
    ['javascript:alert(1)', 'web'],
    ['http://app.example.com/out', 'web'],
    ['https://app.example.com/out#fragment', 'web'],
    ['com.example.app:/out', 'web'],
  ])('the redirect URI %s is never redirected to, even if it is registered', (uri, type) => {
    expect(mayRedirectTo(uri, [uri], type)).toBe(false);
  });

  it('a registered address that keeps the rules is redirected to', () => {
    expect(mayRedirectTo('https://app.example.com/out', ['https://app.example.com/out'], 'web')).toBe(true);
    expect(mayRedirectTo('http://127.0.0.1:49152/out', ['http://127.0.0.1/out'], 'web')).toBe(true);
    expect(mayRedirectTo('https://app.example.com/other', ['https://app.example.com/out'], 'web')).toBe(false);
  });
});
