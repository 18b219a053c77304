/**
 * Every spelling of a guarded path is the guarded path or is unknown: rate limits, headers, body rules and error
 * formats apply to every spelling that a client sends.
 */
import { connect } from 'node:net';
import fc from 'fast-check';
import { startStage, type Stage } from '../support/gateway/stage.js';

interface RawResponse {
  status: number;
  headers: Record<string, string>;
  body: string;
}

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
}, 60_000);
afterAll(() => stage.close());

/** Writes the request line unchanged. */
function send(method: string, target: string, headers: readonly string[] = [], body = ''): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const socket = connect(stage.wire.port, stage.wire.host);
    let text = '';
    socket.setTimeout(10_000, () => socket.destroy(new Error('no response')));
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.on('error', reject);
    socket.on('close', () => {
      const [head, ...rest] = text.split('\r\n\r\n');
      const [line, ...fields] = head!.split('\r\n');
      resolve({
        status: Number(line!.split(' ')[1]),
        headers: Object.fromEntries(
          fields.map((field) => [
            field.slice(0, field.indexOf(':')).toLowerCase(),
            field.slice(field.indexOf(':') + 1).trim(),
          ]),
        ),
        body: rest.join('\r\n\r\n'),
      });
    });
    socket.write(
      [
        `${method} ${target} HTTP/1.1`,
        ...(headers.some((header) => /^host:/i.test(header)) ? [] : ['host: localhost']),
        'connection: close',
        `content-length: ${Buffer.byteLength(body)}`,
        ...headers,
        '',
        body,
      ].join('\r\n'),
    );
  });
}

const escaped = (path: string, at: number): string =>
  `${path.slice(0, at)}%${path.charCodeAt(at).toString(16).padStart(2, '0')}${path.slice(at + 1)}`;

/** Spellings that some router of the stack maps to `path`. */
const spellings = (path: string): fc.Arbitrary<string> =>
  fc
    .record({
      escapeAt: fc.array(fc.integer({ min: 1, max: path.length - 1 }), { maxLength: 3 }),
      capitalAt: fc.option(fc.integer({ min: 1, max: path.length - 1 }), { nil: null }),
      prefix: fc.constantFrom('', 'http://elsewhere.example', 'HTTP://localhost:1', '/', '/.', '/x/..', '/%2e'),
      suffix: fc.constantFrom('', '/', '//', '/.', '/..', '%2F', '%00', ';x', '?x=1', '/?x=1', '%20', '%3f'),
    })
    .map(({ escapeAt, capitalAt, prefix, suffix }) => {
      let target = path;
      if (capitalAt !== null)
        target = target.slice(0, capitalAt) + target[capitalAt]!.toUpperCase() + target.slice(capitalAt + 1);
      for (const at of [...new Set(escapeAt)].sort((a, b) => b - a)) target = escaped(target, at);
      return prefix + target + suffix;
    });

