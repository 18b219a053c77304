/** Promise: an error that a vendor sends with status 200 reaches the client as an error, with the vendor's message. */
import { json } from '../../support/providers/fake-provider.js';
import { replay, torn } from '../../support/providers/recorded-responses.js';
import { Scenario } from '../../support/gateway/scenario.js';

const VENDORS = ['openai', 'mistral', 'minimax', 'openrouter', 'anthropic', 'gemini', 'cohere', 'bedrock'] as const;
const WORDS = 'The vendor’s own words.';
const PATHS = { chat: 'chat/completions', responses: 'responses', messages: 'v1/messages' };
type Kind = keyof typeof PATHS;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await Scenario.start(...VENDORS);
  await scenario.gateway.admin.create('/api/model-aliases', {
    name: 'either',
    targets: [{ model: 'openrouter:a/b' }, { model: 'openai:gpt-5.4' }],
  });
}, 60_000);
afterAll(() => scenario.close());
beforeEach(() => scenario.forget());

const ERRORS: Record<string, { body: object; status: number }> = {
  openai: { body: { error: { message: WORDS, type: 'server_error', param: null, code: null } }, status: 500 },
  mistral: { body: { object: 'error', message: WORDS, type: 'rate_limited', param: null, code: '1300' }, status: 429 },
  minimax: { body: { base_resp: { status_code: 1004, status_msg: WORDS } }, status: 401 },
  openrouter: {
    body: { id: 'x', choices: [{ index: 0, error: { code: 503, message: WORDS }, finish_reason: 'error' }] },
    status: 503,
  },
  anthropic: { body: { type: 'error', error: { type: 'overloaded_error', message: WORDS } }, status: 529 },
  gemini: { body: { error: { code: 429, message: WORDS, status: 'RESOURCE_EXHAUSTED' } }, status: 429 },
  cohere: { body: { id: 'x', message: WORDS }, status: 502 },
  bedrock: { body: { __type: 'ValidationException', message: WORDS }, status: 400 },
};

async function ask(kind: Kind, model: string, stream: boolean) {
  const { baseUrl } = scenario.target('', { provider: 'model-router' });
  const turn = [{ role: 'user', content: 'Hi' }];
  const body = kind === 'responses' ? { input: turn } : { messages: turn, max_tokens: 9 };
  const response = await fetch(`${baseUrl}/${PATHS[kind]}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${scenario.keys.virtual}`,
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
    },
    body: JSON.stringify({ model, stream, ...body }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const CASES = VENDORS.flatMap((vendor) =>
  (['chat', 'responses', 'messages'] as const).flatMap((kind) =>
    [false, true].map((stream) => [vendor, kind, stream ? 'stream' : 'whole'] as const),
  ),
);

it.each(CASES)(
  'an error of %s with status 200 fails for a client of %s that asked for a %s response',
  async (vendor, kind, form) => {
    const { body, status } = ERRORS[vendor]!;
    scenario.vendor.on('POST', /./, json(200, body));
    const told = await ask(kind, `${vendor}:m`, form === 'stream');
    expect(told.status).toBe(status);
    expect(told.text).toContain(WORDS);
    expect(JSON.parse(told.text)).toBeInstanceOf(Object);
    expect(await scenario.record()).toMatchObject({ status, outcome: 'upstream_error' });
  },
);

it.each([
  ['whole', false],
  ['stream', true],
])('an alias fails over after an error with status 200 to a %s response', async (_form, stream) => {
  scenario.gateway.clock.advance(20 * 60_000);
  scenario.vendor.on('POST', /./, json(200, ERRORS['openrouter']!.body));
  scenario.vendor.on('POST', '/v1/chat/completions', replay('openai', stream ? 'chat-stream.sse' : 'chat.json'));
  const { status, headers } = await ask('chat', 'either', stream);
  expect(status).toBe(200);
  expect(headers.get('x-gateway-attempts')).toBe('openrouter:a/b;status=503, openai:gpt-5.4;status=200');
  expect(await scenario.record()).toMatchObject({ outcome: 'success', servedModel: 'gpt-5.4-2026-03-05' });
});

it.each([
  ['chat', 'data: {"base_resp":{"status_code":1002,"status_msg":"The vendor’s own words."}}\n\n'],
  ['messages', 'data: {"base_resp":{"status_code":1002,"status_msg":"The vendor’s own words."}}\n\n'],
  ['responses', 'data: {"object":"error","message":"The vendor’s own words.","type":"x","code":"1"}\n\n'],
] as const)('an error at the start of a stream keeps its message for a client of %s', async (kind, events) => {
  scenario.vendor.on('POST', /./, torn(Buffer.from(events)));
  const { status, text } = await ask(kind, 'minimax:m', true);
  expect(status).toBe(200);
  expect(text).toContain(WORDS);
  expect(await scenario.record()).toMatchObject({ outcome: 'upstream_error' });
});

describe("a provider's own route", () => {
  it.each([
    ['openai', 'chat/completions', { model: 'm', messages: [] }],
    ['mistral', 'chat/completions', { model: 'm', messages: [] }],
    ['minimax', 'chat/completions', { model: 'm', messages: [] }],
    ['anthropic', 'v1/messages', { model: 'm', max_tokens: 9, messages: [] }],
    ['gemini', 'v1beta/models/m:generateContent', { contents: [] }],
    ['cohere', 'v2/chat', { model: 'm', messages: [] }],
    ['bedrock', 'model/m/converse', { messages: [] }],
  ])(
    'an error of %s with status 200 passes unchanged and is recorded as upstream_error',
    async (vendor, path, body) => {
      const sent = JSON.stringify(ERRORS[vendor]!.body);
      scenario.vendor.on('POST', /./, json(200, sent));
      const response = await fetch(`${scenario.target('', { provider: vendor }).baseUrl}/${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${scenario.keys.virtual}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      expect({ status: response.status, text: await response.text() }).toEqual({ status: 200, text: sent });
      expect(await scenario.record()).toMatchObject({ status: 200, outcome: 'upstream_error' });
    },
  );
});
