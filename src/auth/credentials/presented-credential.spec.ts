import { computeTokenDigestKey } from '../../platform/crypto/token-digest.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import {
  hasThreeSegments,
  isJwtShaped,
  isKeyOfGateway,
  isForbiddenUpstream,
  readCredential,
  type CredentialSources,
} from './presented-credential.js';

const OPENAI: CredentialSources = { apiKeyWins: false, queryKey: false };
const ANTHROPIC: CredentialSources = { apiKeyWins: true, queryKey: false };
const GEMINI: CredentialSources = { apiKeyWins: false, queryKey: true };

const read = (headers: [string, string][], places = OPENAI, url = '/v1/openai/models') =>
  readCredential(headers.flat(), url, places);

const findRefusal = (headers: [string, string][], sources = OPENAI, url?: string): string => {
  try {
    read(headers, sources, url);
    return 'none';
  } catch (error) {
    return (error as GatewayError).code;
  }
};

describe('the credential of a request', () => {
  it.each<[string, CredentialSources]>([
    ['Authorization', OPENAI],
    ['x-api-key', OPENAI],
    ['X-Goog-Api-Key', OPENAI],
    ['api-key', OPENAI],
    ['AUTHORIZATION', GEMINI],
    ['x-goog-api-key', ANTHROPIC],
  ])('a credential is read from %s in any case', (name, places) => {
    const value = name.toLowerCase() === 'authorization' ? 'Bearer sk-1' : 'sk-1';
    expect(
      read(
        [
          ['accept', '*/*'],
          [name, value],
        ],
        places,
      ),
    ).toMatchObject({ value: 'sk-1', digest: computeTokenDigestKey('sk-1') });
  });

  it.each(['Bearer sk-1', 'bearer sk-1', 'BEARER  sk-1 ', 'sk-1'])(
    '`Authorization: %s` yields the token without its scheme',
    (header) => {
      expect(read([['authorization', header]])).toMatchObject({ value: 'sk-1', bearer: true });
    },
  );

  it('a credential from a key header is not marked as bearer', () => {
    expect(read([['x-api-key', 'sk-1']])).toMatchObject({ bearer: false });
  });

  it.each<[string, [string, string][]]>([
    ['no header', []],
    ['an empty Authorization', [['authorization', '']]],
    ['the scheme Bearer alone', [['authorization', 'Bearer ']]],
    ['spaces', [['x-api-key', '  ']]],
    ['another header', [['x-auth-token', 'sk-1']]],
  ])('a request with %s has no credential', (_, headers) => expect(read(headers)).toBeNull());

  it('several headers may carry the same credential', () => {
    expect(
      read([
        ['authorization', 'Bearer sk-1'],
        ['x-api-key', 'sk-1'],
        ['api-key', 'sk-1'],
      ]),
    ).toMatchObject({ value: 'sk-1' });
    expect(
      read([
        ['authorization', 'Bearer sk-1'],
        ['x-api-key', ''],
      ]),
    ).toMatchObject({ value: 'sk-1' });
  });

  it.each<[string, [string, string][]]>([
    [
      'two headers',
      [
        ['authorization', 'Bearer sk-1'],
        ['api-key', 'sk-2'],
      ],
    ],
    [
      'two key headers',
      [
        ['x-api-key', 'sk-1'],
        ['x-goog-api-key', 'sk-2'],
      ],
    ],
    [
      'one header twice',
      [
        ['authorization', 'Bearer sk-1'],
        ['authorization', 'Bearer sk-2'],
      ],
    ],
  ])('a request is rejected with credential_conflict when %s differ', (_, headers) => {
    expect(findRefusal(headers)).toBe('credential_conflict');
  });

  it('x-api-key takes precedence over Authorization on Anthropic routes', () => {
    expect(
      read(
        [
          ['authorization', 'Bearer other'],
          ['x-api-key', 'sk-1'],
        ],
        ANTHROPIC,
      ),
    ).toMatchObject({ value: 'sk-1', bearer: false });
    expect(
      read(
        [
          ['x-api-key', ''],
          ['authorization', 'Bearer sk-1'],
        ],
        ANTHROPIC,
      ),
    ).toMatchObject({ value: 'sk-1', bearer: true });
  });

  it.each(['Basic dXNlcjpwYXNz', 'AWS4-HMAC-SHA256 Credential=AKIA/x', 'Digest a=b'])(
    '`%s` is rejected with method_not_accepted',
    (header) => {
      expect(findRefusal([['authorization', header]])).toBe('method_not_accepted');
    },
  );

  it.each(['sk 1', 'sk-1, sk-2', 'sk\t1'])(
    'a credential with white space or commas is rejected with credential_invalid: %j',
    (value) => {
      expect(findRefusal([['x-api-key', value]])).toBe('credential_invalid');
    },
  );
});

