/**
 * Promise: one address reaches every model that the credential reaches; bytes pass unchanged if the vendor speaks the
 * client's dialect.
 */
import { json } from '../../support/providers/fake-provider.js';
import { dying, hangUp, replay, wireJson } from '../../support/providers/recorded-responses.js';
import { Scenario } from '../../support/gateway/scenario.js';

let scenario: Scenario;
beforeAll(async () => void (scenario = await Scenario.start('openai', 'anthropic', 'groq')));
afterAll(() => scenario.close());
beforeEach(() => scenario.forget());

interface Sent {
  method?: string;
  key?: string;
  headers?: Record<string, string>;
  proxyId?: string;
}

/** Returns the router's response at this path. */
async function ask(path: string, body: unknown, { method = 'POST', key, headers = {}, proxyId }: Sent = {}) {
  const { baseUrl } = scenario.target('', { provider: 'model-router', proxyId });
  const text = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await fetch(`${baseUrl}/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key ?? scenario.keys.virtual}`,
      ...(text === null ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: text,
  });
  const told = await answer.text();
  return { status: answer.status, headers: answer.headers, text: told, json: () => JSON.parse(told) };
}

const hello = [{ role: 'user', content: 'Grüß Gott! 👋' }];
const error = (status: number, headers: Record<string, string> = {}) =>
  json(status, { error: { message: 'not now', type: 'server_error', param: null, code: null } }, headers);

describe("a vendor with OpenAI's dialect", () => {
  it('an OpenAI call reaches the vendor byte for byte except for the model', async () => {
    scenario.vendor.on('POST', '/v1/chat/completions', replay('openai', 'chat.json'));
    const sent =
      '{ "x_unknown": [1, 2.50e1], "model" : "openai:gpt-5.4",\n "messages":[{"role":"user","content":"Hi"}] }';
    const { status, text, headers } = await ask('chat/completions', sent);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual(wireJson('openai', 'chat.json'));
    expect(headers.get('x-gateway-provider')).toBe('openai');
    expect(Number(headers.get('x-gateway-cost-usd'))).toBeGreaterThan(0);
    expect(scenario.vendor.received.map(({ body }) => body.toString())).toEqual([
      sent.replace('openai:gpt-5.4', 'gpt-5.4'),
    ]);
  });

  it.each(['openai/gpt-5.4', 'openai:ft:gpt-5.4:acme'])('the vendor and its model are read from %s', async (model) => {
    scenario.vendor.on('POST', '/v1/chat/completions', replay('openai', 'chat.json'));
    await ask('v1/chat/completions', { model, messages: hello });
    expect(JSON.parse(scenario.vendor.received[0]!.body.toString()).model).toBe(model.slice('openai:'.length));
  });

  it("a stream's usage is recorded even if the client did not ask for it", async () => {
    scenario.vendor.on('POST', '/v1/chat/completions', replay('openai', 'chat-stream.sse'));
    const { text, headers } = await ask('chat/completions', { model: 'openai:gpt-5.4', messages: hello, stream: true });
    expect(headers.get('content-type')).toContain('text/event-stream');
    expect(text).toContain('data: [DONE]');
    expect(text).not.toContain('"prompt_tokens":57');
    const record = await scenario.record();
    expect(record).toMatchObject({
      surface: 'model-router',
      provider: 'openai',
      inputTokens: 57,
      requestedModel: 'openai:gpt-5.4',
    });
    expect(record.attempts).toEqual([
      {
        model: 'openai:gpt-5.4',
        providerKeyId: scenario.ids.storedKeys.openai,
        status: 200,
        errorCode: null,
      },
    ]);
  });

  it("a Responses call reaches OpenAI's Responses API unchanged", async () => {
    scenario.vendor.on('POST', '/v1/responses', replay('openai', 'responses.json'));
    const own = await ask('responses', { model: 'openai:gpt-5.4', input: 'Hi' });
    expect(own.json()).toEqual(wireJson('openai', 'responses.json'));
  });
});

