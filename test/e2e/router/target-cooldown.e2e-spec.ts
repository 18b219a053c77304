/** Promise: calls to an alias begin with targets that work, and when none does the client gets their errors. */
import { json, type Responder } from '../../support/providers/fake-provider.js';
import { hangUp, replay } from '../../support/providers/recorded-responses.js';
import { Scenario } from '../../support/gateway/scenario.js';

const GROQ = 'groq:llama-3.3-70b-versatile';
const OPENAI = 'openai:gpt-5.4';
const ANTHROPIC = 'anthropic:claude-sonnet-5';
const PATHS = { groq: '/openai/v1/chat/completions', openai: '/v1/chat/completions', anthropic: '/v1/messages' };

let scenario: Scenario;
beforeAll(async () => {
  scenario = await Scenario.start('groq', 'openai', 'anthropic');
  const make = (name: string, models: string[], more = {}) =>
    scenario.gateway.admin.create('/api/model-aliases', {
      name,
      targets: models.map((model, priority) => ({ model, priority })),
      ...more,
    });
  await make('fast', [GROQ, OPENAI]);
  await make('one', [GROQ, OPENAI], { maxAttempts: 1 });
  await make('picky', [GROQ, ANTHROPIC]);
});
afterAll(() => scenario.close());
beforeEach(() => {
  scenario.forget();
  // Ends all cooldowns.
  scenario.gateway.clock.advance(20 * 60_000);
  on('groq', works);
  on('openai', works);
});

const works = replay('openai', 'chat.json');
const fails = (status: number, headers: Record<string, string> = {}): Responder =>
  json(status, { error: { message: `no ${status}`, type: 'server_error', param: null, code: null } }, headers);
const on = (provider: keyof typeof PATHS, answer: Responder): void =>
  void scenario.vendor.on('POST', PATHS[provider], answer);
const wait = (seconds: number): void => scenario.gateway.clock.advance(seconds * 1000);

async function call(model = 'fast', { key = scenario.keys.virtual, ...more }: Record<string, unknown> = {}) {
  const { baseUrl } = scenario.target('', { provider: 'model-router' });
  const answer = await fetch(`${baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${String(key)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi' }], ...more }),
  });
  const { error } = await answer.json();
  const tried = answer.headers.get('x-gateway-attempts');
  return { status: answer.status, retryAfter: answer.headers.get('retry-after'), tried, error };
}
const tried = async (model?: string, more = {}): Promise<string | null> => (await call(model, more)).tried;

describe('a target that failed recently', () => {
  it.each([
    ['500', fails(500), 'status=500'],
    ['429', fails(429), 'status=429'],
    ['no connection', hangUp, 'error=upstream_unreachable'],
  ])('a failed target is tried last until its cooldown ends: %s', async (_name, answer, told) => {
    on('groq', answer);
    expect(await tried()).toBe(`${GROQ};${told}, ${OPENAI};status=200`);
    expect(await tried()).toBe(`${OPENAI};status=200`);
    wait(1.1);
    expect(await tried()).toBe(`${GROQ};${told}, ${OPENAI};status=200`);
    wait(1.1);
    expect(await tried()).toBe(`${OPENAI};status=200`);
    wait(1.1);
    on('groq', works);
    expect(await tried()).toBe(`${GROQ};status=200`);
  });

  it('a target cools down for its retry-after', async () => {
    on('groq', fails(429, { 'retry-after': '40' }));
    await call();
    wait(39);
    expect(await tried()).toBe(`${OPENAI};status=200`);
    wait(2);
    expect(await tried()).toContain(GROQ);
  });

  it('a failed direct call cools its target down for aliases with one attempt', async () => {
    on('groq', fails(503));
    expect((await call(GROQ)).status).toBe(503);
    expect(await tried('one')).toBe(`${OPENAI};status=200`);
    wait(2);
    expect(await tried('one')).toBe(`${GROQ};status=503`);
  });

  it('targets are tried in order if all of them are cooling down', async () => {
    on('groq', fails(500));
    on('openai', fails(500));
    await call();
    on('groq', works);
    expect(await tried()).toBe(`${GROQ};status=200`);
  });

  it('the cooldown of a target with one key does not affect another key', async () => {
    const { admin } = scenario.gateway;
    const stored = await admin.create('/api/llm-provider-api-keys', {
      name: 'second',
      provider: 'groq',
      apiKey: 'gsk_0123456789abcdef',
    });
    const providerApiKeys = [{ provider: 'groq', providerApiKeyId: stored.id }];
    const { value: key } = await admin.create('/api/llm-virtual-keys', { name: 'second', providerApiKeys });
    on('groq', fails(429, { 'retry-after': '40' }));
    await call();
    on('groq', works);
    expect(await tried()).toBe(`${OPENAI};status=200`);
    expect(await tried('fast', { key })).toContain(`${GROQ};status=200`);
  });

  it('the explanation shows a cooling target as held_down', async () => {
    on('groq', fails(429, { 'retry-after': '40' }));
    await call();
    const principal = { virtualKeyId: scenario.ids.virtualKey };
    const explained = async () => {
      const { body } = await scenario.gateway.admin.post('/api/explain', { principal, model: 'fast' });
      return body.places.map(({ provider, decision, share, reason }: Record<string, unknown>) => [
        provider,
        decision,
        share,
        reason,
      ]);
    };
    expect(await explained()).toEqual([
      ['openai', 'first', 1, 'ok'],
      ['groq', 'fallback', 0, 'held_down'],
    ]);
    wait(41);
    expect(await explained()).toEqual([
      ['groq', 'first', 1, 'ok'],
      ['openai', 'fallback', 1, 'ok'],
    ]);
  });
});

describe('failure of every target', () => {
  it('the last error is returned with the shortest wait of all targets', async () => {
    on('groq', fails(429, { 'retry-after': '4' }));
    on('openai', fails(429, { 'retry-after': '30' }));
    expect(await call()).toMatchObject({ status: 429, retryAfter: '4', error: { message: 'no 429' } });
    wait(61);
    on('openai', fails(500));
    expect(await call()).toMatchObject({ status: 500, retryAfter: null, error: { message: 'no 500' } });
  });

  it.each([
    ['busy', fails(429, { 'retry-after': '4' }), 429, '4', 'rate_limited'],
    ['failing', fails(503), 503, null, 'upstream_error'],
    ['away', hangUp, 502, null, 'upstream_unreachable'],
  ])(
    'an error of another target wins over an unreachable last target: %s',
    async (_how, answer, status, retryAfter, code) => {
      on('groq', answer);
      on('openai', hangUp);
      expect(await call()).toMatchObject({ status, retryAfter, error: { code } });
      const record = await scenario.record();
      expect([record.status, record.errorCode]).toEqual([status, code]);
    },
  );

  it.each([
    ['busy', fails(429, { 'retry-after': '4' }), 429, '4', 'rate_limited'],
    ['failing', fails(529), 529, null, 'upstream_error'],
    ['away', hangUp, 502, null, 'upstream_unreachable'],
  ])(
    'an error of another target wins over a target that cannot take the call: %s',
    async (_how, answer, status, retryAfter, code) => {
      on('groq', answer);
      const told = await call('picky', { n: 2 });
      expect(told).toMatchObject({ status, retryAfter, error: { code } });
      expect(told.error.message).toContain(GROQ);
    },
  );
});
