/**
 * Promise: Anthropic's own SDKs, on both wire versions, understand the responses of the Messages format, and send them
 * back.
 */
import { createAnthropic } from '@ai-sdk/anthropic';
import Anthropic from '@anthropic-ai/sdk';
import Anthropic2023 from 'anthropic-sdk-2023';
import { callOptions, readResult, readStream } from '../../../test/support/translation/oracle.js';
import type { AssistantMessage, ChatChunk, ChatCompletion, ChatDelta, ChatRequest, JsonObject } from '../pivot/chat.js';
import { createMessagesFormat } from './messages.client-format.js';

type Answer = Pick<ChatCompletion['choices'][0], 'finish_reason'> & { message: Partial<AssistantMessage> };

const USAGE = {
  prompt_tokens: 50,
  completion_tokens: 9,
  total_tokens: 59,
  prompt_tokens_details: { cached_tokens: 30 },
  completion_tokens_details: { reasoning_tokens: 4 },
};
const HEAD = { id: 'chatcmpl-1', created: 1_790_000_000, model: 'gpt-5.4' };

const TOOL_ROUND: Answer = {
  finish_reason: 'tool_calls',
  message: {
    content: 'I look it up.',
    reasoning_content: 'The weather must be known.',
    reasoning_details: [
      { type: 'reasoning.text', text: 'The weather must be known.', signature: 'Sg', format: 'google-gemini-v1' },
    ],
    tool_calls: [
      {
        id: 'call_1',
        type: 'function',
        function: { name: 'weather', arguments: '{"town":"Zürich"}' },
        extra_content: { google: { thought_signature: 'Cs' } },
      },
      { id: 'call_2', type: 'function', function: { name: 'weather', arguments: '{}' } },
    ],
  },
};

function completionOf({ finish_reason, message }: Answer): ChatCompletion {
  const whole = {
    role: 'assistant',
    content: null,
    refusal: null,
    ...message,
  } as ChatCompletion['choices'][0]['message'];
  const choices = [{ index: 0, message: whole, finish_reason, logprobs: null }];
  return { ...HEAD, object: 'chat.completion', choices, usage: USAGE };
}

function chunksOf({ finish_reason, message }: Answer): ChatChunk[] {
  const deltas: ChatDelta[] = [{ role: 'assistant', content: '' }];
  for (const piece of message.reasoning_content?.split(/(?= )/) ?? []) deltas.push({ reasoning_content: piece });
  for (const detail of message.reasoning_details ?? []) deltas.push({ reasoning_details: [detail] });
  for (const piece of (message.content as string).split(/(?= )/)) deltas.push({ content: piece });
  for (const [index, { function: called, ...call }] of (message.tool_calls ?? []).entries()) {
    deltas.push({ tool_calls: [{ index, ...call, function: { name: called.name, arguments: '' } }] });
    for (const piece of called.arguments) deltas.push({ tool_calls: [{ index, function: { arguments: piece } }] });
  }
  const head = { ...HEAD, object: 'chat.completion.chunk' as const };
  return [
    ...deltas.map((delta) => ({ ...head, choices: [{ index: 0, delta, finish_reason: null }] })),
    { ...head, choices: [{ index: 0, delta: {}, finish_reason }] },
    { ...head, choices: [], usage: USAGE },
  ];
}

/** Returns a `fetch` that responds with the Messages format. `asked` collects the Chat request of each call. */
function servedBy(answer: Answer | 'error' | 'late error') {
  const asked: ChatRequest[] = [];
  const fetch = (_url: unknown, init?: { body?: unknown }): Promise<Response> => {
    const body = JSON.parse(init!.body as string) as JsonObject;
    const front = createMessagesFormat(body, { id: 'msg_1', created: 1 });
    asked.push(front.chat);
    const failure = { message: 'Slow down.', type: 'rate_limit_error', param: null, code: null };
    if (answer === 'error') return json(front.renderError(failure, 429, 'req_7'), 429);
    if (body['stream'] !== true) return json(front.renderResponse(completionOf(answer as Answer)));
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        const events = front.createStream((text) => controller.enqueue(Buffer.from(text)));
        for (const chunk of chunksOf(answer === 'late error' ? TOOL_ROUND : answer)) events.writeChunk(chunk);
        if (answer === 'late error') events.writeError(failure);
        else events.end();
        controller.close();
      },
    });
    return Promise.resolve(new Response(stream, { headers: { 'content-type': 'text/event-stream' } }));
  };
  return { fetch: fetch as typeof globalThis.fetch, asked };
}

const json = (text: string, status = 200): Promise<Response> =>
  Promise.resolve(
    new Response(text, { status, headers: { 'content-type': 'application/json', 'request-id': 'req_7' } }),
  );

const WEATHER = {
  name: 'weather',
  input_schema: { type: 'object' as const, properties: { town: { type: 'string' } } },
};
const ASK = {
  model: 'gemini:gemini-3-pro',
  max_tokens: 2048,
  tools: [WEATHER],
  thinking: { type: 'enabled' as const, budget_tokens: 1024 },
  messages: [{ role: 'user' as const, content: 'How warm is it?' }],
};

