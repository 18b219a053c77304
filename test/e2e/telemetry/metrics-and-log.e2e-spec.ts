/** Operators' view of calls: metrics by Prometheus, and one line per call in the log. */
import { FakeProvider, events, json } from '../../support/providers/fake-provider.js';
import { freePort, startGateway, type TestGateway } from '../../support/gateway/gateway.js';

const KEY = 'sk-proj-0123456789abcdef';
const USAGE = {
  prompt_tokens: 100,
  completion_tokens: 20,
  total_tokens: 120,
  prompt_tokens_details: { cached_tokens: 40 },
  completion_tokens_details: { reasoning_tokens: 5 },
};
const CHUNK = 'data: {"id":"c1","object":"chat.completion.chunk","model":"gpt-4o-2024-08-06","choices":[]';

let provider: FakeProvider;
let gateway: TestGateway;
let metricsPort: number;

beforeAll(async () => {
  provider = await FakeProvider.start();
  provider.on('POST', '/v1/chat/completions', (request, response) => {
    const { model, stream } = JSON.parse(request.body.toString()) as { model: string; stream?: boolean };
    if (model === 'overloaded')
      return json(529, { error: { message: 'secret words of the prompt' } })(request, response);
    if (stream)
      return events([`${CHUNK}}\n\n`, `${CHUNK},"usage":${JSON.stringify(USAGE)}}\n\n`, 'data: [DONE]\n\n'])(
        request,
        response,
      );
    return json(200, { id: 'c1', object: 'chat.completion', model, choices: [], usage: USAGE })(request, response);
  });
  metricsPort = await freePort();
  gateway = await startGateway({ LLM_OPENAI_BASE_URL: `${provider.url}/v1`, METRICS_PORT: String(metricsPort) });
});

afterAll(async () => {
  await gateway.close();
  await provider.close();
});

const call = async (body: unknown, key = KEY, path = 'chat/completions?tag=in-query'): Promise<Response> => {
  const response = await fetch(`${gateway.url}/v1/openai/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  await response.text();
  return response;
};

const scrape = async (): Promise<string> => {
  const response = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  return response.text();
};

/** Returns the value of the series whose name and labels contain all of `parts`. */
const valueOf = (text: string, ...parts: string[]): number => {
  const lines = text.split('\n').filter((line) => !line.startsWith('#') && parts.every((part) => line.includes(part)));
  if (lines.length !== 1) throw new Error(`${lines.length} series for ${parts.join(' ')}:\n${lines.join('\n')}`);
  return Number(lines[0]!.split(' ').at(-1));
};

describe('metrics', () => {
  let text: string;

  beforeAll(async () => {
    expect((await call({ model: 'gpt-4o-2024-08-06' })).status).toBe(200);
    expect((await call({ model: 'gpt-4o-2024-08-06', stream: true })).status).toBe(200);
    expect((await call({ model: 'my-very-own' })).status).toBe(200);
    expect((await call({ model: 'overloaded' })).status).toBe(529);
    expect((await call({ model: 'gpt-4o' }, 'arch_wrong')).status).toBe(401);
    await gateway.flushRecords();
    text = await scrape();
  });

  it('metrics time calls and first tokens by operation, provider, listed model and error', () => {
    const duration = 'gen_ai_client_operation_duration_seconds_count';
    expect(valueOf(text, duration, 'model="gpt-4o"', 'gen_ai_operation_name="chat"', 'error_type=""')).toBe(2);
    expect(valueOf(text, duration, 'model="other"', 'error_type=""')).toBe(1);
    expect(valueOf(text, duration, 'model="other"', 'error_type="529"')).toBe(1);
    expect(valueOf(text, 'gen_ai_server_time_to_first_token_seconds_count', 'provider_name="openai"')).toBe(1);
    expect(text).not.toContain('my-very-own');
  });

  it('metrics count tokens by type, and cost', () => {
    const tokens = (type: string): number =>
      valueOf(text, 'gatehouse_tokens_total', 'model="gpt-4o"', `type="${type}"`);
    expect(['input', 'cached_input', 'output', 'reasoning'].map(tokens)).toEqual([200, 80, 40, 10]);
    expect(valueOf(text, 'gen_ai_client_token_usage_sum', 'model="gpt-4o"', 'token_type="output"')).toBe(40);
    expect(valueOf(text, 'gatehouse_cost_usd_total', 'model="gpt-4o"')).toBeGreaterThan(0);
  });

  it('metrics count calls by authentication method and outcome, and errors by code', () => {
    expect(valueOf(text, 'gatehouse_calls_total', 'auth_method="provider-key"', 'outcome="success"')).toBe(3);
    expect(valueOf(text, 'gatehouse_calls_total', 'outcome="refused"')).toBe(1);
    expect(valueOf(text, 'gatehouse_errors_total', 'error_type="credential_invalid"')).toBe(1);
  });

  it('metrics show the time and cache use of authentication and the state of the process', () => {
    expect(valueOf(text, 'gatehouse_auth_duration_seconds_count', 'method="provider-key"', 'cache="miss"')).toBe(1);
    expect(valueOf(text, 'gatehouse_principal_cache_lookups_total', 'result="hit"')).toBe(3);
    expect(valueOf(text, 'gatehouse_principal_cache_entries')).toBe(1);
    expect(valueOf(text, 'gatehouse_open_exchanges')).toBe(0);
    expect(valueOf(text, 'gatehouse_records_lost_total')).toBe(0);
    expect(valueOf(text, 'gatehouse_content_lost_total')).toBe(0);
    expect(valueOf(text, 'gatehouse_refusals_unrecorded_total')).toBe(0);
    expect(text).toContain('process_cpu_seconds_total');
  });

  it('with METRICS_PORT the main port has no /metrics and the metrics port nothing else', async () => {
    expect((await fetch(`${gateway.url}/metrics`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${metricsPort}/livez`)).status).toBe(404);
  });
});

