/**
 * Promise: the router gives no access that its caller would not have otherwise, reveals no secret, and fails on no
 * request.
 */
import { json, type Responder } from '../../support/providers/fake-provider.js';
import { RunningCalls } from '../../../src/proxy/call/running-calls.js';
import type { Json } from '../../support/http/admin-client.js';
import { UsageRecorder } from '../../../src/usage/recording/usage-recorder.js';
import {
  openResponse,
  openStream,
  replay,
  silence,
  wire as recorded,
} from '../../support/providers/recorded-responses.js';
import { Scenario } from '../../support/gateway/scenario.js';
import { eventually, WireClient, type OpenResponse } from '../../support/http/wire-client.js';

const PROVIDERS = ['openai', 'anthropic', 'groq', 'gemini', 'cohere', 'openrouter', 'bedrock'] as const;
const MODELS: readonly string[] = [
  'openai:gpt-5.4',
  'anthropic:claude-sonnet-5',
  'gemini:gemini-2.5-flash',
  'cohere:command-a-03-2025',
  'bedrock:us.anthropic.claude-sonnet-4-5',
];
const CLIENT_FORMATS = ['chat/completions', 'responses', 'v1/messages'] as const;

let scenario: Scenario;
let wire: WireClient;
/** How often each call was recorded. */
const recordedCalls = new Map<string, number>();
beforeAll(async () => {
  scenario = await Scenario.start(...PROVIDERS);
  scenario.gateway.app.nest
    .get(UsageRecorder)
    .onRecord(({ id }) => void recordedCalls.set(id, (recordedCalls.get(id) ?? 0) + 1));
  wire = new WireClient(scenario.gateway.url);
});
afterAll(async () => {
  wire.close();
  await scenario.close();
});
beforeEach(() => scenario.forget());

interface Sent {
  key?: string;
  headers?: Record<string, string>;
  proxyId?: string;
}

const headersFor = ({ key, headers = {} }: Sent) =>
  Object.entries({
    authorization: `Bearer ${key ?? scenario.keys.virtual}`,
    'content-type': 'application/json',
    ...headers,
  });
const pathOf = (path: string, { proxyId }: Sent) =>
  `/v1/model-router/${proxyId === undefined ? '' : `${proxyId}/`}${path}`;
const ask = (path: string, body: unknown, sent: Sent = {}) =>
  wire.call('POST', pathOf(path, sent), headersFor(sent), typeof body === 'string' ? body : JSON.stringify(body));
const open = (path: string, body: unknown, sent: Sent = {}): Promise<OpenResponse> =>
  wire.open('POST', pathOf(path, sent), headersFor(sent), JSON.stringify(body));
const codeOf = ({ json: body, headers }: { json: Json; headers: Json }): unknown =>
  headers['x-gateway-error'] ?? body?.error?.code;

const hello = [{ role: 'user', content: 'Hi' }];
/** Returns the same question in each front's format. */
const question = (front: string, model: string, more: object = {}): Json =>
  front === 'responses'
    ? { model, input: 'Hi', ...more }
    : { model, messages: hello, ...(front === 'v1/messages' && { max_tokens: 5 }), ...more };
const everywhere = CLIENT_FORMATS.flatMap((front) => MODELS.map((model): [string, string] => [front, model]));

const vendorsAnswer = (answer: Responder): void => void scenario.vendor.on('POST', /./, answer);
const refuse = (status: number): Responder => json(status, { error: { message: 'not now', type: 'server_error' } });
const make = (path: string, body: object): Promise<Json> => scenario.gateway.admin.create(path, body);
const store = (provider: string, apiKey: string, more: object = {}): Promise<Json> =>
  make('/api/llm-provider-api-keys', {
    name: `${provider} ${apiKey.slice(0, 8)}`,
    provider,
    apiKey,
    scope: 'org',
    ...more,
  });
const virtualKey = (keys: readonly Json[], more: object = {}): Promise<Json> =>
  make('/api/llm-virtual-keys', {
    name: 'attacker',
    providerApiKeys: keys.map(({ id, provider }) => ({ provider, providerApiKeyId: id })),
    ...more,
  });
