/**
 * Promise: a request reaches each vendor in a form that it accepts; unsupported parts are left out and named, for every
 * client format.
 */
import { replay } from '../../support/providers/recorded-responses.js';
import { Scenario } from '../../support/gateway/scenario.js';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await Scenario.start('openai', 'mistral', 'groq', 'deepseek', 'openrouter', 'azure', 'anthropic', 'vllm');
  scenario.vendor.on('POST', /\/chat\/completions$/, (request, response) =>
    replay('openai', streams(request.body) ? 'chat-stream.sse' : 'chat.json')(request, response),
  );
  scenario.vendor.on('POST', /\/responses$/, replay('openai', 'responses.json'));
  scenario.vendor.on('POST', /\/v1\/messages$/, replay('anthropic', 'chat.json'));
});
afterAll(() => scenario.close());
beforeEach(() => scenario.forget());

const streams = (body: Buffer): boolean => JSON.parse(body.toString()).stream === true;
const HI = [{ role: 'user', content: 'Hi' }];
const PATHS = { chat: 'chat/completions', responses: 'responses', messages: 'v1/messages' };

async function ask(kind: keyof typeof PATHS, body: object | string) {
  const { baseUrl } = scenario.target('', { provider: 'model-router' });
  const response = await fetch(`${baseUrl}/${PATHS[kind]}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${scenario.keys.virtual}`,
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  const dropped = response.headers.get('x-gateway-dropped')?.split(', ') ?? [];
  const sent = scenario.vendor.received.at(-1)?.body.toString() ?? '';
  const code = response.headers.get('x-gateway-error') ?? /"code":"(\w+)"/.exec(text)?.[1];
  return { status: response.status, code, text, dropped, sent };
}

describe('a Chat body', () => {
  it.each([
    'openai:gpt-4.1',
    'groq:llama-3.3-70b-versatile',
    'mistral:mistral-large-latest',
    'vllm:qwen3',
    'openrouter:x/y',
  ])('a Chat body that %s accepts changes only in its model', async (model) => {
    const text = `{ "model":"${model}" , "messages" : [ {"role":"user","content":"H\\u0069"} ],"top_p":0.50, "tools":[] }`;
    const { status, sent, dropped } = await ask('chat', text);
    expect({ status, dropped }).toEqual({ status: 200, dropped: [] });
    expect(sent).toBe(text.replace(model, model.slice(model.indexOf(':') + 1)));
  });

  it('a Chat body for Mistral changes only in members that Mistral requires', async () => {
    const text =
      '{"model":"mistral:m", "messages":[{"role":"developer","content":"x"},{"role":"user","content":"y"}],' +
      ' "max_completion_tokens":10, "store":true, "seed":9007199254740993, "safe_prompt":true}';
    const { sent, dropped } = await ask('chat', text);
    expect(sent).toBe(
      '{"model":"m", "messages":[{"role":"system","content":"x"},{"role":"user","content":"y"}],' +
        ' "max_tokens":10, "random_seed":9007199254740993, "safe_prompt":true}',
    );
    expect(dropped).toEqual(['store']);
  });

  it('an adapted stream reports its usage only to the record', async () => {
    const { status, text, sent } = await ask('chat', {
      model: 'deepseek:deepseek-chat',
      messages: [{ role: 'developer', content: 'x' }, ...HI],
      stream: true,
    });
    expect(status).toBe(200);
    expect(text).toContain('data: [DONE]');
    expect(text).not.toContain('"prompt_tokens":57');
    expect(JSON.parse(sent)).toMatchObject({
      stream_options: { include_usage: true },
      messages: [{ role: 'system' }, {}],
    });
    expect(await scenario.record()).toMatchObject({ provider: 'deepseek', inputTokens: 57 });
  });

  it('a target of an alias gets the request in its own form', async () => {
    await scenario.gateway.admin.create('/api/model-aliases', { name: 'strict', targets: [{ model: 'mistral:m' }] });
    const { sent, dropped } = await ask('chat', { model: 'strict', messages: HI, max_completion_tokens: 5, user: 'u' });
    expect(JSON.parse(sent)).toEqual({ model: 'm', messages: HI, max_tokens: 5 });
    expect(dropped).toEqual(['user']);
  });
});

describe('reasoning models', () => {
  it.each([
    ['chat', 'openai:gpt-5', { messages: HI }],
    ['chat', 'azure:gpt-5-prod', { messages: HI }],
    ['chat', 'openrouter:openai/gpt-5', { messages: HI }],
    ['responses', 'openai:gpt-5', { input: 'Hi' }],
    ['messages', 'openai:gpt-5', { messages: HI, max_tokens: 9 }],
    ['messages', 'azure:gpt-5-prod', { messages: HI, max_tokens: 9 }],
    ['messages', 'openrouter:openai/gpt-5', { messages: HI, max_tokens: 9 }],
  ] as const)('a request in the format %s to %s gets no temperature and top_p', async (kind, model, body) => {
    const { status, sent, dropped } = await ask(kind, { ...body, model, temperature: 0, top_p: 0.5 });
    expect(status).toBe(200);
    expect([...dropped].sort()).toEqual(['temperature', 'top_p']);
    expect(sent).not.toMatch(/temperature|top_p/);
  });

  it('function tools for gpt-5.6 get reasoning_effort none in Chat, but not in Responses', async () => {
    const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }];
    const asked = { model: 'openai:gpt-5.6', messages: HI, tools };
    const { sent, dropped } = await ask('chat', asked);
    expect(JSON.parse(sent)).toEqual({ ...asked, model: 'gpt-5.6', reasoning_effort: 'none' });
    expect(dropped).toEqual(['reasoning_effort']);
    const inResponses = await ask('responses', {
      model: 'openai:gpt-5.6',
      input: 'Hi',
      reasoning: { effort: 'high' },
      tools: [],
    });
    expect(inResponses.dropped).toEqual([]);
  });
});

