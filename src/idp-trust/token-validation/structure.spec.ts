import { TokenRefusal } from '../trusted-issuer/token-refusal.js';
import { parseToken } from './structure.js';

const encode = (text: string | Buffer): string => Buffer.from(text).toString('base64url');
const HEADER = encode('{"alg":"RS256"}');
const PAYLOAD = encode('{"iss":"https://idp.example.com"}');

const token = (header = '{"alg":"RS256"}', payload = '{"iss":"x"}'): string =>
  `${encode(header)}.${encode(payload)}.c2ln`;

function findReason(text: string): string {
  try {
    parseToken(text);
    return 'accepted';
  } catch (error) {
    if (error instanceof TokenRefusal) return error.reason;
    throw error;
  }
}

describe('the form of a token (RFC 7515 §7.1)', () => {
  it('an IdP token parses into its header and claims', () => {
    expect(parseToken(`${HEADER}.${PAYLOAD}.c2ln`)).toEqual({
      header: { alg: 'RS256' },
      claims: { iss: 'https://idp.example.com' },
    });
  });

  it.each([
    ['no dots', 'abc', 'jwt_malformed'],
    ['two segments', `${HEADER}.${PAYLOAD}`, 'jwt_malformed'],
    ['four segments', `${HEADER}.${PAYLOAD}.c2ln.c2ln`, 'jwt_malformed'],
    ['five segments', `${HEADER}.a.b.c.d`, 'jwt_encrypted'],
    ['an empty signature', `${HEADER}.${PAYLOAD}.`, 'jwt_malformed'],
    ['an empty payload', `${HEADER}..c2ln`, 'jwt_malformed'],
    ['an empty header', `.${PAYLOAD}.c2ln`, 'jwt_malformed'],
    ['padding', `${HEADER}.${PAYLOAD}.c2lnbg==`, 'jwt_malformed'],
    ['the other base64 alphabet', `${HEADER}.${PAYLOAD}.a+b/`, 'jwt_malformed'],
    ['white space', `${HEADER}.${PAYLOAD}.c2 ln`, 'jwt_malformed'],
    ['a canonical last character', `${HEADER}.${PAYLOAD}.QQ`, 'accepted'],
    ['stray bits in its last character', `${HEADER}.${PAYLOAD}.QR`, 'jwt_malformed'],
    ['a header that is not JSON', token('{alg}'), 'jwt_malformed'],
    ['a header that is a list', token('["RS256"]'), 'jwt_malformed'],
    ['a payload that is null', token(undefined, 'null'), 'jwt_malformed'],
    ['a payload that is text', token(undefined, '"x"'), 'jwt_malformed'],
    ['a byte order mark', token(undefined, '\ufeff{"iss":"x"}'), 'jwt_malformed'],
    ['text after the payload', token(undefined, '{"iss":"x"}{"iss":"y"}'), 'jwt_malformed'],
    [
      'bytes that are not UTF-8',
      `${HEADER}.${encode(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))}.c2ln`,
      'jwt_malformed',
    ],
  ])('parseToken gives the listed result for a token with %s', (_, text, reason) => {
    expect(findReason(text)).toBe(reason);
  });

  it('an IdP token may be at most 16 KiB long', () => {
    const claims = (characters: number): string => JSON.stringify({ iss: 'x', groups: 'g'.repeat(characters) });
    expect(findReason(token(undefined, claims(12_000)))).toBe('accepted');
    expect(findReason(token(undefined, claims(12_300)))).toBe('jwt_too_long');
    expect(findReason('x.'.repeat(2_000_000))).toBe('jwt_too_long');
  });

  it('an IdP token header may be at most 1 KiB long', () => {
    expect(findReason(token(JSON.stringify({ alg: 'RS256', kid: 'k'.repeat(900) })))).toBe('accepted');
    expect(findReason(token(JSON.stringify({ alg: 'RS256', kid: 'k'.repeat(1_010) })))).toBe('jwt_malformed');
  });

  it('an IdP token may nest at most eight levels deep', () => {
    const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    expect(findReason(token(undefined, nested(8)))).toBe('accepted');
    expect(findReason(token(undefined, nested(9)))).toBe('jwt_malformed');
    expect(findReason(token(undefined, `{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`))).toBe('jwt_malformed');
  });
});

describe('duplicate members (RFC 8259 §4)', () => {
  it.each([
    ['in the header', '{"alg":"none","alg":"RS256"}', '{}'],
    ['in the payload', undefined, '{"sub":"alice","sub":"bob"}'],
    ['deeper in the payload', undefined, '{"realm_access":{"roles":["a"],"x":1,"roles":["b"]}}'],
    ['in an object within a list', undefined, '{"a":[1,[{"b":1,"b":2}]]}'],
    ['spelled with an escape', undefined, '{"sub":"alice","s\\u0075b":"bob"}'],
    ['spelled with a surrogate pair', undefined, '{"😀":1,"\\ud83d\\ude00":2}'],
    ['with white space around it', undefined, '{ "sub" : "alice" , \n "sub" : "bob" }'],
    ['named __proto__', undefined, '{"__proto__":1,"__proto__":2}'],
    ['without a name', undefined, '{"":1,"":2}'],
  ])('a duplicate member %s is rejected with jwt_duplicate_member', (_, header, payload) => {
    expect(findReason(token(header, payload))).toBe('jwt_duplicate_member');
  });

  it('equal names in different objects, texts or letter case are not duplicates', () => {
    const payload = '{"sub":"a \\"sub\\": b","act":{"sub":"c"},"Sub":"d","list":[{"sub":"e"},{"sub":"f"},[],{}]}';
    expect(findReason(token(undefined, payload))).toBe('accepted');
  });
});