const proxyWith = async (policy: object): Promise<string> =>
  (await make('/api/llm-proxies', { name: JSON.stringify(policy), policy })).id;
const withAlias = async (name: string, targets: readonly string[], use: () => Promise<void>, more: object = {}) => {
  const { id } = await make('/api/model-aliases', { name, targets: targets.map((model) => ({ model })), ...more });
  try {
    await use();
  } finally {
    await scenario.gateway.admin.delete(`/api/model-aliases/${id}`);
  }
};
/** Returns the only record of the call with this response. */
async function recordOf({ headers }: { headers: Json }): Promise<Json> {
  const found = (await scenario.records()).filter(({ requestId }) => requestId === headers['x-request-id']);
  expect(found).toHaveLength(1);
  return found[0];
}
const nothingIsOpen = () =>
  eventually(() => scenario.gateway.app.nest.get(RunningCalls, { strict: false }).count === 0, 'no open exchange');

describe('policies', () => {
  let denying: string;
  let short: string;
  beforeAll(async () => {
    denying = await proxyWith({ deniedModels: ['*gpt-5.4*', '*claude*', 'gemini-2.5*', 'command-*'] });
    short = await proxyWith({ maxOutputTokens: 4 });
  });

  it.each([...everywhere, ...MODELS.map((model): [string, string] => ['v1/messages/count_tokens', model])])(
    'deniedModels applies to %s of %s',
    async (front, model) => {
      const answer = await ask(front, question(front, model), { proxyId: denying });
      expect([answer.status, codeOf(answer)]).toEqual([403, 'policy_denied']);
      expect(scenario.vendor.received).toEqual([]);
    },
  );

  it.each([
    ['a slash', '{"model":"openai/gpt-5.4","messages":[]}'],
    ['capital letters', '{"model":"openai:GPT-5.4","messages":[]}'],
    ['escapes', '{"mod\\u0065l":"open\\u0061i:gpt\\u002d5.4","messages":[]}'],
    ['the prefix models/', '{"model":"gemini:models/gemini-2.5-flash","messages":[{"role":"user","content":"x"}]}'],
    ['a list of models', '{"model":"openrouter:a/b","models":["x/y","openai/gpt-5.4"],"messages":[]}'],
    ['an escaped list', '{"model":"openrouter:a/b","model\\u0073":["openai/gpt-5.4"],"messages":[]}'],
  ])('deniedModels applies to a model name with %s', async (_name, body) => {
    const answer = await ask('chat/completions', body, { proxyId: denying });
    expect([answer.status, codeOf(answer)]).toEqual([403, 'policy_denied']);
    expect(scenario.vendor.received).toEqual([]);
  });

  it.each(CLIENT_FORMATS)('deniedModels removes denied models of a models list from %s', async (front) => {
    vendorsAnswer(replay('openai', 'chat.json'));
    await ask(front, question(front, 'openrouter:a/b', { models: ['openai/gpt-5.4'] }), { proxyId: denying });
    for (const { body } of scenario.vendor.received) expect(body.toString()).not.toContain('gpt-5.4');
  });

  it.each(everywhere)('maxOutputTokens applies to %s of %s', async (front, model) => {
    const name =
      front === 'responses' ? 'max_output_tokens' : front === 'v1/messages' ? 'max_tokens' : 'max_completion_tokens';
    const answer = await ask(front, question(front, model, { [name]: 5 }), { proxyId: short });
    expect([answer.status, codeOf(answer)]).toEqual([403, 'policy_denied']);
    expect(scenario.vendor.received).toEqual([]);
  });

  it.each(MODELS)('maxOutputTokens applies to max_tokens beside max_completion_tokens for %s', async (model) => {
    vendorsAnswer(refuse(400));
    const more = { max_completion_tokens: 3, max_tokens: 5_000 };
    await ask('chat/completions', question('chat', model, more), { proxyId: short });
    for (const { body } of scenario.vendor.received) expect(body.toString()).not.toContain('5000');
  });

  it.each(MODELS)('allowedModels of a virtual key apply to %s on every path', async (model) => {
    const keys = Object.entries(scenario.ids.storedKeys).map(([provider, id]) => ({ provider, id }));
    const { value } = await virtualKey(keys, { allowedModels: ['groq:*'] });
    for (const front of [...CLIENT_FORMATS, 'v1/messages/count_tokens', 'embeddings']) {
      const answer = await ask(
        front,
        { ...question(front, model), ...(front === 'embeddings' && { input: 'x' }) },
        { key: value },
      );
      expect([front, answer.status]).toEqual([
        front,
        front === 'embeddings' && /anthropic|claude/.test(model) ? answer.status : 403,
      ]);
    }
    expect(scenario.vendor.received).toEqual([]);
  });

  it('denied targets of an alias are skipped and receive no call', async () => {
    await withAlias('mixed', ['openai:gpt-5.4', 'anthropic:claude-sonnet-5', 'groq:llama'], async () => {
      scenario.vendor
        .on('POST', /./, refuse(500))
        .on('POST', '/openai/v1/chat/completions', replay('openai', 'chat.json'));
      const answer = await ask('chat/completions', question('chat', 'mixed'), { proxyId: denying });
      expect(answer.status).toBe(200);
      expect(scenario.vendor.received.map(({ url }) => url)).toEqual(['/openai/v1/chat/completions']);
      const counted = await ask('v1/messages/count_tokens', question('v1/messages', 'mixed'), { proxyId: denying });
      expect(counted.status).toBe(200);
    });
    await withAlias('closed', ['openai:gpt-5.4', 'anthropic:claude-sonnet-5'], async () => {
      for (const front of [...CLIENT_FORMATS, 'v1/messages/count_tokens']) {
        const answer = await ask(front, question(front, 'closed'), { proxyId: denying });
        expect([front, answer.status]).toEqual([front, 403]);
      }
    });
  });
});

