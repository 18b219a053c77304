/** Odd paths, methods and bodies: access to each route, and that the forwarded request equals the client's. */
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { createId } from '../../../src/platform/ids.js';
import { json } from '../../support/providers/fake-provider.js';
import { expectRefusal } from '../../support/http/llm-errors.js';
import {
  FAMILIES,
  familyOf,
  fromAnyone,
  startStage,
  type Stage,
  type VirtualKey,
} from '../../support/gateway/stage.js';
import { eventually, statusesIn, type WireResponse } from '../../support/http/wire-client.js';

const OWN = 'sk-callers-own-0123456789';
const MIB = 1024 * 1024;
const openai = familyOf('openai');
const bearer = (value: string) => ['authorization', `Bearer ${value}`] as const;
const JSON_TYPE = ['content-type', 'application/json'] as const;

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'TRACE', 'PROPFIND', 'SEARCH', 'MKCOL', 'PURGE'];

/** Below a base. None of these is a path that a stored key may use. */
const ODD_PATHS = [
  'chat%2Fcompletions',
  'chat/completions/',
  'chat//completions',
  '/chat/completions',
  '//chat/completions',
  './chat/completions',
  'files/../chat/completions',
  'chat/completions/../../files',
  '..',
  '../../v1/chat/completions',
  '..%2f..%2ffiles',
  '%2e%2e/files',
  '%2e%2e%2ffiles',
  'chat/completions/%2e%2e/files',
  'chat\\completions',
  'chat/completions;x=y',
  'chat/completions%3Fa',
  'chat/completions%00',
  'chat/completions%20',
  'chat/completions%0d%0ax:%20y',
  'chat/completions%252e',
  'CHAT/COMPLETIONS',
  'models/..%2ffiles',
  'models/..',
  'models/%2e%2e',
  'v1/v1/chat/completions/x',
  'v1/files',
  'openai/v1/files',
  'v1beta/models/gemini-2.5-flash:generateContent/x',
  'v1beta/models/gemini-2.5-flash:batchGenerateContent',
  'v1beta/tunedModels',
  'v1/messages/batches',
  'v1/organizations/x',
  'organization/api_keys',
  'organization%2fapi_keys',
  'projects',
  'fine_tuning/jobs',
  'threads',
  'a'.repeat(4000),
  `${'a/'.repeat(500)}b`,
  ':',
  '*',
  '@example.com',
  'http://evil.example/chat/completions',
  '.well-known/openid-configuration',
];
/** Paths that the framework does not accept as URLs. */
const UNREADABLE_PATHS = ['%ff', 'chat/%ff', 'chat/%zz', 'models/%c0%af', '%'];

