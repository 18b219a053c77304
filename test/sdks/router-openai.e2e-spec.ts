/**
 * Promise: OpenAI's own SDK reaches every vendor through the Model Router as it reaches OpenAI, its helpers included.
 */
import OpenAI from 'openai';
import { json, type Responder, type ReceivedRequest } from '../support/providers/fake-provider.js';
import { bytesOf } from '../support/providers/bedrock-event-stream.js';
import { packedEmbeddings, replay, torn, wireJson } from '../support/providers/recorded-responses.js';
import { RouterScenario, routed } from '../support/router/router-scenario.js';
import { BROKEN_OFF, rejection } from '../support/gateway/scenario-refusals.js';
import { anthropicVendor } from '../support/router/anthropic.vendor.js';
import { bedrockVendor } from '../support/router/bedrock.vendor.js';
import { cohereVendor } from '../support/router/cohere.vendor.js';
import { geminiVendor } from '../support/router/gemini.vendor.js';
import { mistralVendor, openAiVendor } from '../support/router/openai.vendor.js';
import {
  begins,
  bodyOf,
  INPUT_TOKENS,
  OUTPUT_TOKENS,
  type Turn,
  type VendorWire,
} from '../support/router/scripted-vendor.js';

const TRANSLATED = [anthropicVendor, geminiVendor, cohereVendor, bedrockVendor] as const;
const VENDORS = [openAiVendor, ...TRANSLATED] as const;

const GREETING: Turn = { text: 'Grüß Gott! “The gate is open” 👋' };
const MESSAGES = [
  { role: 'system' as const, content: 'Be brief.' },
  { role: 'user' as const, content: 'Grüß Gott! 👋' },
];
const USAGE = {
  prompt_tokens: INPUT_TOKENS,
  completion_tokens: OUTPUT_TOKENS,
  total_tokens: INPUT_TOKENS + OUTPUT_TOKENS,
};
const WEATHER = {
  name: 'get_weather',
  description: 'Tells the weather of a town.',
  parameters: { type: 'object', properties: { town: { type: 'string' } }, required: ['town'] },
};
const TOWN = {
  type: 'object',
  properties: { name: { type: 'string' }, inhabitants: { type: 'integer' } },
  required: ['name', 'inhabitants'],
  additionalProperties: false,
};
const CALL: Turn = {
  text: 'I look.',
  calls: [{ id: 'toolu_weather_1', name: 'get_weather', input: { town: 'Graz' } }],
};
const CALLS: Turn = {
  calls: [...CALL.calls!, { id: 'toolu_weather_2', name: 'get_weather', input: { town: 'Ulm' } }],
};
/** The errors at the end of the recorded streams that fail. */
const FAILURES: Record<string, string> = {
  openai: 'The server had an error while processing your request. Sorry about that!',
  anthropic: 'Overloaded',
  gemini: 'The model is overloaded. Please try again later.',
  cohere: 'the model failed',
  bedrock: 'The model stopped in the middle.',
  mistral: 'The server had an error while processing your request. Sorry about that!',
};
const failing = ({ provider, contentType }: VendorWire): Responder =>
  provider === 'bedrock'
    ? torn(bytesOf(wireJson(provider, 'stream-error.frames')), { 'content-type': contentType })
    : replay(provider === 'mistral' ? 'openai' : provider, 'stream-error.sse');

let router: RouterScenario;
let openai: OpenAI;
beforeAll(async () => {
  router = await RouterScenario.start(...VENDORS, mistralVendor);
  openai = client();
}, 60_000);
afterAll(() => router.close());
beforeEach(() => router.forget());

function client(options: object = {}): OpenAI {
  const { baseUrl, key } = router.target();
  return new OpenAI({ baseURL: baseUrl, apiKey: key, ...options });
}