describe('refused callers', () => {
  const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln';
  it.each([
    ['GET', 'models'],
    ['GET', 'models/openai:gpt-5.4'],
    ['GET', 'nothing'],
    ['POST', 'v1/messages/count_tokens'],
    ['POST', 'embeddings'],
    ['POST', 'chat%2Fcompletions'],
  ])('a token of an identity provider is refused with 401 on %s %s', async (method, path) => {
    const answer = await wire.call(method, `/v1/model-router/${path}`, headersFor({ key: jwt }), '{}');
    expect([answer.status, codeOf(answer)]).toEqual([401, 'method_not_accepted']);
  });

  it('a direct key beside a virtual key is refused with 401', async () => {
    const answer = await ask('chat/completions', question('chat', MODELS[0]!), {
      key: 'sk-direct-0123456789',
      headers: { 'x-archestra-virtual-key': scenario.keys.virtual },
    });
    expect([answer.status, codeOf(answer)]).toEqual([401, 'method_not_accepted']);
  });

  it.each(MODELS)('token counting for %s is refused with 400 without a mapped key', async (model) => {
    const answer = await ask('v1/messages/count_tokens', question('v1/messages', model), {
      key: scenario.keys.unmapped,
    });
    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain('input_tokens');
  });
});

describe('secrets', () => {
  const quoting =
    (type: string): Responder =>
    (seen, response) =>
      json(
        401,
        { error: { message: JSON.stringify(seen.headers) }, message: JSON.stringify(seen.headers) },
        { 'content-type': type },
      )(seen, response);

  it.each(
    everywhere.flatMap(([front, model]) =>
      [false, true].map((stream): [string, string, boolean] => [front, model, stream]),
    ),
  )('a stored key that %s of %s quotes in an error is masked (stream: %s)', async (front, model, stream) => {
    for (const type of ['application/json', 'text/plain', 'text/event-stream']) {
      vendorsAnswer(quoting(type));
      const answer = await ask(front, question(front, model, { stream }));
      expect(answer.status).toBe(401);
      expect(answer.text).not.toContain(scenario.keys.stored);
      expect(JSON.stringify(answer.headers)).not.toContain(scenario.keys.stored);
    }
    expect(JSON.stringify(await scenario.record())).not.toContain(scenario.keys.stored);
  });

  it.each(everywhere)('credentials and addresses of the caller are not sent on by %s of %s', async (front, model) => {
    vendorsAnswer(refuse(400));
    const { virtual } = scenario.keys;
    const headers = {
      'user-agent': virtual,
      'x-api-key': virtual,
      'x-odd': `Bearer ${virtual}`,
      cookie: `session=${virtual}`,
      'x-forwarded-for': '192.0.2.1',
    };
    await ask(front, question(front, model), { headers });
    expect(scenario.vendor.received).toHaveLength(1);
    const { url, rawHeaders, body } = scenario.vendor.received[0]!;
    expect(`${url} ${rawHeaders.join(' ')} ${body.toString()}`).not.toMatch(/arch_|session=|192\.0\.2\.1/);
  });

  it('parts of an AWS access key in an error are masked', async () => {
    const parts = {
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: 'secret/of/aws/0123456789abcdef',
      sessionToken: 'token/of/aws/0123456789abcdef',
    };
    const key = await virtualKey([await store('bedrock', JSON.stringify(parts))]);
    vendorsAnswer((seen, response) =>
      json(403, {
        message: `The Canonical String should have been 'x-amz-security-token:${String(seen.headers['x-amz-security-token'])}'`,
      })(seen, response),
    );
    const answer = await ask('chat/completions', question('chat', MODELS[4]!), { key: key.value });
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('x-amz-security-token:[provider key]');
    expect(answer.text).not.toContain(parts.sessionToken);
  });

  it('secrets and headers of one key are not sent to the next provider of an alias', async () => {
    const groq = await store('groq', 'groq-secret-0123456789', { extraHeaders: { 'x-groq-only': 'groq-header' } });
    const anthropic = await store('anthropic', 'anthropic-secret-0123456789');
    const openai = await store('openai', 'openai-secret-0123456789', {
      extraHeaders: { 'x-openai-only': 'openai-header' },
    });
    const key = await virtualKey([groq, anthropic, openai]);
    await withAlias('chain', ['groq:a', 'anthropic:claude-sonnet-5', 'openai:b'], async () => {
      vendorsAnswer(refuse(500));
      const headers = { cookie: 'session=abc', 'x-api-key': key.value, 'x-hidden': key.value };
      await ask('chat/completions', question('chat', 'chain'), { key: key.value, headers });
      const seen = scenario.vendor.received.map(({ rawHeaders, url }) => `${url} ${rawHeaders.join(' ')}`);
      expect(seen).toHaveLength(3);
      for (const [i, name] of ['groq', 'anthropic', 'openai'].entries()) {
        expect(seen[i]).toContain(`${name}-secret`);
        for (const other of ['groq', 'anthropic', 'openai'].filter((each) => each !== name)) {
          expect(seen[i]).not.toContain(`${other}-secret`);
          expect(seen[i]).not.toContain(`${other}-header`);
        }
        expect(seen[i]).not.toMatch(/arch_|session=abc/);
      }
    });
  });

  it.each(everywhere)('a redirect in response to %s of %s is not followed and becomes a 502', async (front, model) => {
    vendorsAnswer(json(307, {}, { location: `${scenario.vendor.url}/elsewhere` }));
    const answer = await ask(front, question(front, model));
    expect(answer.status).toBe(502);
    expect(answer.headers.location).toBeUndefined();
    expect(scenario.vendor.received).toHaveLength(1);
    expect(await recordOf(answer)).toMatchObject({ status: 502, outcome: 'error', errorCode: 'upstream_unreachable' });
  });
});

