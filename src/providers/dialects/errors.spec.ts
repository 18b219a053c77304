import type { ErrorCode } from '../../platform/errors/error-catalog.js';
import { GatewayError, type GatewayErrorOptions } from '../../platform/errors/gateway-error.js';
import type { Dialect, StreamPosition } from './base/dialect.js';
import { getDialect } from './registry.js';
import { createOpenAiDialect } from './openai.dialect.js';

const openai = getDialect('openai');
const anthropic = getDialect('anthropic');
const gemini = getDialect('gemini');
const cohere = getDialect('cohere');
const ollama = getDialect('ollama');
const ALL = [openai, anthropic, gemini, cohere, ollama];

const WHOLE_EVENTS = { before: 'whole events', isComplete: true } as const;

const error = (code: ErrorCode, options?: GatewayErrorOptions) => new GatewayError(code, 'Say what to do.', options);
function rendered(dialect: Dialect, thrown: GatewayError, path?: string) {
  const { status, headers, body } = dialect.renderError(thrown, 'req-1', path);
  return { status, headers, body: JSON.parse(body) as unknown };
}

/** Returns the data of the only event in these bytes. */
function event(bytes: Buffer): { event: string | null; data: unknown } {
  const lines = bytes.toString().trim().split('\n');
  const value = (field: string) => lines.find((line) => line.startsWith(`${field}: `))?.slice(field.length + 2) ?? null;
  return { event: value('event'), data: JSON.parse(value('data')!) };
}

describe("errors in OpenAI's form", () => {
  it.each([
    ['invalid_body', 400, 'invalid_request_error'],
    ['credential_invalid', 401, 'authentication_error'],
    ['budget_exceeded', 402, 'insufficient_quota'],
    ['policy_denied', 403, 'permission_error'],
    ['model_not_found', 404, 'not_found_error'],
    ['body_too_large', 413, 'invalid_request_error'],
    ['rate_limited', 429, 'rate_limit_error'],
    ['upstream_timeout', 504, 'server_error'],
  ] as const)('the OpenAI error %s has status %i and type %s', (code, status, type) => {
    const answer = rendered(openai, error(code));
    expect(answer).toMatchObject({ status, body: { error: { message: 'Say what to do.', type, param: null, code } } });
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
  });

  it('OpenAI errors have the variants that the SDKs of other vendors validate', () => {
    const limited = error('rate_limited');
    const told = { message: 'Say what to do.', type: 'rate_limit_error', param: null, code: 'rate_limited' };
    const marked = rendered(createOpenAiDialect({ flat: 'marked' }), limited);
    expect(marked.body).toEqual({ object: 'error', ...told, error: told });
    const cerebras = createOpenAiDialect({ flat: 'plain', textParam: true, chunkInStream: true });
    const named = { ...told, param: '' };
    expect(rendered(cerebras, limited).body).toEqual({ ...named, error: named });
    expect(event(cerebras.renderStreamError(limited, 'r', 'chat/completions')).data).toEqual({
      error: named,
      choices: [],
    });
    const numbered = createOpenAiDialect({ numericCode: true });
    const { body, headers } = rendered(numbered, limited);
    expect(body).toEqual({ error: { ...told, code: 429 } });
    expect(headers['x-gateway-error']).toBe('rate_limited');
    expect(event(numbered.renderStreamError(limited, 'r', 'chat/completions')).data).toEqual(body);
  });

  it('an OpenAI error names the parameter', () => {
    const wrong = error('unsupported_parameter', { fields: [{ pointer: '/messages/0/content', detail: 'x' }] });
    expect(rendered(openai, wrong).body).toMatchObject({ error: { param: 'messages[0].content' } });
  });

  it('budget_exceeded on responses has status 429 and type usage_limit_reached, which stops Codex', () => {
    const { status, headers, body } = rendered(
      openai,
      error('budget_exceeded', { retryAfterSeconds: 86_400 }),
      'responses',
    );
    expect(status).toBe(429);
    expect(headers['x-should-retry']).toBe('false');
    expect(headers).not.toHaveProperty('retry-after');
    const told = (body as { error: { type: string; code: string; resets_at: number } }).error;
    expect(told).toMatchObject({ type: 'usage_limit_reached', code: 'budget_exceeded' });
    expect(told.resets_at * 1000 - Date.now()).toBeGreaterThan(86_000_000);
  });

  it('an OpenAI stream error is a chunk in Chat and response.failed in Responses', () => {
    const chat = event(openai.renderStreamError(error('upstream_unreachable'), 'req-1', 'chat/completions'));
    expect(chat).toEqual({
      event: null,
      data: { error: { message: 'Say what to do.', type: 'server_error', param: null, code: 'upstream_unreachable' } },
    });
    for (const path of ['responses', 'openai/v1/responses']) {
      expect(event(openai.renderStreamError(error('upstream_unreachable'), 'req-1', path))).toMatchObject({
        event: 'response.failed',
        data: {
          type: 'response.failed',
          response: {
            object: 'response',
            status: 'failed',
            error: { code: 'upstream_unreachable', message: 'Say what to do.' },
          },
        },
      });
    }
  });
});