describe('a vendor with its own dialect', () => {
  it('a Chat call is translated to Messages, and the response to Chat', async () => {
    scenario.vendor.on('POST', '/v1/messages', replay('anthropic', 'chat.json'));
    const {
      status,
      headers,
      json: body,
    } = await ask('chat/completions', {
      model: 'anthropic:claude-sonnet-5',
      messages: [{ role: 'system', content: 'Be brief.' }, ...hello],
      seed: 7,
    });
    expect(status).toBe(200);
    expect(headers.get('x-gateway-dropped')).toBe('seed');
    expect(headers.get('x-gateway-provider')).toBe('anthropic');
    const answer = body();
    const wire = wireJson('anthropic', 'chat.json');
    expect(answer.object).toBe('chat.completion');
    expect(answer.choices[0].message.content).toBe(
      wire.content.map((block: { text?: string }) => block.text ?? '').join(''),
    );
    const [seen] = scenario.vendor.received;
    expect(seen!.headers['x-api-key']).toBe(scenario.keys.stored);
    expect(seen!.headers['anthropic-version']).toBe('2023-06-01');
    expect(seen!.headers.authorization).toBeUndefined();
    const asked = JSON.parse(seen!.body.toString());
    expect(asked.model).toBe('claude-sonnet-5');
    expect(JSON.stringify(asked.system)).toContain('Be brief.');
  });

  it('maxOutputTokens of the LLM proxy limits max_tokens of a translated call', async () => {
    scenario.vendor.on('POST', '/v1/messages', replay('anthropic', 'chat.json'));
    const policy = { maxOutputTokens: 321 };
    const { id: proxyId } = await scenario.gateway.admin.create('/api/llm-proxies', { name: 'Short', policy });
    await ask('chat/completions', { model: 'anthropic:claude-sonnet-5', messages: hello }, { proxyId });
    expect(JSON.parse(scenario.vendor.received[0]!.body.toString()).max_tokens).toBe(321);
  });

  it('x-gateway-dropped is a valid and bounded header for any member names', async () => {
    scenario.vendor.on('POST', '/v1/messages', replay('anthropic', 'chat.json'));
    const odd = { 'a\r\nset-cookie: x=1': 1, 'Grüße, Welt': 2, [`long${'x'.repeat(9000)}`]: 3 };
    const { status, headers } = await ask('chat/completions', {
      model: 'anthropic:claude-sonnet-5',
      messages: hello,
      ...odd,
      ...Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`x_${i}`, i])),
    });
    expect(status).toBe(200);
    expect(headers.get('set-cookie')).toBeNull();
    const dropped = headers.get('x-gateway-dropped')!;
    expect(dropped).toContain('Gr__e__Welt');
    expect(dropped.length).toBeLessThan(6000);
  });

  it('a translated stream arrives as Chat and is metered', async () => {
    scenario.vendor.on('POST', '/v1/messages', replay('anthropic', 'chat-stream.sse'));
    const { text, headers } = await ask('chat/completions', {
      model: 'anthropic:claude-sonnet-5',
      messages: hello,
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(headers.get('content-type')).toContain('text/event-stream');
    const events = text.split('\n\n').filter((event) => event !== '');
    expect(events.at(-1)).toBe('data: [DONE]');
    const usage = JSON.parse(events.at(-2)!.slice('data: '.length)).usage;
    const record = await scenario.record();
    expect(record).toMatchObject({
      provider: 'anthropic',
      inputTokens: usage.prompt_tokens,
      outputTokens: usage.completion_tokens,
    });
  });

  it("a vendor's error is translated to OpenAI's form with status and retry-after", async () => {
    const overloaded = {
      type: 'error',
      error: { type: 'rate_limit_error', message: 'Slow down.' },
      request_id: 'req_1',
    };
    scenario.vendor.on('POST', '/v1/messages', json(429, overloaded, { 'retry-after': '7' }));
    const {
      status,
      headers,
      json: body,
    } = await ask('chat/completions', { model: 'anthropic:claude-sonnet-5', messages: hello });
    expect([status, headers.get('retry-after')]).toEqual([429, '7']);
    expect(body().error).toMatchObject({ message: 'Slow down.', code: 'rate_limit_error' });
  });

  it('a stream cut at the vendor is cut at the client', async () => {
    scenario.vendor.on('POST', '/v1/messages', dying('anthropic', 'chat-stream.sse', 400));
    await expect(
      ask('chat/completions', { model: 'anthropic:claude-sonnet-5', messages: hello, stream: true }),
    ).rejects.toThrow();
  });
});