describe('call log', () => {
  const linesOf = (requestId: string): Record<string, unknown>[] =>
    gateway.log
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => line['msg'] === 'call' && line['requestId'] === requestId);

  it('the log has one JSON line per call with its tokens and cost', async () => {
    const response = await call({ model: 'gpt-4o-2024-08-06' });
    expect(linesOf(response.headers.get('x-request-id')!)).toEqual([
      expect.objectContaining({
        level: 'info',
        method: 'provider-key',
        provider: 'openai',
        operation: 'chat',
        model: 'gpt-4o-2024-08-06',
        status: 200,
        outcome: 'success',
        inputTokens: 100,
        cachedInputTokens: 40,
        outputTokens: 20,
        reasoningTokens: 5,
        costUsd: expect.any(Number),
        ms: expect.any(Number),
      }),
    ]);
  });

  it('the log line of a provider error has the level warn', async () => {
    const response = await call({ model: 'overloaded' });
    const [line] = linesOf(response.headers.get('x-request-id')!);
    expect(line).toMatchObject({ level: 'warn', status: 529, outcome: 'upstream_error' });
  });

  it('the log line of a refusal has its error code', async () => {
    const response = await call({ model: 'gpt-4o' }, 'arch_wrong');
    const [line] = linesOf(response.headers.get('x-request-id')!);
    expect(line).toMatchObject({ level: 'info', status: 401, outcome: 'refused', code: 'credential_invalid' });
  });

  it('the log line of a call is valid JSON for any model name', async () => {
    const model = 'a"b\\c\n{"level":"error"}\u2028';
    const response = await call({ model });
    expect(linesOf(response.headers.get('x-request-id')!)).toEqual([expect.objectContaining({ level: 'info', model })]);
  });

  it('the log contains no credential, query or body text', () => {
    expect(gateway.log.join('')).not.toMatch(/sk-proj|in-query|secret words/);
  });
});
