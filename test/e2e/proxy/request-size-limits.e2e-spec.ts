/** Limits on request bodies and on the parts of a request that a response repeats; redirects of providers. */
import { gzipSync } from 'node:zlib';
import { RequestBodies } from '../../../src/proxy/request/body.js';
import { json, type Responder } from '../../support/providers/fake-provider.js';
import { expectRefusal } from '../../support/http/llm-errors.js';
import {
  FAMILIES,
  familyOf,
  fromAnyone,
  startStage,
  type Stage,
  type VirtualKey,
} from '../../support/gateway/stage.js';
import { eventually } from '../../support/http/wire-client.js';

const MAX_REQUEST = 20_000;
const MAX_BUFFERED = 50_000;
const openai = familyOf('openai');
const JSON_TYPE = ['content-type', 'application/json'] as const;
const bearer = (value: string) => ['authorization', `Bearer ${value}`] as const;
const CHUNKED = ['transfer-encoding', 'chunked'] as const;

let stage: Stage;
let key: VirtualKey;

beforeAll(async () => {
  stage = await startStage({ MAX_REQUEST_BYTES: String(MAX_REQUEST), MAX_BUFFERED_BYTES: String(MAX_BUFFERED) });
  key = await stage.virtualKey();
});
afterAll(() => stage.close());
beforeEach(() => {
  stage.fake.on('POST', '/v1/chat/completions', json(200, { id: 'c', object: 'chat.completion', choices: [] }));
});

const post = (headers: readonly (readonly [string, string])[], body: Buffer | string, path = 'chat/completions') =>
  stage.wire.call('POST', `/v1/openai/${path}`, [fromAnyone(), bearer(key.value), ...headers], body);

/** The plain call with a member that pads it to `bytes`. */
function padded(bytes: number): string {
  const rest = openai.body.slice(1);
  return `{"pad":"${'x'.repeat(bytes - rest.length - 10)}",${rest}`;
}

/** A response without a body. */
const bare =
  (status: number, headers: Record<string, string>): Responder =>
  (_request, response) =>
    void response.writeHead(status, headers).end();

const buffered = (): number => stage.gateway.app.nest.get(RequestBodies, { strict: false }).bufferedBytes;

describe('MAX_REQUEST_BYTES', () => {
  it.each([
    ['with content-length', []],
    ['chunked', [CHUNKED]],
  ])('a body of exactly MAX_REQUEST_BYTES passes (%s)', async (_, framing) => {
    const body = padded(MAX_REQUEST);
    expect(Buffer.byteLength(body)).toBe(MAX_REQUEST);
    expect((await post([JSON_TYPE, ...framing], body)).status).toBe(200);
  });

  it.each<[string, readonly (readonly [string, string])[], (body: string) => Buffer | string]>([
    ['with content-length', [], (body) => body],
    ['chunked', [CHUNKED], (body) => body],
    ['compressed', [['content-encoding', 'gzip']], (body) => gzipSync(body)],
    ['compressed and chunked', [['content-encoding', 'gzip'], CHUNKED], (body) => gzipSync(body)],
  ])('a body of one byte more than MAX_REQUEST_BYTES gets 413 (%s)', async (_, headers, sent) => {
    const answer = await post([JSON_TYPE, ...headers], sent(padded(MAX_REQUEST + 1)));
    expectRefusal('openai', answer, { status: 413, code: 'body_too_large' });
    expect(answer.json.error).toMatchObject({ message: expect.stringContaining('19.5 KiB') as string });
  });

  it('a compressed body counts with its decompressed size', async () => {
    const bomb = gzipSync(Buffer.alloc(MAX_REQUEST * 200, 0x20));
    expect(bomb.length).toBeLessThan(MAX_REQUEST);
    const answer = await post([JSON_TYPE, ['content-encoding', 'gzip']], bomb);
    expectRefusal('openai', answer, { status: 413, code: 'body_too_large' });
  });

  it('a body that is not compressed as declared gets 400', async () => {
    const answer = await post([JSON_TYPE, ['content-encoding', 'gzip']], openai.body);
    expectRefusal('openai', answer, { status: 400, code: 'invalid_body' });
    const cut = await post([JSON_TYPE, ['content-encoding', 'gzip']], gzipSync(openai.body).subarray(0, -12));
    expectRefusal('openai', cut, { status: 400, code: 'invalid_body' });
  });

  it('MAX_REQUEST_BYTES applies to the Model Router too', async () => {
    const body = padded(MAX_REQUEST + 1).replace('"gpt-5.4"', '"openai:gpt-5.4"');
    const answer = await stage.wire.call(
      'POST',
      '/v1/model-router/chat/completions',
      [JSON_TYPE, bearer(key.value)],
      body,
    );
    expectRefusal('openai', answer, { status: 413, code: 'body_too_large' });
  });
});