describe.each(VENDORS)('$displayName', (vendor) => {
  const chat = { model: routed(vendor), messages: MESSAGES };

  it("OpenAI's SDK receives a chat completion", async () => {
    router.script(vendor, GREETING);
    const { data, response } = await openai.chat.completions.create(chat).withResponse();
    expect(data).toMatchObject({
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: GREETING.text }, finish_reason: 'stop' }],
      usage: USAGE,
    });
    expect(response.headers.get('x-gateway-provider')).toBe(vendor.provider);
    expect(Number(response.headers.get('x-gateway-cost-usd'))).toBeGreaterThan(0);
    expect(router.requests(vendor)).toEqual([
      { model: vendor.model, system: 'Be brief.', tools: [], results: [], signatures: [] },
    ]);
    await router.expectMetered(vendor, { streaming: false });
    expect(data).toHaveProperty('_request_id', (await router.record()).requestId);
  });

  it("OpenAI's SDK receives a chat stream", async () => {
    router.script(vendor, GREETING);
    const asked = { ...chat, stream: true as const, stream_options: { include_usage: true } };
    const pieces: string[] = [];
    const finishes: string[] = [];
    let usage: unknown;
    for await (const chunk of await openai.chat.completions.create(asked)) {
      expect(chunk.object).toBe('chat.completion.chunk');
      const [choice] = chunk.choices;
      if (choice?.delta.content) pieces.push(choice.delta.content);
      if (choice?.finish_reason) finishes.push(choice.finish_reason);
      usage = chunk.usage ?? usage;
    }
    expect(pieces.length).toBeGreaterThan(1);
    expect([pieces.join(''), finishes]).toEqual([GREETING.text, ['stop']]);
    expect(usage).toMatchObject(USAGE);
    await router.expectMetered(vendor, { streaming: true });
  });

  it("the stream helper of OpenAI's SDK emits its events and the final completion", async () => {
    router.script(vendor, CALL);
    const stream = openai.chat.completions.stream({ ...chat, tools: [{ type: 'function', function: WEATHER }] });
    const told: string[] = [];
    stream.on('content.delta', ({ delta }) => void told.push(delta));
    stream.on('tool_calls.function.arguments.done', ({ name, arguments: text }) => void told.push(name, text));
    const completion = await stream.finalChatCompletion();
    expect(told.join('|')).toMatch(/^I lo\|ok\.\|get_weather\|\{"town":"Graz"\}$/);
    expect(completion.choices[0]).toMatchObject({
      message: {
        content: 'I look.',
        tool_calls: [{ function: { name: 'get_weather', arguments: '{"town":"Graz"}' } }],
      },
      finish_reason: 'tool_calls',
    });
  });

  it.each([false, true])(
    "the tool runner of OpenAI's SDK runs all tool calls to the final content (stream: %s)",
    async (stream) => {
      router.script(vendor, CALLS, { text: 'Rain in Graz.' });
      const look = ({ town }: { town: string }): string => `${town}: 12 °C, rain`;
      const tools = [{ type: 'function' as const, function: { ...WEATHER, function: look, parse: JSON.parse } }];
      const runner = stream
        ? openai.chat.completions.runTools({ ...chat, tools, stream })
        : openai.chat.completions.runTools({ ...chat, tools });
      expect(await runner.finalContent()).toBe('Rain in Graz.');
      const asked = router.requests(vendor);
      expect(asked.map(({ tools }) => tools)).toEqual([['get_weather'], ['get_weather']]);
      const of = (id: string): string => (vendor === geminiVendor ? 'get_weather' : id);
      expect(asked[1]!.results).toEqual([
        [of('toolu_weather_1'), 'Graz: 12 °C, rain'],
        [of('toolu_weather_2'), 'Ulm: 12 °C, rain'],
      ]);
      expect(asked[1]!.system).toBe('Be brief.');
    },
  );

  it.each([false, true])("OpenAI's SDK receives structured output by a JSON schema (stream: %s)", async (stream) => {
    const town = { name: 'Graz', inhabitants: 305_000 };
    router.script(vendor, { document: town });
    const json_schema = { name: 'town', strict: true, schema: TOWN };
    const asked = { ...chat, response_format: { type: 'json_schema' as const, json_schema } };
    const completion = stream
      ? await openai.chat.completions.stream(asked).finalChatCompletion()
      : await openai.chat.completions.parse(asked);
    const [choice] = completion.choices;
    expect([choice!.finish_reason, JSON.parse(choice!.message.content!)]).toEqual(['stop', town]);
    // The SDK parses streams only for its own schema classes.
    if (!stream) expect(choice!.message.parsed).toEqual(town);
    expect(router.seen[0]!.body.toString()).toContain('inhabitants');
  });

  it("a stream that OpenAI's SDK aborts is canceled at the vendor and recorded as client_aborted", async () => {
    const open = begins(vendor, GREETING);
    router.on(vendor, open.answer);
    const stream = await openai.chat.completions.create({ ...chat, stream: true });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    await open.closed;
    expect(await router.record()).toMatchObject({
      provider: vendor.provider,
      outcome: 'client_aborted',
      streaming: true,
    });
  });

  it("OpenAI's SDK throws an APIError when the vendor's connection breaks in mid-stream", async () => {
    const { answer } = begins(vendor, GREETING);
    router.on(vendor, (request, response) => {
      void answer(request, response);
      response.write('', () => response.destroy());
    });
    const error = await rejection(
      (async () => {
        for await (const _ of await openai.chat.completions.create({ ...chat, stream: true }));
      })(),
    );
    expect(error).toBeInstanceOf(OpenAI.APIError);
    expect(error).toMatchObject({ message: BROKEN_OFF, code: 'upstream_unreachable' });
    expect(await router.record()).toMatchObject({ outcome: 'error', errorCode: 'upstream_unreachable' });
  });

  it("OpenAI's SDK throws the vendor's own error message in mid-stream", async () => {
    router.on(vendor, failing(vendor));
    const error = await rejection(
      (async () => {
        for await (const _ of await openai.chat.completions.create({ ...chat, stream: true }));
      })(),
    );
    expect(error).toBeInstanceOf(OpenAI.APIError);
    expect(error.message).toContain(FAILURES[vendor.provider]);
    expect(await router.record()).toMatchObject({ status: 200, outcome: 'upstream_error', streaming: true });
  });

  it("a vendor's error that quotes the stored key shows [provider key] instead", async () => {
    router.fails(vendor, 401, `This key is bad: ${router.scenario.keys.stored}.`);
    const error = await rejection(openai.chat.completions.create(chat));
    expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(error.message).toBe('401 This key is bad: [provider key].');
  });

  it("vendor errors reach OpenAI's SDK as error classes in the vendor's words", async () => {
    router.fails(vendor, 429, 'Slow down, please.', { 'retry-after': '7' });
    const limited = await rejection(client({ maxRetries: 0 }).chat.completions.create(chat));
    expect(limited).toBeInstanceOf(OpenAI.RateLimitError);
    expect(limited.message).toBe('429 Slow down, please.');
    expect(limited.headers.get('retry-after')).toBe('7');
    const record = await router.record();
    expect(record).toMatchObject({ status: 429, outcome: 'upstream_error', provider: vendor.provider });
    expect(limited.requestID).toBe(record.requestId);

    router.fails(vendor, 400, 'There are too many words.');
    const refused = await rejection(openai.chat.completions.create({ ...chat, stream: true }));
    expect(refused).toBeInstanceOf(OpenAI.BadRequestError);
    expect(refused.message).toBe('400 There are too many words.');
  });

  it("OpenAI's SDK retries a 503 after the vendor's retry-after-ms", async () => {
    router.fails(vendor, 503, 'Not now.', { 'retry-after-ms': '1' });
    const failed = await rejection(openai.chat.completions.create(chat));
    expect(failed).toBeInstanceOf(OpenAI.InternalServerError);
    expect(router.seen).toHaveLength(3);
  });
});