describe('spellings of a path', () => {
  it('every spelling of a page, a document or a script has the security headers of its route', async () => {
    const guarded = [
      '/api/docs',
      '/api/docs/swagger-ui-init.js',
      '/device',
      '/account',
      '/auth/set-password',
      '/api/docs/oauth2-redirect.html',
      '/api/docs/errors/not_found',
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...guarded).chain(spellings), async (target) => {
        const { status, headers } = await send('GET', target, ['accept: text/html']);
        if (status >= 300) return;
        expect(headers['x-frame-options']).toBe('DENY');
        expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      }),
      { numRuns: 150, seed: 11 },
    );
  });

  it('every spelling of an LLM route is refused in its own error format or not found', async () => {
    await fc.assert(
      fc.asyncProperty(spellings('/v1/openai/chat/completions'), async (target) => {
        const { status, body } = await send('POST', target, ['content-type: application/json'], '{"model":"x"}');
        expect([400, 401, 404]).toContain(status);
        if (status === 401)
          expect(JSON.parse(body.replace(/^[^{]*/, '').replace(/[^}]*$/, ''))).toHaveProperty('error.code');
        expect(stage.fake.started).toBe(0);
      }),
      { numRuns: 100, seed: 12 },
    );
  });

  it('no spelling of the registration endpoint evades its rate limit', async () => {
    const register = (target: string) =>
      send(
        'POST',
        target,
        ['content-type: application/json', 'x-forwarded-for: 10.99.0.1'],
        JSON.stringify({
          client_name: 'app',
          redirect_uris: ['http://localhost:5174/callback'],
          token_endpoint_auth_method: 'none',
        }),
      );
    const path = '/api/auth/oauth2/register';
    let registered = 0;
    const odd = [
      `${path}/`,
      '/api/auth/oauth2/Register',
      '/api/auth/oauth2/registe%72',
      `http://x.example${path}`,
      `${path}//`,
    ];
    for (let i = 0; i < 260; i++)
      if ((await register(i % 2 ? path : odd[(i / 2) % odd.length]!)).status === 201) registered++;
    const limited = (await register(path)).status;
    expect(limited).toBe(429);
    for (const target of odd) expect([404, 429]).toContain((await register(target)).status);
    expect(registered).toBe(120);
  });

  it.each([
    '/api/docs/..',
    '/api/docs/%2e%2e',
    '/api/docs%00',
    '/api//docs',
    '/api/docs/%5c',
    '/device/',
    '/Device',
    '/api/auth/oauth2/Token',
  ])('the spelling %s gets 404', async (target) => {
    expect((await send('GET', target, ['accept: text/html'])).status).toBe(404);
  });

  it("an absolute-form request target is routed by its path under the gateway's own origin", async () => {
    const { status, body } = await send('GET', 'http://elsewhere.example/.well-known/openid-configuration');
    expect(status).toBe(200);
    expect(body).not.toContain('elsewhere.example');
    const llm = await send('GET', 'http://elsewhere.example/v1/openai/models');
    expect(llm.status).toBe(401);
    expect(llm.headers['www-authenticate']).toContain('resource_metadata=');
  });
});

describe('the header Host', () => {
  it.each(['/readyz', '/v1/openai/models', '/api/me', '/api/auth/oauth2/authorize', '/account'])(
    'a repeated Host header on %s gets 400',
    async (target) => {
      const { status } = await send('GET', target, ['Host: localhost', 'host: elsewhere.example']);
      expect(status).toBe(400);
    },
  );
});

describe('credentials in paths and labels', () => {
  const token = 'llm_ut_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9t0';

  it('credentials in paths and labels are masked in logs, records and problem details', async () => {
    const { status, body } = await send('GET', `/api/users/${token}`, [
      `authorization: Bearer ${stage.gateway.adminKey}`,
    ]);
    expect([400, 404]).toContain(status);
    expect(body).not.toContain(token);
    const key = await stage.virtualKey();
    const answer = await stage.wire.call(
      'POST',
      '/v1/openai/chat/completions',
      [
        ['authorization', `Bearer ${key.value}`],
        ['content-type', 'application/json'],
        ['x-archestra-agent-id', `agent ${token}`],
        ['x-archestra-session-id', token],
      ],
      '{"model":"gpt-5.4","messages":[]}',
    );
    const record = await stage.recordOf(answer);
    expect(JSON.stringify(record)).not.toContain(token);
    expect(record).toMatchObject({ agent_id: 'agent [masked]', session_id: '[masked]' });
    expect(stage.gateway.log.join('\n')).not.toContain(token);
  });
});

describe('caching of the admin API', () => {
  it('a response of the admin API has cache-control: no-store', async () => {
    const { status, headers } = await send('GET', '/api/me', [`authorization: Bearer ${stage.gateway.adminKey}`]);
    expect(status).toBe(200);
    expect(headers['cache-control']).toBe('no-store');
  });
});