describe("errors in Anthropic's form", () => {
  it.each([
    ['invalid_body', 'invalid_request_error'],
    ['credential_missing', 'authentication_error'],
    ['operation_not_allowed', 'permission_error'],
    ['path_not_found', 'not_found_error'],
    ['body_too_large', 'request_too_large'],
    ['rate_limited', 'rate_limit_error'],
    ['internal_error', 'api_error'],
  ] as const)('the Anthropic error %s has type %s', (code, type) => {
    const { headers, body } = rendered(anthropic, error(code));
    expect(body).toEqual({ type: 'error', error: { type, message: 'Say what to do.' }, request_id: 'req-1' });
    expect(headers['x-gateway-error']).toBe(code);
  });

  it("budget_exceeded in Anthropic's form has enforced_spend_limit_reached and no retry-after", () => {
    const { status, headers, body } = rendered(anthropic, error('budget_exceeded', { retryAfterSeconds: 9 }));
    expect(status).toBe(402);
    expect(body).toMatchObject({
      error: { type: 'billing_error', details: { error_code: 'enforced_spend_limit_reached' } },
    });
    expect(headers).not.toHaveProperty('retry-after');
  });

  it('an Anthropic stream error is an error event', () => {
    expect(event(anthropic.renderStreamError(error('upstream_timeout'), 'req-1', 'v1/messages'))).toEqual({
      event: 'error',
      data: { type: 'error', error: { type: 'timeout_error', message: 'Say what to do.' }, request_id: 'req-1' },
    });
  });
});

describe("errors in Gemini's form", () => {
  it("a Gemini error has Google's status name and the retryDelay", () => {
    expect(rendered(gemini, error('credential_invalid'))).toMatchObject({
      status: 401,
      headers: { 'x-gateway-error': 'credential_invalid' },
      body: { error: { code: 401, message: 'Say what to do.', status: 'UNAUTHENTICATED', details: [] } },
    });
    expect(rendered(gemini, error('rate_limited', { retryAfterSeconds: 3 })).body).toMatchObject({
      error: { status: 'RESOURCE_EXHAUSTED', details: [{ retryDelay: '3s' }] },
    });
  });

  it('a Gemini stream error is an SSE event or the last array element', () => {
    const path = 'v1beta/models/m:streamGenerateContent';
    const data = { error: { code: 502, message: 'Say what to do.', status: 'UNAVAILABLE', details: [] } };
    expect(event(gemini.renderStreamError(error('upstream_unreachable'), 'r', `${path}?alt=sse`))).toEqual({
      event: null,
      data,
    });
    const element = gemini.renderStreamError(error('upstream_unreachable'), 'r', `${path}?key=`).toString();
    expect(JSON.parse(`[{}${element}]`)).toEqual([{}, data]);
    const at = (before: 'nothing' | 'whole events', isComplete: boolean): string =>
      gemini.renderStreamError(error('upstream_unreachable'), 'r', `${path}?key=`, { before, isComplete }).toString();
    expect(JSON.parse(`[{}${at('whole events', true)}`)).toEqual([{}, data]);
    expect(JSON.parse(at('nothing', true))).toEqual([data]);
    expect(JSON.parse(`${at('nothing', false)}]`)).toEqual([data]);
  });
});

describe("errors in Cohere's form", () => {
  it('a Cohere error has message and id, and a stream ends with finish_reason ERROR', () => {
    const { headers, body } = rendered(cohere, error('provider_not_mapped'));
    expect(body).toEqual({ message: 'Say what to do.', id: 'req-1' });
    expect(headers['x-gateway-error']).toBe('provider_not_mapped');
    expect(event(cohere.renderStreamError(error('upstream_timeout'), 'req-1', 'v2/chat'))).toMatchObject({
      event: 'message-end',
      data: { type: 'message-end', delta: { finish_reason: 'ERROR' } },
    });
  });
});

