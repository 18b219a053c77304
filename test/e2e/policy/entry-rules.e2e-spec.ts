/**
 * The addresses, hours and labels that an LLM proxy requires of calls: on a provider's route and on the Model Router
 * alike.
 */
import { expectRefusal } from '../../support/http/llm-errors.js';
import { startStage, type Stage, type VirtualKey } from '../../support/gateway/stage.js';
import type { HeaderList, WireResponse } from '../../support/http/wire-client.js';

const messages = [{ role: 'user', content: 'Say hello.' }];
const SURFACES = [
  ['a provider route', 'openai', 'gpt-5.4'],
  ['the Model Router', 'model-router', 'openai:gpt-5.4'],
] as const;
/** A Wednesday. */
const NOON = Date.parse('2031-01-15T12:00:00Z');

let stage: Stage;
let key: VirtualKey;
beforeAll(async () => {
  stage = await startStage();
  key = await stage.virtualKey();
}, 60_000);
afterAll(() => stage.close());
beforeEach(() => stage.fake.forget());

const proxyWith = (policy: object): Promise<string> => stage.llmProxy({ policy });
const from = (address: string): HeaderList => [['x-forwarded-for', address]];

function call(surface: string, model: string, proxyId: string, headers: HeaderList = []): Promise<WireResponse> {
  const all: HeaderList = [['authorization', `Bearer ${key.value}`], ['content-type', 'application/json'], ...headers];
  return stage.wire.call(
    'POST',
    `/v1/${surface}/${proxyId}/chat/completions`,
    all,
    JSON.stringify({ model, messages }),
  );
}

async function expectDenied(answer: WireResponse, reason: string, words: RegExp): Promise<void> {
  expectRefusal('openai', answer, { status: 403, code: 'policy_denied' });
  expect(answer.json.error.message).toMatch(words);
  expect(stage.fake.started).toBe(0);
  expect(await stage.recordOf(answer)).toMatchObject({
    error_code: 'policy_denied',
    error_reason: reason,
    status: 403,
  });
}

describe.each(SURFACES)('entry rules on %s', (_, surface, model) => {
  it('allowedIpRanges admits only calls from these networks, as trusted proxies name them', async () => {
    const proxyId = await proxyWith({ allowedIpRanges: ['192.0.2.0/24', '2001:db8::/32'] });
    await expectDenied(
      await call(surface, model, proxyId, from('198.51.100.7')),
      'address_not_allowed',
      /198\.51\.100\.7/,
    );
    await expectDenied(await call(surface, model, proxyId, from('2001:db9::1')), 'address_not_allowed', /2001:db9::1/);
    // Only the rightmost address that is not a trusted proxy's counts: those before it are the caller's invention.
    await expectDenied(
      await call(surface, model, proxyId, from('192.0.2.1, 198.51.100.7')),
      'address_not_allowed',
      /198\.51\.100\.7/,
    );
    for (const address of ['192.0.2.44', '2001:db8::44']) {
      expect((await call(surface, model, proxyId, from(address))).status).toBe(200);
    }
  });

  it('allowedHours admits calls only in these hours', async () => {
    const { clock } = stage.gateway;
    const proxyId = await proxyWith({
      allowedHours: [{ days: ['wed'], from: '13:00', to: '14:00', timeZone: 'Europe/Berlin' }],
    });
    const before = clock.offsetMs;
    try {
      clock.offsetMs = NOON - Date.now();
      expect((await call(surface, model, proxyId)).status).toBe(200);
      stage.fake.forget();
      clock.advance(3_600_000);
      await expectDenied(
        await call(surface, model, proxyId),
        'outside_allowed_hours',
        /wed 13:00–14:00 \(Europe\/Berlin\)/,
      );
    } finally {
      clock.offsetMs = before;
    }
  });

  it('requiredHeaders admits only calls with these labels', async () => {
    const proxyId = await proxyWith({ requiredHeaders: ['agent', 'run'] });
    await expectDenied(
      await call(surface, model, proxyId),
      'label_missing',
      /X-Archestra-Agent-Id, X-Archestra-Run-Id/,
    );
    await expectDenied(
      await call(surface, model, proxyId, [
        ['x-archestra-agent-id', 'crawler'],
        ['x-archestra-run-id', ' '],
      ]),
      'label_missing',
      /must name their run/,
    );
    expect((await call(surface, model, proxyId, [['x-archestra-meta', 'crawler/7']])).status).toBe(200);
  });

  it('a changed entry rule applies to the next call', async () => {
    const proxyId = await proxyWith({ requiredHeaders: ['user'] });
    expect((await call(surface, model, proxyId)).status).toBe(403);
    await stage.gateway.admin.patch(`/api/llm-proxies/${proxyId}`, { policy: { requiredHeaders: null } });
    expect((await call(surface, model, proxyId)).status).toBe(200);
  });

  it('an entry rule refuses before the request body arrives', async () => {
    const proxyId = await proxyWith({ requiredHeaders: ['agent'] });
    const request = stage.wire.start('POST', `/v1/${surface}/${proxyId}/chat/completions`, [
      ['authorization', `Bearer ${key.value}`],
      ['content-type', 'application/json'],
      ['content-length', '1000000'],
    ]);
    const status = await new Promise((resolve, reject) => {
      request.once('error', reject);
      request.once('response', (answer) => resolve(answer.statusCode));
      request.flushHeaders();
    });
    expect(status).toBe(403);
    request.on('error', () => undefined);
    request.destroy();
  });
});