describe.each([
  ['2026-10-21', Anthropic],
  ['2023-06-01', Anthropic2023 as unknown as typeof Anthropic],
])("Anthropic's SDK on the wire version %s", (wire, Sdk) => {
  const clientOf = (fetch: typeof globalThis.fetch) =>
    new Sdk({ apiKey: 'k', baseURL: 'http://gateway.example', maxRetries: 0, fetch });

  it(`Anthropic's SDK (${wire}) reads a whole response, and the request arrives as Chat`, async () => {
    const { fetch, asked } = servedBy({ finish_reason: 'length', message: { content: 'Nine' } });
    const message = await clientOf(fetch).messages.create({
      model: 'openai:gpt-5.4',
      max_tokens: 16,
      system: 'Be short.',
      messages: [{ role: 'user', content: 'Three by three?' }],
    });
    expect(asked).toEqual([
      {
        model: 'openai:gpt-5.4',
        max_completion_tokens: 16,
        messages: [
          { role: 'system', content: 'Be short.' },
          { role: 'user', content: 'Three by three?' },
        ],
      },
    ]);
    expect(message).toMatchObject({
      id: 'msg_1',
      role: 'assistant',
      content: [{ type: 'text', text: 'Nine' }],
      stop_reason: 'max_tokens',
      usage: { input_tokens: 20, cache_read_input_tokens: 30, output_tokens: 9 },
    });
  });

  it(`Anthropic's SDK (${wire}) assembles thinking, text and parallel calls of a stream to the whole message`, async () => {
    const client = clientOf(servedBy(TOOL_ROUND).fetch);
    const stream = client.messages.stream(ASK);
    const texts: string[] = [];
    const thoughts: string[] = [];
    stream.on('text', (text) => texts.push(text)).on('thinking', (thought) => thoughts.push(thought));
    const streamed = await stream.finalMessage();
    const whole = await client.messages.create(ASK);
    expect(streamed.content).toEqual(whole.content);
    expect(streamed.usage).toEqual(whole.usage);
    expect(streamed.stop_reason).toBe('tool_use');
    expect(texts.join('')).toBe('I look it up.');
    expect(thoughts.join('')).toBe('The weather must be known.');
    expect(whole.content.filter(({ type }) => type === 'tool_use')).toEqual([
      { type: 'tool_use', id: 'call_1', name: 'weather', input: { town: 'Zürich' } },
      { type: 'tool_use', id: 'call_2', name: 'weather', input: {} },
    ]);
  });

  it(`Anthropic's SDK (${wire}) sends tool results with the replay data that the vendor needs`, async () => {
    const { fetch, asked } = servedBy(TOOL_ROUND);
    const client = clientOf(fetch);
    const { content } = await client.messages.stream(ASK).finalMessage();
    const results = ['call_1', 'call_2'].map((id) => ({
      type: 'tool_result' as const,
      tool_use_id: id,
      content: '9 °C',
    }));
    await client.messages.create({
      ...ASK,
      messages: [...ASK.messages, { role: 'assistant', content }, { role: 'user', content: results }],
    });
    expect(asked[1]!.messages.slice(1)).toEqual([
      { role: 'assistant', ...TOOL_ROUND.message },
      { role: 'tool', tool_call_id: 'call_1', content: '9 °C' },
      { role: 'tool', tool_call_id: 'call_2', content: '9 °C' },
    ]);
  });

  it(`Anthropic's SDK (${wire}) throws a RateLimitError for status 429`, async () => {
    const attempt = clientOf(servedBy('error').fetch).messages.create(ASK);
    const error = await attempt.then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(Sdk.RateLimitError);
    expect(error).toMatchObject({ status: 429, error: { type: 'error', error: { message: 'Slow down.' } } });
  });

  it(`Anthropic's SDK (${wire}) throws when a stream fails amid its events`, async () => {
    const stream = clientOf(servedBy('late error').fetch).messages.stream(ASK);
    await expect(stream.finalMessage()).rejects.toThrow('Slow down.');
  });
});

describe('the AI SDK, which validates every response against its schema', () => {
  const ASKED = callOptions(
    {
      model: 'm',
      messages: [{ role: 'user', content: 'How warm is it?' }],
      tools: [{ type: 'function', function: { name: 'weather', parameters: WEATHER.input_schema } }],
    },
    { call: { anthropic: { thinking: { type: 'enabled', budgetTokens: 1024 } } } },
  );
  const TOLD = {
    text: 'I look it up.',
    reasoning: 'The weather must be known.',
    calls: [
      { id: 'call_1', name: 'weather', arguments: { town: 'Zürich' } },
      { id: 'call_2', name: 'weather', arguments: {} },
    ],
    finish: 'tool_calls',
    usage: { input: 50, output: 9, cached: 30 },
  };
  const modelOf = (fetch: typeof globalThis.fetch) =>
    createAnthropic({ apiKey: 'k', baseURL: 'http://gateway.example/v1', fetch })('gemini:gemini-3-pro');

  it('the AI SDK reads the same from a stream and a whole response', async () => {
    const { fetch } = servedBy(TOOL_ROUND);
    expect(readResult(await modelOf(fetch).doGenerate(ASKED))).toMatchObject(TOLD);
    expect(await readStream((await modelOf(fetch).doStream(ASKED)).stream)).toMatchObject(TOLD);
  });

  it('the AI SDK accepts a response with citations', async () => {
    const annotations = [{ type: 'url_citation', url_citation: { url: 'https://mills.example/', start_index: 0 } }];
    const { fetch } = servedBy({ finish_reason: 'stop', message: { content: 'Nine.', annotations } as object });
    expect(readResult(await modelOf(fetch).doGenerate(ASKED))).toMatchObject({ text: 'Nine.', finish: 'stop' });
  });
});