describe('MAX_BUFFERED_BYTES', () => {
  it('a body beyond MAX_BUFFERED_BYTES gets 503 with retry-after until other bodies are released', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    stage.fake.on('POST', '/v1/chat/completions', async (request, response) => {
      await held;
      await json(200, { id: 'c', object: 'chat.completion', choices: [] })(request, response);
    });
    const first = post([JSON_TYPE], padded(MAX_REQUEST));
    const second = post([JSON_TYPE, CHUNKED], padded(MAX_REQUEST));
    await eventually(() => buffered() === 2 * MAX_REQUEST, 'two bodies in memory');

    for (const headers of [[], [CHUNKED], [['content-encoding', 'gzip'] as const]]) {
      const body = padded(MAX_REQUEST);
      const refused = await post([JSON_TYPE, ...headers], headers[0]?.[1] === 'gzip' ? gzipSync(body) : body);
      expectRefusal('openai', refused, { status: 503, code: 'temporarily_unavailable' });
      expect(refused.headers['retry-after']).toBe('1');
    }
    expect((await post([JSON_TYPE], '{')).status).toBe(400); // small ones still fit
    expect(buffered()).toBe(2 * MAX_REQUEST);

    release();
    expect((await first).status).toBe(200);
    expect((await second).status).toBe(200);
    await eventually(() => buffered() === 0, 'all of it given back');
    expect((await post([JSON_TYPE], padded(MAX_REQUEST))).status).toBe(200);
  });

  it('an aborted upload releases its share of MAX_BUFFERED_BYTES', async () => {
    const request = stage.wire.start('POST', '/v1/openai/chat/completions', [
      bearer(key.value),
      JSON_TYPE,
      ['content-length', '10000'],
    ]);
    request.on('error', () => undefined);
    request.write('{"model":');
    await eventually(() => buffered() === 10_000, 'the declared length held');
    request.destroy();
    await eventually(() => buffered() === 0, 'given back');
  });
});

describe('a request without a body', () => {
  it.each(FAMILIES.map((family) => [family.id, family] as const))(
    'an inference request of %s without a body gets 400 and is not forwarded',
    async (id, family) => {
      const before = stage.fake.received.length;
      for (const headers of [
        [family.key(key.value)],
        [family.key(key.value), JSON_TYPE],
        [family.key(key.value), JSON_TYPE, CHUNKED],
        [family.key('sk-callers-own-0123456789'), JSON_TYPE],
      ]) {
        const answer = await stage.wire.call('POST', `/v1/${id}/${family.path}`, [fromAnyone(), ...headers], '');
        expectRefusal(id, answer, { status: 400, code: 'invalid_body' });
      }
      expect(stage.fake.received.length).toBe(before);
    },
  );

  it('a request without inference passes without a body', async () => {
    stage.fake.on('GET', '/v1/models', json(200, { object: 'list', data: [] }));
    expect((await stage.wire.call('GET', '/v1/openai/models', [bearer(key.value)])).status).toBe(200);
  });
});

describe('redirects of the provider', () => {
  it.each([301, 302, 303, 307, 308])(
    'a redirect %i of the provider becomes 502 without its location',
    async (status) => {
      stage.fake.on('POST', '/v1/chat/completions', bare(status, { location: 'https://elsewhere.example/v1' }));
      for (const credential of [key.value, 'sk-callers-own-0123456789']) {
        const answer = await stage.wire.call(
          'POST',
          '/v1/openai/chat/completions',
          [fromAnyone(), bearer(credential), JSON_TYPE],
          openai.body,
        );
        expectRefusal('openai', answer, { status: 502, code: 'upstream_unreachable' });
        expect(answer.headers.location).toBeUndefined();
        expect(answer.text).not.toContain('elsewhere');
      }
    },
  );

  it('a 304 of the provider passes', async () => {
    stage.fake.on('GET', '/v1/models', bare(304, { etag: '"1"' }));
    expect((await stage.wire.call('GET', '/v1/openai/models', [bearer(key.value)])).status).toBe(304);
  });
});

describe('request data in response headers', () => {
  it('a long model name and many dropped members leave the response headers below 4,000 characters', async () => {
    const answer = await post([JSON_TYPE], JSON.stringify({ model: 'm'.repeat(5_000), messages: [] }));
    expect(answer.status).toBe(200);
    expect(answer.headers['x-gateway-model']).toBeUndefined();

    const request: Record<string, unknown> = {
      model: 'anthropic:claude-sonnet-4-5',
      messages: [{ role: 'user', content: 'Hello' }],
    };
    for (let i = 0; i < 300; i++) request[`unknown_member_${i}_${'y'.repeat(30)}`] = i;
    const routed = await stage.wire.call(
      'POST',
      '/v1/model-router/chat/completions',
      [JSON_TYPE, bearer(key.value)],
      JSON.stringify(request),
    );
    const head = Object.values(routed.headers).join('').length;
    expect(head).toBeLessThan(4_000);
  });
});