describe.each([...TRANSLATED, mistralVendor])('the Responses API on $displayName', (vendor) => {
  const ask = { model: routed(vendor), instructions: 'Be brief.', input: 'Grüß Gott! 👋' };
  const tools = [{ type: 'function' as const, ...WEATHER, strict: false }];

  it("OpenAI's SDK receives a response from the Responses API", async () => {
    router.script(vendor, GREETING);
    const answer = await openai.responses.create(ask);
    expect(answer).toMatchObject({
      object: 'response',
      status: 'completed',
      usage: { input_tokens: INPUT_TOKENS, output_tokens: OUTPUT_TOKENS },
    });
    expect(answer.output_text).toBe(GREETING.text);
    expect(router.requests(vendor)[0]!.system).toBe('Be brief.');
    await router.expectMetered(vendor, { streaming: false });
  });

  it('events of the Responses API are numbered', async () => {
    router.script(vendor, GREETING);
    const types: string[] = [];
    const numbers: number[] = [];
    let text = '';
    for await (const event of await openai.responses.create({ ...ask, stream: true })) {
      types.push(event.type);
      numbers.push(event.sequence_number);
      if (event.type === 'response.output_text.delta') text += event.delta;
      if (event.type === 'response.completed') expect(event.response.usage?.output_tokens).toBe(OUTPUT_TOKENS);
    }
    expect(text).toBe(GREETING.text);
    expect([types[0], types.at(-1)]).toEqual(['response.created', 'response.completed']);
    expect(numbers).toEqual(numbers.map((_, i) => i));
    await router.expectMetered(vendor, { streaming: true });
  });

  it("OpenAI's SDK throws the vendor's error in the stream of the Responses API", async () => {
    router.on(vendor, failing(vendor));
    const types: string[] = [];
    const error = await rejection(
      (async () => {
        for await (const event of await openai.responses.create({ ...ask, stream: true })) types.push(event.type);
      })(),
    );
    expect(error).toBeInstanceOf(OpenAI.APIError);
    expect(error.message).toContain(FAILURES[vendor.provider]);
    expect(types).not.toContain('response.completed');
  });

  it('responses.parse() receives structured output', async () => {
    const town = { name: 'Graz', inhabitants: 305_000 };
    router.script(vendor, { document: town });
    const format = { type: 'json_schema' as const, name: 'town', strict: true, schema: TOWN };
    const answer = await openai.responses.parse({ ...ask, text: { format } });
    expect(answer.output_parsed).toEqual(town);
  });

  it('previous_response_id gets 400 unsupported_parameter', async () => {
    const error = await rejection(openai.responses.create({ ...ask, previous_response_id: 'resp_1' }));
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ code: 'unsupported_parameter', param: 'previous_response_id' });
    expect(router.seen).toEqual([]);
  });

  it('a tool call of the Responses API and its result make a complete turn', async () => {
    router.script(vendor, CALL, { text: 'Rain in Graz.' });
    const first = await openai.responses.stream({ ...ask, tools }).finalResponse();
    const call = first.output.find((item) => item.type === 'function_call');
    expect(call).toMatchObject({ name: 'get_weather', arguments: '{"town":"Graz"}' });
    const history = [
      { role: 'user' as const, content: ask.input },
      ...first.output,
      { type: 'function_call_output' as const, call_id: call!.call_id, output: '12 °C, rain' },
    ];
    const last = await openai.responses.create({ ...ask, input: history as never, tools });
    expect(last.output_text).toBe('Rain in Graz.');
    expect(router.requests(vendor)[1]!.results.map(([, text]) => text)).toEqual(['12 °C, rain']);
  });
});