describe('Messages clients', () => {
  it('a Messages call to Anthropic returns its response unchanged', async () => {
    scenario.vendor.on('POST', '/v1/messages', replay('anthropic', 'chat.json'));
    const { json: body } = await ask('v1/messages', {
      model: 'anthropic:claude-sonnet-5',
      max_tokens: 9,
      messages: hello,
    });
    expect(body()).toEqual(wireJson('anthropic', 'chat.json'));
  });

  it('a Messages call reaches other vendors', async () => {
    scenario.vendor.on('POST', '/v1/chat/completions', replay('openai', 'chat.json'));
    const { json: body } = await ask('v1/messages', { model: 'openai:gpt-5.4', max_tokens: 9, messages: hello });
    expect(body()).toMatchObject({ type: 'message', role: 'assistant', content: [{ type: 'text' }] });
  });

  it("a refused Messages call gets Anthropic's error form", async () => {
    const { status, json: body } = await ask('v1/messages', { model: 'nobody-knows', max_tokens: 9, messages: hello });
    expect(status).toBe(404);
    expect(body()).toMatchObject({ type: 'error', error: { type: 'not_found_error' } });
  });

  it('v1/messages/count_tokens returns input_tokens', async () => {
    const { json: body } = await ask('v1/messages/count_tokens', { model: 'openai:gpt-5.4', messages: hello });
    expect(body().input_tokens).toBeGreaterThan(0);
  });
});

describe('refused calls', () => {
  it.each([
    [
      'a model without a provider when several are mapped',
      'chat/completions',
      { model: 'gpt-5.4', messages: hello },
      404,
      'model_not_found',
    ],
    [
      'a provider that the key is not mapped to',
      'chat/completions',
      { model: 'mistral:m', messages: hello },
      400,
      'provider_not_mapped',
    ],
    ['a body without a model', 'chat/completions', { messages: hello }, 400, 'invalid_body'],
    ['an unknown path', 'images/generations', { model: 'openai:x' }, 404, 'path_not_found'],
    [
      'several choices of a vendor that gives one',
      'chat/completions',
      { model: 'anthropic:claude-sonnet-5', messages: hello, n: 2 },
      400,
      'unsupported_parameter',
    ],
    [
      'embeddings of a vendor without embeddings',
      'embeddings',
      { model: 'anthropic:claude-sonnet-5', input: 'x' },
      400,
      'unsupported_parameter',
    ],
  ])('the router refuses %s', async (_name, path, body, status, code) => {
    const answer = await ask(path, body);
    expect([answer.status, answer.json().error.code]).toEqual([status, code]);
    expect(scenario.vendor.received).toEqual([]);
  });

  it('a direct key is refused with 401 method_not_accepted', async () => {
    const answer = await ask('chat/completions', { model: 'openai:gpt-5.4', messages: hello }, { key: 'sk-direct' });
    expect([answer.status, answer.json().error.code]).toEqual([401, 'method_not_accepted']);
  });

  it('a model that the LLM proxy denies is refused with 403 policy_denied', async () => {
    const answer = await ask(
      'chat/completions',
      { model: 'openai:gpt-5.4', messages: hello },
      { proxyId: scenario.closedProxyId },
    );
    expect([answer.status, answer.json().error.code]).toEqual([403, 'policy_denied']);
  });
});

