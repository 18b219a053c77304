/** Promises for Anthropic's own SDK on the Model Router, on both wires, with vendors of other dialects. */
import type Anthropic from '@anthropic-ai/sdk';
import { json } from '../support/providers/fake-provider.js';
import { replay } from '../support/providers/recorded-responses.js';
import { RouterScenario, routed } from '../support/router/router-scenario.js';
import { BROKEN_OFF, rejection } from '../support/gateway/scenario-refusals.js';
import { anthropicVendor } from '../support/router/anthropic.vendor.js';
import { geminiVendor } from '../support/router/gemini.vendor.js';
import { openAiVendor } from '../support/router/openai.vendor.js';
import { begins, bodyOf, CACHED_TOKENS, INPUT_TOKENS } from '../support/router/scripted-vendor.js';
import { OUTPUT_TOKENS, type Turn } from '../support/router/scripted-vendor.js';

const GREETING: Turn = { text: 'Grüß Gott! “The gate is open” 👋' };
const SIGNATURE = 'EqQBCgIYAhIMc2NyaXB0ZWQ=';
const CALL: Turn = {
  thought: { text: 'The gate is in Graz.', signature: SIGNATURE },
  text: 'I look.',
  calls: [{ id: 'toolu_weather_1', name: 'get_weather', input: { town: 'Graz' } }],
};
const TOOLS = [
  {
    name: 'get_weather',
    description: 'Tells the weather of a town.',
    input_schema: { type: 'object' as const, properties: { town: { type: 'string' } }, required: ['town'] },
  },
];
/** Anthropic counts cached input separately. */
const USAGE = {
  input_tokens: INPUT_TOKENS - CACHED_TOKENS,
  cache_read_input_tokens: CACHED_TOKENS,
  output_tokens: OUTPUT_TOKENS,
};