describe('the route table', () => {
  let stage: Stage;
  let key: VirtualKey;

  beforeAll(async () => {
    stage = await startStage({ CORS_ALLOWED_ORIGINS: 'https://app.example', MAX_REQUEST_BYTES: String(32 * MIB) });
    key = await stage.virtualKey();
    stage.fake.on('*', /(?:files|batches|organization|hello|echo)/, json(200, { ok: true }));
  }, 60_000);
  afterAll(() => stage.close());
  beforeEach(() => stage.fake.forget());

  /** Refused by the gateway, as JSON; nothing was forwarded. */
  const expectClosed = (answer: WireResponse, method: string, statuses: readonly number[]): void => {
    expect(statuses).toContain(answer.status);
    expect(answer.headers.location).toBeUndefined();
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    if (method !== 'HEAD') expect(answer.json).toBeInstanceOf(Object);
    if (answer.status === 401) expect(answer.headers['www-authenticate']).toMatch(/^Bearer /);
    expect(stage.fake.started).toBe(0);
  };

  describe.each(FAMILIES)('$id without a credential', ({ id }) => {
    it.each(METHODS)('every path refuses %s without a credential', async (method) => {
      for (const prefix of [`/v1/${id}/`, `/v1/${id}/${stage.defaultProxyId}/`]) {
        for (const path of ODD_PATHS) {
          const answer = await stage.wire.call(method, prefix + path, [fromAnyone()]);
          // The gateway does not know PROPFIND and similar methods: they are unknown, as the path would be.
          expectClosed(answer, method, isCommon(method) ? [401] : [401, 404]);
          if (method === 'GET') expectRefusal(id, answer, { status: 401, code: 'credential_missing' });
        }
        for (const path of UNREADABLE_PATHS) {
          const answer = await stage.wire.call(method, prefix + path, [fromAnyone()]);
          expectClosed(answer, method, isCommon(method) ? [400] : [400, 404]);
          if (method === 'GET') expectRefusal(id, answer, { status: 400, code: 'bad_request' });
        }
      }
    });
  });

  it.each([
    '/v1',
    '/v1/',
    '/v1//',
    '/v1?key=x',
    '/v1//openai/chat/completions',
    '/v1/openai',
    '/v1/openai/',
    '/v1/nobody/chat/completions',
    '/v1/OpenAI/chat/completions',
    '/v1/OPENAI',
    '/v1/%6Fpenai/chat/completions',
    '/v1/openai%2Fchat%2Fcompletions',
    '/v1/openai;x/chat/completions',
    '/v1/./openai/chat/completions',
    '/v1/../v1/openai/chat/completions',
    '/V1/openai/chat/completions',
    '//v1/openai/chat/completions',
    '/v1%2Fopenai/chat/completions',
    '/v1/__proto__/chat',
    '/v1/constructor',
    '/v1/toString/chat',
  ])('the gateway refuses %s with and without a credential and forwards nothing', async (path) => {
    for (const headers of [[], [bearer(key.value)], [bearer(OWN)]]) {
      for (const method of ['GET', 'POST', 'DELETE']) {
        const answer = await stage.wire.call(method, path, [fromAnyone(), ...headers]);
        // 415: an escaped prefix belongs to the admin API, which accepts only JSON.
        expect([401, 404, 415]).toContain(answer.status);
        expect(answer.headers['content-type']).toMatch(/json/);
        expect(stage.fake.started).toBe(0);
      }
    }
  });

  it.each([
    ['an absolute URL', 'POST http://evil.example/v1/openai/chat/completions HTTP/1.1'],
    ['an absolute URL with another scheme', 'POST ftp://127.0.0.1/v1/openai/chat/completions HTTP/1.1'],
    ['the method CONNECT', 'CONNECT 127.0.0.1:80 HTTP/1.1'],
    ['a raw space', 'POST /v1/openai/chat completions HTTP/1.1'],
    ['a raw control character', 'POST /v1/openai/chat\x01completions HTTP/1.1'],
    ['a fragment', 'POST /v1/openai/chat/completions#x HTTP/1.1'],
    ['raw bytes in the path', 'GET /v1/openai/models/\xff\xfe HTTP/1.1'],
    ['the HTTP/2 preface', 'PRI * HTTP/2.0'],
    ['a target without a slash', 'GET v1/openai/models HTTP/1.1'],
    ['an asterisk as the target', 'OPTIONS * HTTP/1.1'],
  ])('the gateway forwards nothing for a request line with %s', async (_, line) => {
    const text = await stage.wire.raw(
      `${line}\r\nHost: a\r\nAuthorization: Bearer ${key.value}\r\nContent-Length: 0\r\n\r\n`,
    );
    for (const status of statusesIn(text)) expect([204, 400, 403, 404, 405, 501, 505]).toContain(status);
    expect(stage.fake.started).toBe(0);
  });

  describe('a stored provider key', () => {
    it.each(FAMILIES)('a stored key of $id gets 403 on every path that is not listed', async ({ id }) => {
      for (const path of ODD_PATHS) {
        for (const method of ['GET', 'POST', 'DELETE']) {
          const answer = await stage.wire.call(method, `/v1/${id}/${path}`, [fromAnyone(), bearer(key.value)]);
          if (answer.status === 403) expectRefusal(id, answer, { status: 403, code: 'operation_not_allowed' });
          expectClosed(answer, method, [403]);
        }
      }
    });

    it.each([
      ['GET', 'files'],
      ['POST', 'files'],
      ['GET', 'files/file-1/content'],
      ['POST', 'uploads'],
      ['POST', 'batches'],
      ['GET', 'batches/b'],
      ['GET', 'organization/admin_api_keys'],
      ['POST', 'organization/projects'],
      ['GET', 'organization/usage/completions'],
      ['GET', 'projects'],
      ['POST', 'fine_tuning/jobs'],
      ['POST', 'fine_tuning/checkpoints/x/permissions'],
      ['DELETE', 'models/ft:gpt:x'],
      ['DELETE', 'models'],
      ['GET', 'responses/resp_1'],
      ['DELETE', 'responses/resp_1'],
      ['GET', 'responses'],
      ['GET', 'chat/completions'],
      ['POST', 'conversations'],
      ['PUT', 'chat/completions'],
      ['PATCH', 'embeddings'],
      ['POST', 'models'],
      ['POST', 'images/generations'],
      ['POST', 'audio/speech'],
      ['POST', 'assistants'],
      ['POST', 'vector_stores'],
      ['GET', 'evals'],
      ['POST', 'containers'],
      ['POST', 'realtime/sessions'],
      ['GET', 'dashboard/billing/usage'],
    ])('a stored key may not call %s %s', async (method, path) => {
      for (const prefix of ['', 'v1/', `${stage.defaultProxyId}/`]) {
        const answer = await stage.wire.call(method, `/v1/openai/${prefix}${path}`, [fromAnyone(), bearer(key.value)]);
        expectRefusal('openai', answer, { status: 403, code: 'operation_not_allowed' });
        expect(stage.fake.started).toBe(0);
      }
    });

    it('a stored key reaches the operations in allowedOperations, and administration never', async () => {
      const proxyId = await stage.llmProxy({ policy: { allowedOperations: ['files', 'batches', 'other'] } });
      const call = (method: string, path: string) =>
        stage.wire.call(method, `/v1/openai/${proxyId}/${path}`, [fromAnyone(), bearer(key.value)]);
      for (const path of ['files', 'files/file-1', 'batches', 'hello/world'])
        expect((await call('GET', path)).status).toBe(200);
      expect(stage.fake.received.map(({ url }) => url)).toEqual([
        '/v1/files',
        '/v1/files/file-1',
        '/v1/batches',
        '/v1/hello/world',
      ]);
      stage.fake.forget();
      const closed = [
        'organization/admin_api_keys',
        'projects',
        'files/../organization',
        'files/%2e%2e/organization',
        'hello%2f..%2forganization',
        'hello//x',
        'fine_tuning/jobs',
        'images/generations',
      ];
      for (const path of closed) {
        expectRefusal('openai', await call('GET', path), { status: 403, code: 'operation_not_allowed' });
      }
      expect((await stage.wire.call('GET', '/v1/openai/files', [bearer(key.value)])).status).toBe(403);
      expect(stage.fake.started).toBe(0);
    });

    it.each([
      ['openai', 'chat/completions', '/v1/chat/completions'],
      ['openai', 'v1/chat/completions', '/v1/chat/completions'],
      ['openai', 'chat/completions?api-version=1&x=%20', '/v1/chat/completions?api-version=1&x=%20'],
      ['anthropic', 'v1/messages?beta=true', '/v1/messages?beta=true'],
      ['anthropic', 'v1/v1/messages', '/v1/messages'],
      ['gemini', 'v1/models/gemini-2.5-flash:generateContent', '/v1/models/gemini-2.5-flash:generateContent'],
      ['cohere', 'chat', '/v2/chat'],
    ] as const)("a stored key of %s reaches the vendor's path by %s", async (id, path, upstream) => {
      stage.fake.on('POST', upstream.split('?')[0]!, json(200, {}));
      for (const prefix of ['', `${stage.defaultProxyId}/`]) {
        const answer = await stage.chat({ ...familyOf(id), path: prefix + path }, [fromAnyone(), bearer(key.value)]);
        expect(answer.status).toBe(200);
        expect(stage.fake.received.at(-1)!.url).toBe(upstream);
      }
    });

    it('a stored key reaches Groq by all three paths that clients use', async () => {
      const groq = await stage.gateway.admin.create('/api/llm-provider-api-keys', {
        name: 'groq',
        provider: 'groq',
        apiKey: 'gsk_0123456789',
        scope: 'org',
      });
      const { value } = await stage.virtualKey({ providerApiKeys: [{ provider: 'groq', providerApiKeyId: groq.id }] });
      stage.fake.on('POST', '/openai/v1/chat/completions', json(200, {}));
      for (const path of ['openai/v1/chat/completions', 'chat/completions', 'v1/chat/completions']) {
        expect(
          (await stage.wire.call('POST', `/v1/groq/${path}`, [fromAnyone(), JSON_TYPE, bearer(value)], openai.body))
            .status,
        ).toBe(200);
        expect(stage.fake.received.at(-1)!.url).toBe('/openai/v1/chat/completions');
      }
    });
  });

  describe("a caller's own key", () => {
    it.each(METHODS.filter((method) => isCommon(method) && method !== 'TRACE'))(
      `a caller's own key passes every path byte for byte: %s`,
      async (method) => {
        stage.fake.on(
          '*',
          /.*/,
          (_, response) => void response.writeHead(200, { 'content-type': 'text/plain' }).end('fine'),
        );
        for (const path of [...ODD_PATHS, 'files?a=%2F..%2F&b=c&&=', 'files?', 'organization/x?%zz']) {
          // The duplicate version is dropped for every client.
          const expected = path.startsWith('v1/') ? path.slice(3) : path;
          const answer = await stage.wire.call(method, `/v1/openai/${path}`, [fromAnyone(), bearer(OWN)]);
          expect(answer.status).toBe(200);
          expect(stage.fake.received.at(-1)).toMatchObject({ method, url: `/v1/${expected}` });
          expect(stage.fake.received.at(-1)!.headers.authorization).toBe(`Bearer ${OWN}`);
        }
        const { length } = stage.fake.received;
        expect(length).toBe(ODD_PATHS.length + 3);
      },
    );

    it("an upload with a caller's own key passes byte for byte, with content-length and chunked", async () => {
      const type = ['content-type', 'multipart/form-data; boundary="json-x"'] as const;
      const noise = Buffer.from(Array.from({ length: 3 * MIB }, (_, i) => (i * 31) % 256));
      const body = Buffer.concat([
        Buffer.from('--json-x\r\ncontent-disposition: form-data; name="file"\r\n\r\n'),
        noise,
        Buffer.from('\r\n--json-x--\r\n'),
      ]);
      for (const framing of [
        ['content-length', String(body.length)] as const,
        ['transfer-encoding', 'chunked'] as const,
      ]) {
        expect(
          (await stage.wire.call('POST', '/v1/openai/files', [fromAnyone(), bearer(OWN), type, framing], body)).status,
        ).toBe(200);
        const seen = stage.fake.received.at(-1)!;
        expect(seen.body.equals(body)).toBe(true);
        expect(seen.headers['content-type']).toBe(type[1]);
      }
      const binary = ['content-type', 'application/octet-stream'] as const;
      await stage.wire.call('PUT', '/v1/openai/files/part', [fromAnyone(), bearer(OWN), binary], noise);
      expect(stage.fake.received.at(-1)!.body.equals(noise)).toBe(true);
    });
  });

  describe('requests without authentication', () => {
    it('HEAD on a base URL gets 200 without a credential', async () => {
      for (const { id } of FAMILIES) {
        for (const path of [
          `/v1/${id}`,
          `/v1/${id}/`,
          `/v1/${id}/${stage.defaultProxyId}`,
          `/v1/${id}/${createId()}/`,
        ]) {
          expect((await stage.wire.call('HEAD', path)).status).toBe(200);
        }
      }
      expect(stage.fake.started).toBe(0);
    });

    it('OPTIONS gets 204, with CORS headers only for configured origins', async () => {
      const preflight = (origin: string) =>
        stage.wire.call('OPTIONS', '/v1/openai/chat/completions', [
          ['origin', origin],
          ['access-control-request-method', 'POST'],
          ['access-control-request-headers', 'authorization,x-stainless-lang'],
        ]);
      const allowed = await preflight('https://app.example');
      expect(allowed).toMatchObject({ status: 204, text: '' });
      expect(allowed.headers).toMatchObject({
        'access-control-allow-origin': 'https://app.example',
        'access-control-allow-headers': 'authorization,x-stainless-lang',
        vary: 'origin',
      });
      expect(allowed.headers['access-control-allow-methods']).toContain('POST');
      for (const origin of ['https://evil.example', 'https://app.example.evil', 'http://app.example', 'null']) {
        const refused = await preflight(origin);
        expect(refused.status).toBe(204);
        expect(Object.keys(refused.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
      }
      expect(stage.fake.started).toBe(0);
    });

    it('responses and refusals have CORS headers for a configured origin, without allow-credentials', async () => {
      const origin = ['origin', 'https://app.example'] as const;
      for (const headers of [[bearer(OWN)], []]) {
        const answer = await stage.chat(openai, [fromAnyone(), origin, ...headers]);
        expect(answer.headers['access-control-allow-origin']).toBe('https://app.example');
        expect(answer.headers['access-control-expose-headers']).toContain('x-request-id');
        expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
      }
      expect(
        (await stage.chat(openai, [fromAnyone(), bearer(OWN)])).headers['access-control-allow-origin'],
      ).toBeUndefined();
    });

    it('a WebSocket upgrade gets 426 upgrade_required', async () => {
      for (const { id } of FAMILIES) {
        const answer = await stage.wire.call('GET', `/v1/${id}/realtime`, [
          fromAnyone(),
          ['connection', 'Upgrade'],
          ['upgrade', 'websocket'],
          ['sec-websocket-version', '13'],
          ['sec-websocket-key', 'dGhlIHNhbXBsZSBub25jZQ=='],
        ]);
        expectRefusal(id, answer, { status: 426, code: 'upgrade_required' });
      }
      expect(stage.fake.started).toBe(0);
    });

    it('an offered upgrade to h2c is ignored (RFC 9110 §7.8)', async () => {
      const headers = [
        ['connection', 'Upgrade, HTTP2-Settings'],
        ['upgrade', 'h2c'],
        ['http2-settings', 'AAEAAEAAAAIAAAAB'],
      ] as const;
      expect((await stage.chat(openai, [fromAnyone(), bearer(key.value), ...headers])).status).toBe(200);
      const sent = stage.fake.received[0]!;
      expect(sent.body.toString()).toBe(openai.body);
      expect([sent.headers.upgrade, sent.headers['http2-settings']]).toEqual([undefined, undefined]);
    });
  });

  describe('request bodies', () => {
    const post = (headers: readonly (readonly [string, string])[], body: Buffer | string, path = 'chat/completions') =>
      stage.wire.call('POST', `/v1/openai/${path}`, [fromAnyone(), bearer(key.value), ...headers], body);
    const padded = (bytes: number): string => {
      const rest = openai.body.slice(1);
      return `{"pad":"${'x'.repeat(bytes - rest.length - 10)}",${rest}`;
    };

    it('a body of 31 MiB passes, with content-length and chunked', async () => {
      const body = padded(31 * MIB);
      for (const framing of [[], [['transfer-encoding', 'chunked'] as const]]) {
        expect((await post([JSON_TYPE, ...framing], body)).status).toBe(200);
        expect(stage.fake.received.at(-1)!.body.toString('latin1') === body).toBe(true);
      }
    });

    it('a declared content-length above 32 MiB gets 413 before the body is read', async () => {
      const request = stage.wire.start('POST', '/v1/openai/chat/completions', [
        fromAnyone(),
        bearer(key.value),
        JSON_TYPE,
        ['content-length', String(33 * MIB)],
      ]);
      request.on('error', () => undefined);
      const status = new Promise((resolve) => request.once('response', (message) => resolve(message.statusCode)));
      request.write('{');
      expect(await status).toBe(413);
      request.destroy();
      expect(stage.fake.started).toBe(0);
    });

    it('a chunked, compressed or uploaded body above 32 MiB gets 413', async () => {
      const chunked = ['transfer-encoding', 'chunked'] as const;
      const large = padded(33 * MIB);
      expectRefusal('openai', await post([JSON_TYPE, chunked], large), { status: 413, code: 'body_too_large' });
      expectRefusal('openai', await post([JSON_TYPE, ['content-encoding', 'gzip']], gzipSync(large)), {
        status: 413,
        code: 'body_too_large',
      });
      const bomb = brotliCompressSync(Buffer.alloc(100 * MIB));
      expectRefusal('openai', await post([JSON_TYPE, ['content-encoding', 'br']], bomb), {
        status: 413,
        code: 'body_too_large',
      });
      expect(stage.fake.started).toBe(0);
      const upload = [fromAnyone(), bearer(OWN), ['content-type', 'application/octet-stream'] as const, chunked];
      expectRefusal('openai', await stage.wire.call('POST', '/v1/openai/files', upload, large), {
        status: 413,
        code: 'body_too_large',
      });
      expect(stage.fake.received).toEqual([]);
    }, 60_000);

    it('an unauthenticated upload of 20 MB gets 401 before its body is read', async () => {
      const socket = await stage.wire.socket();
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
      socket.on('error', () => undefined);
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.write(
        `POST /v1/anthropic/v1/messages HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 20000000\r\n\r\n`,
      );
      // Nothing more is sent: the response must not wait for the body.
      await eventually(() => text.includes('"authentication_error"'), 'the 401 before the body');
      expect(text).toMatch(/^HTTP\/1\.1 401 .*\r\n(?:.*\r\n)*connection: close\r\n/i);
      await closed;
      for (let i = 0; i < 5; i++) {
        const family = FAMILIES[i % FAMILIES.length]!;
        const answer = await stage.wire.call(
          'POST',
          `/v1/${family.id}/${family.path}`,
          [fromAnyone(), JSON_TYPE],
          Buffer.alloc(20_000_000),
        );
        expectRefusal(family.id, answer, { status: 401, code: 'credential_missing' });
      }
      expect(stage.fake.started).toBe(0);
    });

    it('100 Continue is sent only to authenticated callers (RFC 9110 §10.1.1)', async () => {
      const head = (credential: string) =>
        `POST /v1/openai/chat/completions HTTP/1.1\r\nHost: a\r\n${credential}Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: ${openai.body.length}\r\n\r\n`;
      expect(statusesIn(await stage.wire.raw(head('')))).toEqual([401]);
      expect(statusesIn(await stage.wire.raw(head('Authorization: Bearer arch_x\r\n')))).toEqual([401]);
      const socket = await stage.wire.socket();
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
      socket.write(head(`Authorization: Bearer ${key.value}\r\n`));
      await eventually(() => text.includes('100 Continue'), 'the interim answer');
      expect(stage.fake.started).toBe(0);
      socket.write(openai.body);
      await eventually(() => statusesIn(text).includes(200), 'the final answer');
      socket.destroy();
      expect(stage.fake.received[0]!.body.toString()).toBe(openai.body);
      expect(stage.fake.received[0]!.headers.expect).toBeUndefined();
      expect(
        statusesIn(
          await stage.wire.raw(
            head(`Authorization: Bearer ${key.value}\r\n`).replace('100-continue', 'the-unexpected'),
          ),
        ),
      ).toEqual([417]);
    });

    it.each([
      ['gzip', gzipSync],
      ['GZIP', gzipSync],
      ['x-gzip', gzipSync],
      ['deflate', deflateSync],
      ['br', brotliCompressSync],
      ['identity', (text: string) => Buffer.from(text)],
    ] as const)(
      'a body with content-encoding %s is decompressed and checked against the policy',
      async (encoding, pack) => {
        const answer = await post([JSON_TYPE, ['content-encoding', encoding]], pack(openai.body));
        expect(answer.status).toBe(200);
        expect(stage.fake.received[0]!.body.toString()).toBe(openai.body);
        expect(stage.fake.received[0]!.headers['content-encoding']).toBeUndefined();
        const narrow = await stage.virtualKey({ allowedModels: ['other'] });
        const denied = await stage.wire.call(
          'POST',
          '/v1/openai/chat/completions',
          [fromAnyone(), bearer(narrow.value), JSON_TYPE, ['content-encoding', encoding]],
          pack(openai.body),
        );
        expectRefusal('openai', denied, { status: 403, code: 'policy_denied' });
      },
    );

    it.each([
      ['invalid gzip', [['content-encoding', 'gzip']], 'this is not gzip', 400, 'invalid_body'],
      ['truncated gzip', [['content-encoding', 'gzip']], gzipSync(openai.body).subarray(0, 20), 400, 'invalid_body'],
      ['zstd', [['content-encoding', 'zstd']], 'x', 415, 'unsupported_media_type'],
      [
        'compressed twice',
        [['content-encoding', 'gzip, gzip']],
        gzipSync(gzipSync(openai.body)),
        415,
        'unsupported_media_type',
      ],
      ['text that is not JSON', [], 'hello', 400, 'invalid_body'],
      ['truncated JSON', [], openai.body.slice(0, -1), 400, 'invalid_body'],
      ['text after the JSON', [], `${openai.body}x`, 400, 'invalid_body'],
      ['an array', [], '[]', 400, 'invalid_body'],
      ['a model that is not a string', [], '{"model":["gpt-5.4"],"messages":[]}', 400, 'invalid_body'],
      ['a repeated member model', [], '{"model":"other","model":"gpt-5.4","messages":[]}', 400, 'invalid_body'],
      [
        'a repeated member model, once escaped',
        [],
        '{"model":"other","\\u006dodel":"gpt-5.4","messages":[]}',
        400,
        'invalid_body',
      ],
    ] as const)('an unreadable body is refused: %s', async (_, headers, body, status, code) => {
      const answer = await post([JSON_TYPE, ...headers], body);
      expect([answer.status, answer.json.error.code]).toEqual([status, code]);
      expect(stage.fake.started).toBe(0);
    });

    it('the policy binds inference bodies of any content-type', async () => {
      const strict = await stage.llmProxy({ policy: { maxOutputTokens: 100, deniedModels: ['gpt-5.4'] } });
      const small = await stage.llmProxy({ policy: { maxOutputTokens: 100 } });
      const greedy = JSON.stringify({ model: 'gpt-5.4', max_tokens: 5000, messages: [] });
      for (const type of [
        'application/octet-stream',
        'multipart/form-data; boundary=x',
        'application/x-www-form-urlencoded',
        'text/plain',
        'Application/JSON',
        'image/png',
        'application/problem+json',
      ]) {
        for (const proxyId of [strict, small]) {
          const answer = await stage.wire.call(
            'POST',
            `/v1/openai/${proxyId}/chat/completions`,
            [fromAnyone(), bearer(key.value), ['content-type', type]],
            greedy,
          );
          expectRefusal('openai', answer, { status: 403, code: 'policy_denied' });
        }
      }
      const untyped = await stage.wire.call(
        'POST',
        `/v1/openai/${small}/chat/completions`,
        [fromAnyone(), bearer(key.value)],
        greedy,
      );
      expectRefusal('openai', untyped, { status: 403, code: 'policy_denied' });
      expect(stage.fake.started).toBe(0);
    });
  });

  describe('ambiguous framing (RFC 9112 §6.3)', () => {
    const smuggled = `GET /v1/openai/files HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${OWN}\r\n\r\n`;
    const chunkedBody = '0\r\n\r\n';
    it.each([
      ['Content-Length before Transfer-Encoding', ['Content-Length: 5', 'Transfer-Encoding: chunked'], chunkedBody],
      [
        'Transfer-Encoding before Content-Length',
        ['Transfer-Encoding: chunked', `Content-Length: ${chunkedBody.length + smuggled.length}`],
        chunkedBody,
      ],
      ['two Content-Length headers', ['Content-Length: 0', `Content-Length: ${smuggled.length}`], ''],
      ['a Content-Length with two values', [`Content-Length: 0, ${smuggled.length}`], ''],
      ['a Content-Length with a sign', ['Content-Length: +0'], ''],
      ['a Transfer-Encoding that does not end in chunked', ['Transfer-Encoding: chunked, identity'], chunkedBody],
      ['an unknown Transfer-Encoding', ['Transfer-Encoding: xchunked'], chunkedBody],
      ['a space before the colon', ['Transfer-Encoding : chunked'], chunkedBody],
      ['a folded header', ['X-A: b', ' Transfer-Encoding: chunked'], chunkedBody],
      ['a bare line feed', ['X-A: b\nTransfer-Encoding: chunked'], chunkedBody],
      ['a bare carriage return', ['X-A: b\rTransfer-Encoding: chunked'], chunkedBody],
      ['a NUL in a header', ['X-A: b\0c'], ''],
      ['a chunk size with a sign', ['Transfer-Encoding: chunked'], `-1\r\n\r\n`],
      ['a chunk size that overflows', ['Transfer-Encoding: chunked'], `fffffffffffffffff\r\n\r\n`],
    ])('a request with ambiguous framing gets 400 and nothing after it is answered: %s', async (_, headers, body) => {
      const head = `POST /v1/openai/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key.value}\r\nContent-Type: application/json\r\n${headers.join('\r\n')}\r\n\r\n`;
      const text = await stage.wire.raw(head + body + smuggled);
      expect(statusesIn(text).slice(0, 1)).toEqual([400]);
      expect(statusesIn(text)).toHaveLength(1);
      expect(stage.fake.started).toBe(0);
    });

    it('pipelined requests get their responses in order', async () => {
      const one = `POST /v1/openai/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key.value}\r\nContent-Type: application/json\r\nContent-Length: ${openai.body.length}\r\n\r\n${openai.body}`;
      const two = `GET /v1/openai/organization HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key.value}\r\n\r\n`;
      expect(statusesIn(await stage.wire.raw(one + two + one, 500))).toEqual([200, 403, 200]);
    });
  });

  it('the gateway still responds after all malformed requests', async () => {
    expect((await stage.chat(openai, [fromAnyone(), bearer(key.value)])).status).toBe(200);
  });
});

function isCommon(method: string): boolean {
  return ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'TRACE'].includes(method);
}