describe('files by URL', () => {
  it.each(['gemini:gemini-2.5-flash', 'bedrock:us.anthropic.claude-sonnet-4-5'])(
    'a file for %s is not fetched from hosts that only providers may use',
    async (model) => {
      const url = `${scenario.vendor.url}/api/tags`;
      const content = [{ type: 'image_url', image_url: { url } }];
      const answer = await ask('chat/completions', { model, messages: [{ role: 'user', content }] });
      expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid_body']);
      expect(answer.text).not.toContain(url);
      expect(scenario.vendor.started).toBe(0);
    },
  );
});

describe('model names', () => {
  it.each(PROVIDERS)('an overlong model name for %s is refused with 400 invalid_body', async (provider) => {
    const answer = await ask('chat/completions', question('chat', `${provider}:${'x'.repeat(100_000)}`));
    expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid_body']);
    expect(answer.text.length).toBeLessThan(1_000);
  });

  it.each(PROVIDERS)('a model name for %s with a lone surrogate is refused with 400 invalid_body', async (provider) => {
    const answer = await ask(
      'chat/completions',
      `{"model":"${provider}:a\\ud800b","messages":[{"role":"user","content":"x"}]}`,
    );
    expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid_body']);
  });

  it.each(['gemini:../../x', 'bedrock:..', 'bedrock:a?b#c', 'gemini:a/b'])(
    'the model name %s leads to no other path',
    async (model) => {
      const answer = await ask('chat/completions', question('chat', model));
      expect([403, 404]).toContain(answer.status);
      expect(scenario.vendor.received).toEqual([]);
    },
  );
});