describe('the query parameter key', () => {
  it('?key= is read on Gemini routes only', () => {
    expect(read([], GEMINI, '/v1/gemini/v1beta/models?alt=sse&key=AIza-1')).toMatchObject({
      value: 'AIza-1',
      bearer: false,
    });
    expect(read([], OPENAI, '/v1/openai/models?key=AIza-1')).toBeNull();
  });

  it('a ?key= that differs from a header or another ?key= is a conflict', () => {
    expect(findRefusal([['x-goog-api-key', 'AIza-2']], GEMINI, '/v1/gemini/x?key=AIza-1')).toBe('credential_conflict');
    expect(findRefusal([], GEMINI, '/v1/gemini/x?key=AIza-1&key=AIza-2')).toBe('credential_conflict');
  });

  it.each(['?key=arch_abc', '?api_key=arch_abc', '?a=1&token=llm_at_abc', '?x=%61rch_abc'])(
    'a gateway credential in the query is rejected with credential_wrong_header: %s',
    (query) => expect(findRefusal([], OPENAI, `/v1/openai/models${query}`)).toBe('credential_wrong_header'),
  );
});

describe('X-Archestra-Virtual-Key', () => {
  it('X-Archestra-Virtual-Key is read beside a credential or alone', () => {
    expect(
      read([
        ['authorization', 'Bearer sk-1'],
        ['X-Archestra-Virtual-Key', ' arch_2 '],
      ]),
    ).toMatchObject({ value: 'sk-1', companion: 'arch_2' });
    expect(read([['x-archestra-virtual-key', 'arch_2']])).toMatchObject({ value: '', companion: 'arch_2' });
    expect(read([['authorization', 'Bearer sk-1']])).toMatchObject({ companion: null });
  });

  it('two values of X-Archestra-Virtual-Key are a conflict', () => {
    const headers: [string, string][] = [
      ['x-archestra-virtual-key', 'arch_1'],
      ['x-archestra-virtual-key', 'arch_2'],
    ];
    expect(findRefusal(headers)).toBe('credential_conflict');
  });
});

describe('the shape of a JWT', () => {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  it.each([
    `${part({ alg: 'RS256' })}.${part({})}.sig`,
    `${part({})}..`,
    `${part({ alg: 'none' })}.e30.`,
    `${part({ enc: 'A256GCM' })}.a.b.c.d`,
  ])('%s is JWT-shaped', (value) => expect(isJwtShaped(value)).toBe(true));

  it.each([
    '',
    '..',
    'a.b.c',
    'sk-1',
    `${part({ typ: 'x' })}.one-dot`,
    `${part('text')}.a.b`,
    `${part([1])}.a.b`,
    `${part(null)}.a.b`,
  ])('%j is not JWT-shaped', (value) => expect(isJwtShaped(value)).toBe(false));
});