export function describeAnthropicSdkOnRouter(Sdk: typeof Anthropic): void {
  let router: RouterScenario;
  beforeAll(
    async () => void (router = await RouterScenario.start(openAiVendor, geminiVendor, anthropicVendor)),
    60_000,
  );
  afterAll(() => router.close());
  beforeEach(() => router.forget());

  const client = (options: object = {}): Anthropic => {
    const { baseUrl, key } = router.target();
    return new Sdk({ baseURL: baseUrl, apiKey: key, ...options });
  };

  describe.each([openAiVendor, geminiVendor])('models of $displayName', (vendor) => {
    const ask = {
      model: routed(vendor),
      max_tokens: 4000,
      system: 'Be brief.',
      messages: [{ role: 'user' as const, content: 'Grüß Gott! 👋' }],
    };

    it("Anthropic's SDK receives a message", async () => {
      router.script(vendor, GREETING);
      const { data, response, request_id } = await client().messages.create(ask).withResponse();
      expect(data).toMatchObject({
        type: 'message',
        role: 'assistant',
        content: [{ type: 'text', text: GREETING.text }],
        stop_reason: 'end_turn',
        usage: USAGE,
      });
      expect(response.headers.get('x-gateway-provider')).toBe(vendor.provider);
      expect(router.requests(vendor)).toEqual([
        { model: vendor.model, system: 'Be brief.', tools: [], results: [], signatures: [] },
      ]);
      await router.expectMetered(vendor, { streaming: false });
      expect(request_id).toBe((await router.record()).requestId);
    });

    it("Anthropic's SDK receives a message stream", async () => {
      router.script(vendor, GREETING);
      const stream = client().messages.stream(ask);
      const pieces: string[] = [];
      stream.on('text', (piece) => void pieces.push(piece));
      const message = await stream.finalMessage();
      expect(pieces.length).toBeGreaterThan(1);
      expect([pieces.join(''), message.stop_reason]).toEqual([GREETING.text, 'end_turn']);
      expect(message.usage).toMatchObject({ output_tokens: OUTPUT_TOKENS });
      await router.expectMetered(vendor, { streaming: true });
    });

    it.each([false, true])(
      "Anthropic's SDK receives a tool call and sends its result with the thinking block (stream: %s)",
      async (stream) => {
        router.script(vendor, CALL, { text: 'Rain in Graz.' });
        const thinking = { type: 'enabled' as const, budget_tokens: 2000 };
        const first = { ...ask, tools: TOOLS, thinking };
        const called = stream
          ? await client().messages.stream(first).finalMessage()
          : await client().messages.create(first);
        expect(called.stop_reason).toBe('tool_use');
        // Anthropic's calls have no member for Gemini's signature: a block carries it that clients return unread.
        const carrier = vendor === geminiVendor ? ['redacted_thinking'] : [];
        expect(called.content.map(({ type }) => type)).toEqual(['thinking', 'text', ...carrier, 'tool_use']);
        expect(called.content.find(({ type }) => type === 'thinking')).toMatchObject({ thinking: CALL.thought!.text });
        const call = called.content.find((block) => block.type === 'tool_use')!;
        expect(call).toMatchObject({ name: 'get_weather', input: { town: 'Graz' } });
        const messages = [
          ...ask.messages,
          { role: 'assistant' as const, content: called.content },
          {
            role: 'user' as const,
            content: [{ type: 'tool_result' as const, tool_use_id: call.id, content: '12 °C, rain' }],
          },
        ];
        const last = await client().messages.create({ ...first, messages });
        expect(last.content).toMatchObject([{ type: 'text', text: 'Rain in Graz.' }]);
        const [, asked] = router.requests(vendor);
        expect(asked!.tools).toEqual(['get_weather']);
        expect(asked!.results.map(([, text]) => text)).toEqual(['12 °C, rain']);
        expect(asked!.signatures).toEqual(vendor === geminiVendor ? [SIGNATURE] : []);
      },
    );

    it('the gateway counts tokens without a request to the vendor', async () => {
      const { model, messages } = ask;
      const { input_tokens: few } = await client().messages.countTokens({ model, messages });
      const { input_tokens: more } = await client().messages.countTokens({ model, messages, tools: TOOLS });
      expect(few).toBeGreaterThan(0);
      expect(more).toBeGreaterThan(few);
      expect(router.seen).toEqual([]);
      expect(await router.record()).toMatchObject({ operation: 'count_tokens', surface: 'model-router', status: 200 });
    });

    it("a stream that Anthropic's SDK aborts is canceled at the vendor and recorded as client_aborted", async () => {
      const open = begins(vendor, GREETING);
      router.on(vendor, open.answer);
      for await (const event of await client().messages.create({ ...ask, stream: true }))
        if (event.type === 'content_block_delta') break;
      await open.closed;
      expect(await router.record()).toMatchObject({ outcome: 'client_aborted', streaming: true });
    });

    it("Anthropic's SDK throws an APIError when the vendor's connection breaks in mid-stream", async () => {
      const { answer } = begins(vendor, GREETING);
      router.on(vendor, (request, response) => {
        void answer(request, response);
        response.write('', () => response.destroy());
      });
      const error = await rejection(client().messages.stream(ask).finalMessage());
      expect(error).toBeInstanceOf(Sdk.APIError);
      expect(error.error).toMatchObject({ type: 'error', error: { type: 'api_error', message: BROKEN_OFF } });
    });

    it('images, a forced tool and stop sequences reach the vendor', async () => {
      router.script(vendor, CALL);
      const image = { type: 'base64' as const, media_type: 'image/png' as const, data: 'iVBORw==' };
      const content = [
        { type: 'text' as const, text: 'Where is it?' },
        { type: 'image' as const, source: image },
      ];
      const message = await client().messages.create({
        ...ask,
        // OpenAI's reasoning models accept no stop sequences
        model: vendor === openAiVendor ? 'openai:gpt-4.1' : ask.model,
        messages: [{ role: 'user', content }],
        tools: TOOLS,
        tool_choice: { type: 'tool', name: 'get_weather' },
        stop_sequences: ['###'],
      });
      expect(message.stop_reason).toBe('tool_use');
      const text = router.seen[0]!.body.toString();
      for (const part of ['Where is it?', 'iVBORw==', '###', 'get_weather']) expect(text).toContain(part);
      const { tool_choice: choice, toolConfig } = bodyOf(router.seen[0]!);
      expect(choice ?? toolConfig.functionCallingConfig).toEqual(
        vendor === openAiVendor
          ? { type: 'function', function: { name: 'get_weather' } }
          : { mode: 'ANY', allowedFunctionNames: ['get_weather'] },
      );
    });

    it('x-gateway-dropped names the stop sequences that a model does not accept', async () => {
      router.script(vendor, GREETING);
      const { response } = await client()
        .messages.create({ ...ask, stop_sequences: ['###'] })
        .withResponse();
      const takesThem = vendor !== openAiVendor;
      expect(response.headers.get('x-gateway-dropped')).toBe(takesThem ? null : 'stop');
      expect(router.seen[0]!.body.toString().includes('###')).toBe(takesThem);
    });

    it("Anthropic's SDK receives structured output by a JSON schema", async () => {
      router.script(vendor, { document: { town: 'Graz' } });
      const schema = { type: 'object', properties: { town: { type: 'string' } }, required: ['town'] };
      const message = await client().messages.create({
        ...ask,
        output_config: { format: { type: 'json_schema', schema: { ...schema, additionalProperties: false } } },
      });
      expect(message.content).toMatchObject([{ type: 'text', text: '{"town":"Graz"}' }]);
      expect(router.seen[0]!.body.toString()).toContain('"town"');
    });

    it("vendor errors reach Anthropic's SDK as its own error classes in the vendor's words", async () => {
      router.fails(vendor, 429, 'Slow down, please.', { 'retry-after': '7' });
      const limited = await rejection(client({ maxRetries: 0 }).messages.create(ask));
      expect(limited).toBeInstanceOf(Sdk.RateLimitError);
      expect(limited.error).toMatchObject({
        type: 'error',
        error: { type: 'rate_limit_error', message: 'Slow down, please.' },
      });
      expect(limited.headers.get('retry-after')).toBe('7');
      const { requestId } = await router.record();
      expect([limited.requestID, limited.error.request_id]).toEqual([requestId, requestId]);

      router.fails(vendor, 503, 'Not now.', { 'retry-after-ms': '1' });
      router.forget();
      expect(await rejection(client().messages.create(ask))).toBeInstanceOf(Sdk.InternalServerError);
      expect(router.seen).toHaveLength(3);
    });
  });

  it("a request for Anthropic's own models passes unchanged except for the model name", async () => {
    router.script(anthropicVendor, CALL);
    const ask = {
      model: routed(anthropicVendor),
      max_tokens: 100,
      messages: [{ role: 'user' as const, content: 'Hi' }],
    };
    const message = await client().messages.create(ask);
    expect(message.content.map(({ type }) => type)).toEqual(['thinking', 'text', 'tool_use']);
    expect(bodyOf(router.seen[0]!)).toEqual({ ...ask, model: anthropicVendor.model });
    const version = router.scenario.sent.last().headers.get('anthropic-version');
    expect(router.seen[0]!.headers['anthropic-version']).toBe(version);
  });

  it('Anthropic counts the tokens for its own models', async () => {
    router.scenario.vendor.on('POST', '/v1/messages/count_tokens', replay('anthropic', 'count-tokens.json'));
    const messages = [{ role: 'user' as const, content: 'Hi' }];
    const counted = await client().messages.countTokens({ model: routed(anthropicVendor), messages });
    expect(counted.input_tokens).toBe(2095);
    expect(bodyOf(router.seen[0]!)).toEqual({ model: anthropicVendor.model, messages });
  });

  it("the beta resources of Anthropic's SDK work with their query and anthropic-beta", async () => {
    router.script(openAiVendor, GREETING);
    const messages = [{ role: 'user' as const, content: 'Hi' }];
    const ask = { model: routed(openAiVendor), max_tokens: 100, messages, betas: ['context-1m-2025-08-07'] };
    const message = await client().beta.messages.create(ask);
    expect(message.content).toMatchObject([{ type: 'text', text: GREETING.text }]);
    expect(router.seen[0]!.url).toBe('/v1/chat/completions');
    router.forget();
    router.script(anthropicVendor, GREETING);
    await client().beta.messages.create({ ...ask, model: routed(anthropicVendor) });
    const { pathname, search } = new URL(router.scenario.sent.last().url);
    expect(pathname).toBe('/v1/model-router/v1/messages');
    expect(router.seen[0]!.url).toBe(`/v1/messages${search}`);
    expect(router.seen[0]!.headers['anthropic-beta']).toContain('context-1m-2025-08-07');
  });

  it("Anthropic's SDK works with the id of an LLM proxy in the base URL", async () => {
    router.script(openAiVendor, GREETING);
    const open = await router.scenario.gateway.admin.create('/api/llm-proxies', { name: 'Open' });
    const { baseUrl } = router.target('', open.id);
    const messages = [{ role: 'user' as const, content: 'Hi' }];
    const ask = { model: routed(openAiVendor), max_tokens: 100, messages };
    const message = await client({ baseURL: baseUrl }).messages.create(ask);
    expect(message.content).toMatchObject([{ type: 'text', text: GREETING.text }]);
    expect(await router.record()).toMatchObject({ proxyId: open.id, surface: 'model-router', path: 'v1/messages' });
  });

  it("Anthropic's SDK lists the models of all vendors in Anthropic's format", async () => {
    const { vendor } = router.scenario;
    vendor.on('GET', '/v1/models', (request, response) =>
      replay(request.headers['anthropic-version'] ? 'anthropic' : 'openai', 'models.json')(request, response),
    );
    vendor.on('GET', '/v1beta/models', json(200, { models: [] }));
    const listed: string[] = [];
    for await (const { id, type } of client().models.list()) {
      expect(type).toBe('model');
      listed.push(id);
    }
    expect(listed).toEqual(expect.arrayContaining(['openai:gpt-5.4', 'anthropic:claude-opus-5-5']));
    expect(await client().models.retrieve('openai:gpt-5.4')).toMatchObject({ id: 'openai:gpt-5.4', type: 'model' });
  });

  it("an unknown model and an unknown key are refused in Anthropic's format", async () => {
    const messages = [{ role: 'user' as const, content: 'Hi' }];
    const unknown = await rejection(client().messages.create({ model: 'nobody-knows', max_tokens: 9, messages }));
    expect(unknown).toBeInstanceOf(Sdk.NotFoundError);
    expect(unknown.error).toMatchObject({ type: 'error', error: { type: 'not_found_error' } });
    expect(unknown.headers.get('x-gateway-error')).toBe('model_not_found');
    const other = router.scenario.keys.unknown;
    const stranger = await rejection(
      client({ apiKey: other }).messages.create({ model: 'x', max_tokens: 9, messages }),
    );
    expect(stranger).toBeInstanceOf(Sdk.AuthenticationError);
    expect(stranger.headers.get('x-gateway-error')).toBe('credential_invalid');
  });
}