describe('responses that cannot be read', () => {
  const odd: Record<string, Responder> = {
    'an HTML page': json(200, '<html>', { 'content-type': 'text/html' }),
    'an empty body': json(200, ''),
    'a status 204': (_seen, response) => void response.writeHead(204).end(),
    null: json(200, 'null'),
    'JSON with null members': json(
      200,
      '{"choices":[null],"content":[null],"candidates":[null],"output":null,"message":null}',
    ),
    'compressed bytes': json(200, Buffer.from('1f8b08000000000000ff', 'hex'), { 'content-encoding': 'gzip' }),
  };
  it.each(
    Object.keys(odd).flatMap((name) =>
      ['openai:gpt-5.4', ...MODELS.slice(1)].map((model): [string, string] => [name, model]),
    ),
  )('a response that is %s from %s becomes a 502 upstream_unreachable', async (name, model) => {
    vendorsAnswer(odd[name]!);
    const front = model.startsWith('openai') ? 'v1/messages' : 'chat/completions';
    for (const stream of [false, true]) {
      const answer = await ask(front, question(front, model, { stream }));
      expect([answer.status, codeOf(answer)]).toEqual([502, 'upstream_unreachable']);
      expect(answer.headers['content-encoding']).toBeUndefined();
      expect(await recordOf(answer)).toMatchObject({ status: 502, outcome: 'error' });
    }
  });
});

describe('responses in another form than requested', () => {
  it.each([
    ['whole response to a streamed call', true, 'chat.json'],
    ['streamed response to a whole call', false, 'chat-stream.sse'],
  ])('a %s becomes a 502 upstream_unreachable', async (_name, stream, file) => {
    for (const [provider, model] of [
      ['anthropic', MODELS[1]!],
      ['gemini', MODELS[2]!],
      ['cohere', MODELS[3]!],
    ] as const) {
      vendorsAnswer(replay(provider, file));
      const answer = await ask('chat/completions', question('chat', model, { stream }));
      expect([answer.status, codeOf(answer)]).toEqual([502, 'upstream_unreachable']);
    }
  });
});

