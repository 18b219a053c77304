import { AllowedHosts } from '../addresses/allowed-hosts.js';
import { OriginPolicy } from './origin-policy.js';

const policy = (url: string, ...listed: string[]) => new OriginPolicy(new URL(url), new AllowedHosts(listed));

describe('a URL before name resolution', () => {
  it.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[0:0:0:0:0:ffff:7f00:1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://169.254.169.254/latest/meta-data',
    'https://１２７.0.0.1/',
    'http://10.0.0.1:8080/',
  ])('the private address in %s is refused', (url) =>
    expect(policy(url).findRefusal()?.reason).toBe('address_not_allowed'),
  );

  it.each(['http://api.example.com/', 'http://8.8.8.8/', 'https://api.example.com:8443/', 'https://8.8.8.8:8443/'])(
    'the URL %s is refused because its host is not listed for http or other ports',
    (url) =>
      expect(policy(url, 'other.example').findRefusal()?.detail).toMatch(
        /allowed only for hosts in UPSTREAM_ALLOWED_HOSTS/,
      ),
  );

  it.each([
    'ftp://api.example.com/',
    'file:///etc/passwd',
    'javascript:1',
    'https://user@api.example.com/',
    'https://:p@api.example.com/',
  ])('the URL %s is refused with url_not_allowed', (url) =>
    expect(policy(url).findRefusal()?.reason).toBe('url_not_allowed'),
  );

  it.each([
    ['https://api.example.com/v1', []],
    ['https://api.example.com:443/v1', []],
    ['https://8.8.8.8/', []],
    ['http://ollama.internal:11434/', ['OLLAMA.internal']],
    ['http://ollama.internal.:11434/', ['ollama.internal']],
    ['http://ollama.internal:11434/', ['ollama.internal:11434']],
    ['http://10.1.2.3:8080/', ['10.1.0.0/16']],
    ['http://10.1.2.3:8080/', ['10.1.2.3']],
    ['http://[::1]:8000/', ['[::1]:8000']],
    ['http://[fd12::1]/', ['fd12::/64']],
    ['http://2130706433/', ['127.0.0.0/8']],
    ['http://[::ffff:10.1.2.3]/', ['10.1.2.3']],
    ['http://169.254.169.254/', ['169.254.169.254']],
  ])('the URL %s is allowed with %j listed', (url, listed) => expect(policy(url, ...listed).findRefusal()).toBeNull());

  it.each([
    ['http://ollama.internal:11434/', ['ollama.internal:8080']],
    ['http://sub.ollama.internal/', ['ollama.internal']],
    ['http://10.2.0.1/', ['10.1.0.0/16']],
    ['http://10.1.2.3:9090/', ['10.1.2.3:8080']],
    ['https://169.254.169.254/', ['169.254.0.0/16']],
    ['https://[64:ff9b::10.0.0.1]/', ['64:ff9b::/96']],
  ])('the URL %s is refused with %j listed', (url, listed) =>
    expect(policy(url, ...listed).findRefusal()).not.toBeNull(),
  );
});

describe('resolved addresses', () => {
  it('all resolved addresses of an unlisted name must be public', () => {
    expect(policy('https://api.example.com').isAllowed(['8.8.8.8', '2606:4700::1'])).toBe(true);
    expect(policy('https://api.example.com').isAllowed(['8.8.8.8', '10.0.0.1'])).toBe(false);
    expect(policy('https://api.example.com').isAllowed([])).toBe(false);
  });

  it('a host listed by name may resolve to private but not to metadata addresses', () => {
    const listed = policy('http://ollama.internal:11434', 'ollama.internal');
    expect(listed.isAllowed(['10.0.0.1', '127.0.0.1', '::1', '::ffff:10.0.0.1'])).toBe(true);
    expect(listed.isAllowed(['10.0.0.1', '169.254.169.254'])).toBe(false);
    expect(listed.isAllowed(['::ffff:169.254.169.254'])).toBe(false);
  });

  it('http and any port are allowed when all resolved addresses are in listed ranges', () => {
    const listed = policy('http://llm.corp:8080', '10.1.0.0/16', '10.2.0.0/16');
    expect(listed.isAllowed(['10.1.0.1', '10.2.0.1'])).toBe(true);
    expect(listed.isAllowed(['10.1.0.1', '8.8.8.8'])).toBe(false);
    expect(listed.isAllowed(['8.8.8.8'])).toBe(false);
    expect(policy('https://llm.corp', '10.1.0.0/16').isAllowed(['10.1.0.1', '8.8.8.8'])).toBe(true);
  });

  it('a NAT64 address of a public host is allowed if its prefix is listed', () => {
    const listed = policy('https://api.example.com', '64:ff9b::/96');
    expect(listed.isAllowed(['64:ff9b::8.8.8.8'])).toBe(true);
    expect(listed.isAllowed(['64:ff9b::10.0.0.1'])).toBe(false);
    expect(listed.isAllowed(['64:ff9b::169.254.169.254'])).toBe(false);
  });
});

describe('UPSTREAM_ALLOWED_HOSTS', () => {
  it.each([
    '',
    '*.example.com',
    'https://example.com',
    'user@example.com',
    '10.0.0.0/33',
    'example.com/x',
    'a b',
    '2130706433',
    'host:99999',
  ])('the entry "%s" is refused at the start', (entry) =>
    expect(() => new AllowedHosts([entry])).toThrow(`"${entry}" is`),
  );
});