it('a vendor that refuses unknown members receives only known ones, and x-gateway-dropped names the others', async () => {
  router.script(mistralVendor, CALL);
  const tools = [{ type: 'function' as const, ...WEATHER, strict: false }];
  const input = [
    { role: 'developer' as const, content: 'Be brief.' },
    { role: 'user' as const, content: 'Hi' },
  ];
  const ask = { model: routed(mistralVendor), input, tools, store: false, prompt_cache_key: 'k', user: 'u' };
  const { response } = await openai.responses
    .create({ ...ask, stream: true, include: ['reasoning.encrypted_content'], safety_identifier: 's' })
    .withResponse();
  expect(response.headers.get('x-gateway-dropped')).toBe('user, safety_identifier');
  const members = Object.keys(bodyOf(router.seen[0]!)).sort();
  expect(members).toEqual(['messages', 'model', 'prompt_cache_key', 'stream', 'tools']);
  expect(bodyOf(router.seen[0]!).messages).toEqual([{ ...input[0], role: 'system' }, input[1]]);
});

it('the Model Router passes the Responses API on to OpenAI itself', async () => {
  const { vendor } = router.scenario;
  vendor.on('POST', '/v1/responses', replay('openai', 'responses.json'));
  const ask = { model: 'openai:gpt-5.4', input: 'Grüß Gott! 👋' };
  expect((await openai.responses.create(ask)).output_text).toBe('Servus, Welt');
  vendor.on('POST', '/v1/responses', replay('openai', 'responses-stream.sse'));
  const streamed = await openai.responses.stream(ask).finalResponse();
  expect(streamed.output_text).toBe('Servus, Welt');
  expect(vendor.received.map(({ body }) => JSON.parse(body.toString()).model)).toEqual(['gpt-5.4', 'gpt-5.4']);
});