describe('aliases', () => {
  // Ends the cooldown of targets that failed before.
  beforeEach(() => void scenario.gateway.clock.advance(60_000));

  const credentials = (tokenUrl: string): string =>
    JSON.stringify({
      type: 'authorized_user',
      client_id: 'c',
      client_secret: 's',
      refresh_token: 'r',
      token_uri: tokenUrl,
    });
  const vertexKey = () =>
    store('vertex', credentials(`${scenario.vendor.url}/token`), {
      baseUrl: `${scenario.vendor.url}/v1/projects/p/locations/l`,
    });

  it('an alias skips a target whose token cannot be bought', async () => {
    const openai = { provider: 'openai', id: scenario.ids.storedKeys['openai'] };
    const key = await virtualKey([openai, await vertexKey()]);
    scenario.vendor
      .on('POST', /./, replay('openai', 'chat.json'))
      .on('POST', '/token', (_seen, response) => void response.destroy());
    await withAlias('either', ['vertex:gemini-2.5-flash', 'openai:gpt-5.4'], async () => {
      const answer = await ask('chat/completions', question('chat', 'either'), { key: key.value });
      expect(answer.status).toBe(200);
      expect(answer.headers['x-gateway-attempts']).toContain('vertex:gemini-2.5-flash;error=upstream_unreachable');
    });
  });

  it('a client that disconnects while a token is bought ends the call with 499', async () => {
    const key = await virtualKey([await vertexKey()]);
    let give!: () => void;
    const desk = openResponse((response) => {
      give = () =>
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"access_token":"late","expires_in":60}');
    });
    scenario.vendor.on('POST', '/token', desk.answer);
    const call = wire.start('POST', '/v1/model-router/chat/completions', headersFor({ key: key.value }));
    call.on('error', () => undefined);
    call.end(JSON.stringify(question('chat', 'vertex:gemini-2.5-flash')));
    await desk.reached;
    call.destroy();
    // The disconnect must arrive before the token does.
    await new Promise((resolve) => setTimeout(resolve, 200));
    give();
    await nothingIsOpen();
    expect(scenario.vendor.received.map(({ url }) => url)).toEqual(['/token']);
    expect(await scenario.record()).toMatchObject({ outcome: 'client_aborted', status: 499 });
  });

  it('an alias does not read a failed response to its end before it fails over', async () => {
    const endless = openResponse((response) => {
      response.writeHead(500, { 'content-type': 'text/plain' });
      const pour = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', pour);
      pour();
    });
    scenario.vendor
      .on('POST', '/openai/v1/chat/completions', endless.answer)
      .on('POST', '/v1/chat/completions', replay('openai', 'chat.json'));
    await withAlias('on', ['groq:a', 'openai:b'], async () => {
      const answer = await ask('chat/completions', question('chat', 'on'));
      expect(answer.status).toBe(200);
      await endless.closed;
    });
  });

  it('a client that disconnects during the second attempt cancels it and gives one record', async () => {
    const held = silence();
    scenario.vendor.on('POST', '/openai/v1/chat/completions', refuse(503)).on('POST', '/v1/messages', held.answer);
    await withAlias('second', ['groq:a', 'anthropic:claude-sonnet-5', 'openai:b'], async () => {
      const call = wire.start('POST', '/v1/model-router/chat/completions', headersFor({}));
      call.on('error', () => undefined);
      call.end(JSON.stringify(question('chat', 'second')));
      await held.reached;
      call.destroy();
      await held.closed;
      await nothingIsOpen();
      const records = (await scenario.records()).filter(({ requestedModel }) => requestedModel === 'second');
      expect(records).toHaveLength(1);
      expect(records[0]).toMatchObject({ outcome: 'client_aborted', status: 499 });
      expect(records[0].attempts.map(({ model, status }: Json) => [model, status])).toEqual([
        ['groq:a', 503],
        ['anthropic:claude-sonnet-5', null],
      ]);
      expect(scenario.vendor.received).toHaveLength(2);
    });
  });

  it('an alias deleted during a call still serves that call', async () => {
    const alias = await make('/api/model-aliases', {
      name: 'fleeting',
      targets: [{ model: 'groq:a' }, { model: 'openai:b' }],
    });
    scenario.vendor
      .on('POST', '/openai/v1/chat/completions', async (seen, response) => {
        await scenario.gateway.admin.delete(`/api/model-aliases/${alias.id}`);
        await refuse(500)(seen, response);
      })
      .on('POST', '/v1/chat/completions', replay('openai', 'chat.json'));
    expect((await ask('chat/completions', question('chat', 'fleeting'))).status).toBe(200);
    expect((await ask('chat/completions', question('chat', 'fleeting'))).status).toBe(404);
  });

  it('an alias with an alias as its target is refused with 400', async () => {
    const { status } = await scenario.gateway.admin.post('/api/model-aliases', {
      name: 'loop',
      targets: [{ model: 'loop' }],
    });
    expect(status).toBe(400);
  });
});

