/** Promise: a Messages client reaches Claude on Vertex AI with unchanged bytes. */
import { json } from '../../support/providers/fake-provider.js';
import { replay, wireJson } from '../../support/providers/recorded-responses.js';
import { Scenario } from '../../support/gateway/scenario.js';

let scenario: Scenario;
beforeAll(async () => void (scenario = await Scenario.start('vertex')));
afterAll(() => scenario.close());
beforeEach(() => {
  scenario.forget();
  scenario.vendor.on('POST', /:rawPredict$/, replay('anthropic', 'chat.json'));
  scenario.vendor.on('POST', /:streamRawPredict$/, replay('anthropic', 'chat-stream.sse'));
});

const MODEL = 'claude-sonnet-4-5@20250929';

async function ask(body: string, headers: Record<string, string> = {}) {
  const { baseUrl } = scenario.target('', { provider: 'model-router' });
  const response = await fetch(`${baseUrl}/v1/messages?beta=true`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${scenario.keys.virtual}`,
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
      ...headers,
    },
    body,
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

it.each([false, true])(
  'a Messages request reaches Vertex AI with model in the path and version in the body (stream: %s)',
  async (stream) => {
    const rest = `"max_tokens":64, "temperature":0.50,"x_new":[1.0],"stream":${stream},"messages":[{"role":"user","content":"H\\u0069"}]`;
    const { status, text } = await ask(`{"model":"vertex:${MODEL}", ${rest} }`);
    expect(status).toBe(200);
    const [seen] = scenario.vendor.received;
    const verb = stream ? 'streamRawPredict' : 'rawPredict';
    expect(seen!.url).toBe(`/publishers/anthropic/models/${MODEL}:${verb}`);
    expect(seen!.body.toString()).toBe(`{${rest} ,"anthropic_version":"vertex-2023-10-16"}`);
    if (stream) expect(text).toContain('event: message_stop');
    else expect(JSON.parse(text)).toEqual(wireJson('anthropic', 'chat.json'));
    const { usage } = wireJson('anthropic', 'expected.json')[stream ? 'chat-stream.sse' : 'chat.json'];
    expect(await scenario.record()).toMatchObject({
      ...usage,
      provider: 'vertex',
      requestedModel: `vertex:${MODEL}`,
      streaming: stream,
      outcome: 'success',
    });
  },
);

it('betas that Vertex AI takes are sent, and the others are named as dropped', async () => {
  const betas = 'claude-code-20250219,context-1m-2025-08-07, effort-2025-11-24,advanced-tool-use-2025-11-20';
  const body = JSON.stringify({ model: `vertex:${MODEL}`, max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] });
  const { headers } = await ask(body, { 'anthropic-beta': betas });
  await ask(body, { 'anthropic-beta': 'oauth-2025-04-20' });
  await ask(body);
  expect(scenario.vendor.received.map((seen) => seen.headers['anthropic-beta'])).toEqual([
    'context-1m-2025-08-07,tool-search-tool-2025-10-19',
    undefined,
    undefined,
  ]);
  expect(headers.get('x-gateway-dropped')).toBe(
    'anthropic-beta.claude-code-20250219, anthropic-beta.effort-2025-11-24',
  );
});

it("replay data of other vendors is removed, and Claude's own stays", async () => {
  const thinking = (signature: string): object => ({ type: 'thinking', thinking: 'Hm.', signature });
  const other = { type: 'redacted_thinking', data: 'gatehouse.1.x' };
  const asked = {
    model: `vertex:${MODEL}`,
    max_tokens: 9,
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: [thinking('EqQBCgIYAhIM'), other, { type: 'text', text: 'Hello.' }] },
      { role: 'user', content: 'And?' },
    ],
  };
  expect((await ask(JSON.stringify(asked))).status).toBe(200);
  const sent = JSON.parse(scenario.vendor.received[0]!.body.toString());
  expect(sent.messages[1].content[0]).toEqual(thinking('EqQBCgIYAhIM'));
});

it('a file by URL is fetched by the gateway, and a failed download is refused with 400', async () => {
  const source = { type: 'url', url: 'https://files.invalid/a.png' };
  const messages = [{ role: 'user', content: [{ type: 'image', source }] }];
  const { status } = await ask(JSON.stringify({ model: `vertex:${MODEL}`, max_tokens: 9, messages }));
  // fetched by the gateway, which cannot reach it
  expect([status, scenario.vendor.received]).toEqual([400, []]);
});

it('the policy of the LLM proxy refuses a Messages request to Vertex AI with 403', async () => {
  const { baseUrl, key } = scenario.target(scenario.keys.virtual, {
    provider: 'model-router',
    proxyId: scenario.closedProxyId,
  });
  const response = await fetch(`${baseUrl}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify({ model: `vertex:${MODEL}`, max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] }),
  });
  expect([response.status, scenario.vendor.received]).toEqual([403, []]);
});

it('errors of Vertex AI pass unchanged', async () => {
  const error = { type: 'error', error: { type: 'rate_limit_error', message: 'Slow down.' } };
  scenario.vendor.on('POST', /:rawPredict$/, json(429, error));
  const { status, text } = await ask(
    JSON.stringify({ model: `vertex:${MODEL}`, max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] }),
  );
  expect([status, JSON.parse(text)]).toEqual([429, error]);
});