describe('response schemas', () => {
  const format = { type: 'json_schema' };
  const models = ['openai:gpt-4.1', 'mistral:m', 'openrouter:x/y', 'vllm:m', 'anthropic:claude-sonnet-4-5'];
  it.each(models)('a response format json_schema without a schema is refused with 400 for %s', async (model) => {
    const asked = { model, messages: HI, max_tokens: 9 };
    const refused = [
      await ask('chat', { ...asked, response_format: format }),
      await ask('chat', { ...asked, response_format: { ...format, json_schema: { name: 'x' } } }),
      await ask('responses', { model, input: 'Hi', text: { format: { ...format, name: 'x' } } }),
      await ask('messages', { ...asked, output_config: { format } }),
    ];
    expect(refused.map(({ status, code }) => `${status} ${code}`)).toEqual(Array(4).fill('400 invalid_body'));
    expect(scenario.vendor.received).toEqual([]);
  });

  it('a schema beside json_object reaches Anthropic', async () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false };
    const response_format = { type: 'json_object', schema };
    const { sent } = await ask('chat', { model: 'anthropic:claude-sonnet-4-5', messages: HI, response_format });
    expect(sent).toContain('"a"');
  });
});

describe('requests of Codex', () => {
  const shell = { type: 'function', name: 'shell', parameters: { type: 'object', properties: {} } };
  const asked = {
    input: [
      { role: 'user', content: 'Hi' },
      { type: 'tool_search_call', call_id: 'c', arguments: {} },
      { type: 'tool_search_output', call_id: 'c', tools: [] },
    ],
    tools: [shell, { type: 'tool_search', execution: 'client' }, { type: 'namespace', name: 'crm', tools: [] }],
  };

  it.each(['groq:m', 'openrouter:x/y', 'vllm:m', 'deepseek:deepseek-chat', 'anthropic:claude-sonnet-4-5'])(
    'the tools of Codex that only OpenAI runs are left out and named for %s',
    async (model) => {
      const { status, sent, dropped } = await ask('responses', { ...asked, model });
      expect(status).toBe(200);
      expect(JSON.parse(sent).tools).toHaveLength(1);
      expect(sent).not.toMatch(/tool_search|namespace/);
      expect(dropped).toEqual(
        expect.arrayContaining(['tools.tool_search', 'tools.namespace', 'input.tool_search_call']),
      );
    },
  );

  it('the tools of Codex reach OpenAI, except a namespace without tools', async () => {
    const { status, sent, dropped } = await ask('responses', { ...asked, model: 'openai:gpt-5.4' });
    expect(status).toBe(200);
    expect(JSON.parse(sent)).toEqual({ ...asked, model: 'gpt-5.4', tools: asked.tools.slice(0, 2) });
    expect(dropped).toEqual(['tools.namespace']);
  });
});

describe('media with a wrong type', () => {
  const jpeg = '/9j/4AAQSkZJRgABAQ==';

  it('an image with a wrong type reaches Claude with its real type', async () => {
    const image_url = { url: `data:image/png;base64,${jpeg}` };
    const messages = [{ role: 'user', content: [{ type: 'image_url', image_url }] }];
    const chat = await ask('chat', { model: 'anthropic:claude-sonnet-4-5', messages, max_tokens: 9 });
    const source = { type: 'base64', media_type: 'image/png', data: jpeg };
    const content = [{ type: 'image', source }];
    const body = { model: 'anthropic:claude-sonnet-4-5', messages: [{ role: 'user', content }], max_tokens: 9 };
    const passed = await ask('messages', body);
    for (const { status, sent } of [chat, passed]) {
      expect(status).toBe(200);
      expect(JSON.parse(sent).messages[0].content[0].source).toEqual({ ...source, media_type: 'image/jpeg' });
    }
    expect(passed.sent).toBe(JSON.stringify(body).replace('anthropic:', '').replace('image/png', 'image/jpeg'));
  });

  it('an image that is not one is refused with 400 invalid_body', async () => {
    const url = `data:image/png;base64,${Buffer.from('<html></html>').toString('base64')}`;
    const messages = [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }];
    const { status, code } = await ask('chat', { model: 'anthropic:claude-sonnet-4-5', messages });
    expect([status, code]).toEqual([400, 'invalid_body']);
  });
});