describe('credentials that are forbidden upstream', () => {
  it.each(['arch_', 'arch_api_x', 'llm_at_x', 'llm_anything', 'eyJhbGciOiJub25lIn0.e30.'])(
    '%s is forbidden upstream',
    (value) => {
      expect(isForbiddenUpstream(value)).toBe(true);
    },
  );

  it.each(['sk-proj-abc', 'AIzaSyA', 'gsk_abc', 'ARCH_x', 'a.b.c', 'key-of-arch'])(
    '%s is allowed upstream',
    (value) => {
      expect(isForbiddenUpstream(value)).toBe(false);
    },
  );
});

describe('the session cookie', () => {
  const PAGES: CredentialSources = { apiKeyWins: false, queryKey: false, cookie: 'sid' };
  const fromPages = (headers: [string, string][]) => readCredential(headers.flat(), '/account', PAGES);

  it('the session cookie is read if no header carries a credential', () => {
    expect(fromPages([['Cookie', 'a=1; sid=abc; sid.sig=x']])).toMatchObject({ value: 'abc', isCookie: true });
  });

  it('a header takes precedence over the session cookie', () => {
    const both: [string, string][] = [
      ['cookie', 'sid=abc'],
      ['authorization', 'Bearer arch_api_1'],
    ];
    expect(fromPages(both)).toMatchObject({ value: 'arch_api_1', isCookie: false });
  });

  it.each([
    ['of another name', 'xsid=abc; sidx=abc'],
    ['that is empty', 'sid='],
    ['with quotes', 'sid="abc"'],
  ])('a session cookie %s is ignored', (_, cookie) => {
    expect(fromPages([['cookie', cookie]])).toBeNull();
  });

  it('the session cookie is not read on LLM routes', () => {
    expect(readCredential(['cookie', 'sid=abc'], '/v1/openai/models', OPENAI)).toBeNull();
  });
});

describe('damaged identity tokens', () => {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const header = part({ alg: 'RS256', kid: 'k1', typ: 'JWT' });
  const claims = part({ iss: 'https://idp.example', sub: 'ann', aud: 'gatehouse', exp: 1 });
  const signature = 'x'.repeat(43);

  it.each([
    ['without its header', `${claims}.${signature}`],
    ['with an empty header', `.${claims}.${signature}`],
    ['with a header cut in the middle', `${header.slice(5)}.${claims}.${signature}`],
    ['without its signature', `${header}.${claims}`],
    ['of a header and a dot', `${header}.`],
    ['of claims alone', claims],
    ['with an extra segment in front', `abc.${header}.${claims}.${signature}`],
    ['with truncated claims', `${header}.${claims.slice(0, -7)}`],
    ['whose claims begin with a space', `x.${Buffer.from(' {"sub":"ann"}').toString('base64url')}.y`],
  ])('an identity token %s is JWT-shaped and forbidden upstream', (_, value) => {
    expect(isJwtShaped(value)).toBe(true);
    expect(isForbiddenUpstream(value)).toBe(true);
  });

  it.each([
    'sk-proj-abc.def.ghi',
    'AIzaSyA.b.c',
    `${part({ name: 'x', value: 1 })}.abc`,
    `${part([{ iss: 1 }])}.a`,
    part({ user: 'ann' }),
    'eyJ',
    'key.with-one-dot',
  ])('%j is not a damaged JWT', (value) => expect(isJwtShaped(value)).toBe(false));

  it('hasThreeSegments accepts exactly two dots and base64url characters', () => {
    for (const value of ['a.b.c', '..', 'ab-_.cd.ef', 'sk-1.2.3']) expect(hasThreeSegments(value)).toBe(true);
    for (const value of ['a.b', 'a.b.c.d', 'a.b.c=', 'a.b c.d', 'sk-1']) expect(hasThreeSegments(value)).toBe(false);
  });
});

describe('keys of Archestra', () => {
  const key = `archestra_${'a'.repeat(32)}`;

  it('an archestra_ key counts as a gateway key and is forbidden upstream', () => {
    expect(isKeyOfGateway(key)).toBe(true);
    expect(isForbiddenUpstream(key)).toBe(true);
    expect(findRefusal([], OPENAI, `/v1/openai/models?x=${key}`)).toBe('credential_wrong_header');
  });
});