describe('errors in a stream of JSON lines', () => {
  const timeout = error('upstream_timeout');
  const lines = (dialect: Dialect, path: string, position?: StreamPosition): string =>
    dialect.renderStreamError(timeout, 'req-1', path, position).toString();

  it.each(['nothing', 'whole events'] as const)('a stream error is one JSON line after %s', (before) => {
    const position = { before, isComplete: true, form: 'lines' } as const;
    expect(lines(ollama, 'api/chat', position)).toBe('{"error":"Say what to do."}\n');
    const end = lines(cohere, 'v1/chat', position);
    expect(end).toMatch(/^[^\n]+\n$/);
    expect(JSON.parse(end)).toEqual({
      ...{ is_finished: true, event_type: 'stream-end', finish_reason: 'ERROR', error: 'Say what to do.' },
      response: { response_id: 'req-1', text: '', finish_reason: 'ERROR' },
    });
  });

  it('a stream error after an unfinished line ends that line first', () => {
    expect(lines(ollama, 'api/chat')).toBe('\n{"error":"Say what to do."}\n');
    expect(lines(cohere, 'v1/chat').startsWith('\n{')).toBe(true);
  });

  it('a stream error for a Cohere client that accepts events is an event', () => {
    const bytes = cohere.renderStreamError(timeout, 'r', 'v1/chat', { ...WHOLE_EVENTS, form: 'events' });
    expect(event(bytes)).toMatchObject({ event: null, data: { event_type: 'stream-end', finish_reason: 'ERROR' } });
  });

  it('an Ollama error is a text, and its code is in x-gateway-error', () => {
    const { status, headers, body } = rendered(ollama, error('credential_missing'));
    expect([status, body]).toEqual([401, { error: 'Say what to do.' }]);
    expect(headers['x-gateway-error']).toBe('credential_missing');
  });
});

describe.each(ALL)('errors in $id', (dialect) => {
  const isEvents = dialect.streamForms === undefined || dialect.streamForms.includes('events');

  it(`a ${dialect.id} error shows neither internal details nor reason nor cause`, () => {
    const secret = error('internal_error', { internal: 'secret-a', reason: 'secret-b', cause: new Error('secret-c') });
    const { headers, body } = dialect.renderError(secret, 'req-1');
    expect(JSON.stringify(headers) + body + dialect.renderStreamError(secret, 'r', '').toString()).not.toContain(
      'secret-',
    );
  });

  it(`a ${dialect.id} error carries its headers and a retry-after of at most 60 seconds`, () => {
    const limited = error('rate_limited', { retryAfterSeconds: 3000, headers: { 'x-ratelimit-limit-requests': '5' } });
    expect(dialect.renderError(limited, 'r').headers).toMatchObject({
      'x-ratelimit-limit-requests': '5',
      'retry-after': '60',
      'retry-after-ms': '60000',
    });
    const soon = dialect.renderError(error('rate_limited', { retryAfterSeconds: 1.25 }), 'r').headers;
    expect(soon).toMatchObject({ 'retry-after': '2', 'retry-after-ms': '1250' });
  });

  it(`a ${dialect.id} stream error ends an unfinished event first`, () => {
    const cut = 'data: {"half';
    const text = cut + dialect.renderStreamError(error('upstream_timeout'), 'r', '').toString();
    expect(text.split(isEvents ? '\n\n' : '\n')[0]).toBe(cut);
    expect(text).not.toContain('[DONE]');
  });

  it.each(['nothing', 'whole events'] as const)(
    `a ${dialect.id} stream error makes no empty event after %s`,
    (before) => {
      const position = { before, isComplete: true };
      const paths = ['', 'responses', 'v1beta/models/m:streamGenerateContent?alt=sse'];
      for (const path of paths) {
        const text = dialect.renderStreamError(error('upstream_timeout'), 'r', path, position).toString();
        expect(text).toMatch(isEvents ? /^(?:event: [a-z.-]+\n)?data: \{[^\n]*\}\n\n$/ : /^\{[^\n]*\}\n$/);
      }
    },
  );
});