describe('translated streams', () => {
  /** Provider, model, and index of the first event with text in the recorded stream. */
  const STREAMS: [provider: string, model: string, firstText: number][] = [
    ['anthropic', 'claude-sonnet-5', 3],
    ['gemini', 'gemini-2.5-flash', 1],
    ['cohere', 'command-a-03-2025', 2],
  ];
  const FILE = 'chat-stream.sse';
  const cases = CLIENT_FORMATS.flatMap((front) =>
    STREAMS.filter(([provider]) => front !== 'v1/messages' || provider !== 'anthropic').map(
      ([provider, model, firstText]): [string, string, string, number] => [
        front,
        provider,
        `${provider}:${model}`,
        firstText,
      ],
    ),
  );
  const begun = (provider: string, firstText: number) => openStream(provider, FILE, firstText + 1);

  it.each(cases)(
    'a client of %s that disconnects ends the stream at the provider (%s)',
    async (front, provider, model, firstText) => {
      const held = begun(provider, firstText);
      vendorsAnswer(held.answer);
      const answer = await open(front, question(front, model, { stream: true }));
      await answer.until('data:');
      answer.abort();
      await held.closed;
      await nothingIsOpen();
      const record = await recordOf(answer);
      expect(record).toMatchObject({ outcome: 'client_aborted', status: 200, provider });
      expect(record.inputTokens).toBeGreaterThan(0);
      expect(record.attempts).toMatchObject([{ status: 200 }]);
    },
  );

  it.each(cases)(
    'revoking the credential cuts a stream to a client of %s with an error event (%s)',
    async (front, provider, model, firstText) => {
      const keys = Object.entries(scenario.ids.storedKeys).map(([id, keyId]) => ({ provider: id, id: keyId }));
      const key = await virtualKey(keys);
      const held = begun(provider, firstText);
      vendorsAnswer(held.answer);
      const answer = await open(front, question(front, model, { stream: true }), { key: key.value });
      await answer.until('data:');
      await scenario.gateway.admin.post(`/api/llm-virtual-keys/${key.id}/revoke`);
      const { complete, text } = await answer.ended;
      expect(complete).toBe(true);
      expect(text).not.toMatch(/\[DONE\]|message_stop|response\.completed/);
      expect(text.split('\n\n').filter(Boolean).at(-1)).toMatch(/error|failed/);
      await held.closed;
      await nothingIsOpen();
      expect(await recordOf(answer)).toMatchObject({ outcome: 'cut', errorCode: 'credential_invalid' });
    },
  );

  it.each(cases)(
    'a stream that the provider ends too early ends with an error for a client of %s (%s)',
    async (front, provider, model, firstText) => {
      const cut = begun(provider, firstText);
      vendorsAnswer(async (seen, response) => {
        await cut.answer(seen, response);
        response.end();
      });
      const answer = await ask(front, question(front, model, { stream: true }));
      expect(answer.complete).toBe(true);
      expect(answer.text).not.toMatch(/\[DONE\]|message_stop|response\.completed/);
      expect(answer.text.split('\n\n').filter(Boolean).at(-1)).toMatch(/error|failed/);
      expect(await recordOf(answer)).toMatchObject({ outcome: 'error', errorReason: 'stream_cut' });
      await nothingIsOpen();
    },
  );

  it.each(cases)('a slow client of %s slows the provider down (%s)', async (front, provider, model, firstText) => {
    let written = 0;
    const flood = openResponse((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const events = recorded(provider, FILE)
        .toString()
        .split(/(?<=\n\n)/);
      const texts = events[firstText]!.repeat(500);
      response.write(events.slice(0, firstText).join(''));
      const pour = (): void => {
        for (let free = true; free && !response.destroyed && written < 256 * 1024 * 1024;) {
          written += texts.length;
          free = response.write(texts);
        }
      };
      response.on('drain', pour);
      pour();
    });
    vendorsAnswer(flood.answer);
    const answer = await open(front, question(front, model, { stream: true }));
    answer.message.pause();
    let before = -1;
    await eventually(
      async () => {
        before = written;
        await new Promise((resolve) => setTimeout(resolve, 500));
        return written === before;
      },
      'a provider that waits',
      15_000,
    );
    expect(written).toBeLessThan(64 * 1024 * 1024);
    answer.abort();
    await flood.closed;
    await nothingIsOpen();
  });
});

it('no call is recorded twice', () => {
  expect(recordedCalls.size).toBeGreaterThan(0);
  expect([...recordedCalls.values()].filter((times) => times !== 1)).toEqual([]);
});