describe('an alias', () => {
  const fast = { model: 'fast', messages: hello };
  let aliasId: string;
  beforeAll(async () => {
    const made = await scenario.gateway.admin.create('/api/model-aliases', {
      name: 'fast',
      targets: [
        { model: 'groq:llama-3.3-70b-versatile' },
        { model: 'anthropic:claude-sonnet-5' },
        { model: 'openai:gpt-5.4' },
      ],
    });
    aliasId = made.id;
    scenario.vendor.on('POST', '/v1/messages', error(529));
    scenario.vendor.on('POST', '/v1/chat/completions', replay('openai', 'chat.json'));
  });
  // Ends the cooldown of targets that failed in the previous test.
  beforeEach(() => scenario.gateway.clock.advance(20 * 60_000));
  afterAll(() => scenario.gateway.admin.delete(`/api/model-aliases/${aliasId}`));

  it.each([429, 500, 503])('an alias fails over after %i and reports its attempts', async (status) => {
    scenario.vendor.on('POST', '/openai/v1/chat/completions', error(status));
    const answer = await ask('chat/completions', fast);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-gateway-attempts')).toBe(
      `groq:llama-3.3-70b-versatile;status=${status}, anthropic:claude-sonnet-5;status=529, openai:gpt-5.4;status=200`,
    );
    const record = await scenario.record();
    expect(record).toMatchObject({ requestedModel: 'fast', provider: 'openai', status: 200, outcome: 'success' });
    expect(record.attempts.map(({ status: each }: { status: number }) => each)).toEqual([status, 529, 200]);
  });

  it('an alias fails over after a failed connection', async () => {
    scenario.vendor.on('POST', '/openai/v1/chat/completions', hangUp);
    const answer = await ask('chat/completions', fast);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-gateway-attempts')).toContain(
      'groq:llama-3.3-70b-versatile;error=upstream_unreachable',
    );
  });

  it('an alias does not fail over after status 400', async () => {
    scenario.vendor.on('POST', '/openai/v1/chat/completions', error(400));
    const answer = await ask('chat/completions', fast);
    expect(answer.status).toBe(400);
    expect(scenario.vendor.received).toHaveLength(1);
  });

  it('an alias does not fail over after the first byte of a stream', async () => {
    scenario.vendor.on('POST', '/openai/v1/chat/completions', dying('openai', 'chat-stream.sse', 300));
    await expect(ask('chat/completions', { ...fast, stream: true })).rejects.toThrow();
    expect(scenario.vendor.received).toHaveLength(1);
  });

  it('an alias whose targets all failed returns the last error', async () => {
    scenario.vendor.on('POST', '/openai/v1/chat/completions', error(500));
    scenario.vendor.on('POST', '/v1/chat/completions', error(503, { 'retry-after': '3' }));
    const answer = await ask('chat/completions', fast);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '3']);
    expect(answer.headers.get('x-gateway-attempts')).toContain('openai:gpt-5.4;status=503');
  });

  describe('a target that cannot take the call', () => {
    const several = { ...fast, n: 2 };
    const alias = async (targets: string[], body: object) => {
      const name = 'picky';
      const made = await scenario.gateway.admin.create('/api/model-aliases', {
        name,
        targets: targets.map((model) => ({ model })),
      });
      try {
        return await ask('chat/completions', { ...body, model: name });
      } finally {
        await scenario.gateway.admin.delete(`/api/model-aliases/${made.id}`);
      }
    };

    it('a target that cannot take the call is skipped', async () => {
      scenario.vendor.on('POST', '/openai/v1/chat/completions', error(503));
      scenario.vendor.on('POST', '/v1/chat/completions', replay('openai', 'chat.json'));
      const first = await alias(['anthropic:claude-sonnet-5', 'openai:gpt-5.4'], several);
      expect([first.status, first.headers.get('x-gateway-attempts')]).toEqual([
        200,
        'anthropic:claude-sonnet-5;error=unsupported_parameter, openai:gpt-5.4;status=200',
      ]);
      scenario.gateway.clock.advance(60_000);
      const between = await alias(['groq:llama', 'anthropic:claude-sonnet-5', 'openai:gpt-5.4'], several);
      expect([between.status, between.headers.get('x-gateway-attempts')]).toEqual([
        200,
        'groq:llama;status=503, anthropic:claude-sonnet-5;error=unsupported_parameter, openai:gpt-5.4;status=200',
      ]);
    });

    it('a target that cannot take the call does not hide that another is busy or unreachable', async () => {
      for (const [failing, status, code] of [
        [error(429), 429, 'rate_limited'],
        [error(500), 500, 'upstream_error'],
        [hangUp, 502, 'upstream_unreachable'],
      ] as const) {
        scenario.gateway.clock.advance(20 * 60_000);
        scenario.vendor.on('POST', '/openai/v1/chat/completions', failing);
        const answer = await alias(['groq:llama', 'anthropic:claude-sonnet-5'], several);
        expect([answer.status, answer.json().error.code]).toEqual([status, code]);
        expect(answer.json().error.message).toContain('groq:llama');
      }
    });

    it('a call that no target can take is refused with 400 unsupported_parameter', async () => {
      const answer = await alias(['anthropic:claude-sonnet-5', 'anthropic:claude-opus-5'], several);
      expect([answer.status, answer.json().error.code]).toEqual([400, 'unsupported_parameter']);
      const { attempts } = await scenario.record();
      expect(attempts.map(({ errorCode }: { errorCode: string }) => errorCode)).toEqual([
        'unsupported_parameter',
        'unsupported_parameter',
      ]);
    });
  });
});