describe('embeddings with encoding_format base64', () => {
  const GEMINI = '/v1beta/models/gemini-embedding-001:batchEmbedContents';
  const cohere = wireJson('cohere', 'embeddings.json');
  it.each([
    ['openai:text-embedding-3-small', '/v1/embeddings', packedEmbeddings(), 0.0023064255],
    ['gemini:gemini-embedding-001', GEMINI, replay('gemini', 'embeddings-batch.json'), 0.02],
    [
      'cohere:embed-v4.0',
      '/v2/embed',
      json(200, { ...cohere, embeddings: { float: [[1], [-0.04699707]] } }),
      -0.04699707,
    ],
    [
      'bedrock:cohere.embed-multilingual-v3',
      '/model/cohere.embed-multilingual-v3/invoke',
      json(200, { ...wireJson('bedrock', 'embeddings-cohere.json'), embeddings: [[1], [0.25]] }),
      0.25,
    ],
  ])("OpenAI's SDK receives embeddings from %s", async (model, path, answer, expected) => {
    router.scenario.vendor.on('POST', path, answer);
    const { data } = await openai.embeddings.create({ model, input: ['eins', 'zwei'] });
    expect(data.map(({ index }) => index)).toEqual([0, 1]);
    expect(data[1]!.embedding[0]).toBeCloseTo(expected, 7);
    const asked = router.seen[0]!.body.toString();
    expect([asked.includes('eins'), asked.includes('zwei')]).toEqual([true, true]);
    expect(await router.record()).toMatchObject({ surface: 'model-router', requestedModel: model, status: 200 });
  });
});

it('models.list() returns the models of all vendors by their routed names', async () => {
  const { vendor } = router.scenario;
  const lister = ({ headers, url }: ReceivedRequest): string => {
    if (headers['anthropic-version']) return 'anthropic';
    return url.includes('page_size') ? 'cohere' : 'openai';
  };
  vendor.on('GET', '/v1/models', (request, response) => replay(lister(request), 'models.json')(request, response));
  vendor.on('GET', '/v1beta/models', replay('gemini', 'models.json'));
  const ids: string[] = [];
  for await (const { id, object } of openai.models.list()) {
    expect(object).toBe('model');
    ids.push(id);
  }
  for (const id of ['openai:gpt-5.4', 'anthropic:claude-opus-5-5', 'gemini:gemini-2.5-flash'])
    expect(ids).toContain(id);
  expect(await openai.models.retrieve('openai:gpt-5.4')).toMatchObject({ id: 'openai:gpt-5.4', owned_by: 'openai' });
});

it.each([
  ['an address of the local network', () => `${router.scenario.vendor.url}/gate.png`],
  ['an address of cloud metadata', () => 'http://169.254.169.254/latest/meta-data'],
  ['localhost', () => 'https://localhost/gate.png'],
  ['a file URL', () => 'file:///etc/passwd'],
])('the gateway does not fetch an image for a vendor from %s', async (_what, url) => {
  router.script(geminiVendor, GREETING);
  const content = [{ type: 'image_url' as const, image_url: { url: url() } }];
  const messages = [{ role: 'user' as const, content }];
  const error = await rejection(openai.chat.completions.create({ model: routed(geminiVendor), messages }));
  expect(error).toBeInstanceOf(OpenAI.BadRequestError);
  expect(error.message).toContain('messages[0].content[0]');
  expect(router.scenario.vendor.started).toBe(0);
});

it('x-gateway-dropped names seed, and n: 2 and an unknown model are refused', async () => {
  router.script(anthropicVendor, GREETING);
  const chat = { model: routed(anthropicVendor), messages: MESSAGES };
  const { response } = await openai.chat.completions.create({ ...chat, seed: 7 }).withResponse();
  expect(response.headers.get('x-gateway-dropped')).toBe('seed');
  expect(bodyOf(router.seen[0]!)).not.toHaveProperty('seed');
  const refused = await rejection(openai.chat.completions.create({ ...chat, n: 2 }));
  expect(refused).toBeInstanceOf(OpenAI.BadRequestError);
  expect(refused.code).toBe('unsupported_parameter');
  const unknown = await rejection(openai.chat.completions.create({ ...chat, model: 'nobody-knows' }));
  expect(unknown).toBeInstanceOf(OpenAI.NotFoundError);
  expect(unknown.code).toBe('model_not_found');
});
