/**
 * Promise: a call in another client format reaches each server that speaks OpenAI's Chat in the form that it accepts.
 */
import { streamed } from '../../../test/support/translation/golden.js';
import { findProvider } from '../../providers/registry.js';
import type { ChatRequest } from '../pivot/chat.js';
import { createOpenAiTranslator } from './openai.translator.js';

const translatorOf = (provider: string) => createOpenAiTranslator(findProvider(provider)!);
const context = { model: 'm', id: 'chatcmpl-1', created: 1, streaming: false };
const chat = (more: Partial<ChatRequest> = {}): ChatRequest => ({
  model: 'x:m',
  messages: [{ role: 'user', content: 'Hi' }],
  ...more,
});
const sentTo = (provider: string, more: Partial<ChatRequest>, changes: object = {}) =>
  translatorOf(provider).translateRequest(chat(more), { ...context, ...changes });

describe('a request to an OpenAI-compatible server', () => {
  it('the token limit has the name that the server takes', () => {
    expect(sentTo('openai', { max_tokens: 5 }).body).toMatchObject({ max_completion_tokens: 5 });
    const { body } = sentTo('mistral', { max_completion_tokens: 5 });
    expect(body).toMatchObject({ max_tokens: 5 });
    expect(body).not.toHaveProperty('max_completion_tokens');
  });

  it('a streamed request asks for usage unless the server always reports it', () => {
    expect(sentTo('openai', {}, { streaming: true }).body).toMatchObject({ stream_options: { include_usage: true } });
    expect(sentTo('mistral', {}, { streaming: true }).body).not.toHaveProperty('stream_options');
  });

  it.each([
    ['openai', 'gpt-5.4', []],
    ['openai', 'gpt-4.1', ['reasoning_effort']],
    ['openai', 'gpt-5-chat-latest', ['reasoning_effort']],
    ['openrouter', 'anything/at-all', []],
    ['mistral', 'mistral-large-latest', ['reasoning_effort']],
  ])('the request to %s for %s has reasoning_effort only if the model takes it', (provider, model, dropped) => {
    const made = sentTo(provider, { reasoning_effort: 'high' }, { model });
    expect(made.dropped).toEqual(dropped);
    expect('reasoning_effort' in made.body).toBe(dropped.length === 0);
  });

  it('each server gets only its own form of reasoning in the history', () => {
    const messages: ChatRequest['messages'] = [
      { role: 'user', content: 'Hi' },
      {
        role: 'assistant',
        content: 'So.',
        reasoning_content: 'Hm.',
        reasoning_details: [{ type: 'reasoning.text', text: 'Hm.', format: 'x' }],
        tool_calls: [
          { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' }, extra_content: { google: {} } },
        ],
      },
      { role: 'tool', tool_call_id: 'c', content: 'ok' },
    ];
    const answers = ['openai', 'deepseek', 'openrouter'].map(
      (id) => (sentTo(id, { messages }).body as never as ChatRequest).messages[1],
    );
    const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } };
    expect(answers).toEqual([
      { role: 'assistant', content: 'So.', tool_calls: [call] },
      { role: 'assistant', content: 'So.', tool_calls: [call], reasoning_content: 'Hm.' },
      {
        role: 'assistant',
        content: 'So.',
        tool_calls: [call],
        reasoning_details: [{ type: 'reasoning.text', text: 'Hm.', format: 'x' }],
      },
    ]);
  });

  it('Mistral gets tool call ids of nine characters, the same in call and result', () => {
    const called = (id: string) => ({ id, type: 'function' as const, function: { name: 'f', arguments: '{}' } });
    const { body } = sentTo('mistral', {
      messages: [
        { role: 'user', content: 'Hi' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [called('toolu_01A09q90qw90lq917835lq9'), called('abcDEF123')],
        },
        { role: 'tool', tool_call_id: 'toolu_01A09q90qw90lq917835lq9', content: 'one' },
        { role: 'tool', tool_call_id: 'abcDEF123', content: 'two' },
      ],
    });
    const [, answer, one, two] = (
      body as never as { messages: { tool_calls?: { id: string }[]; tool_call_id?: string }[] }
    ).messages;
    expect(answer!.tool_calls!.map(({ id }) => id)).toEqual([one!.tool_call_id, 'abcDEF123']);
    expect(one!.tool_call_id).toMatch(/^[A-Za-z0-9]{9}$/);
    expect(two!.tool_call_id).toBe('abcDEF123');
  });

  it('images in tool results move to a user turn after the results', () => {
    const image = { type: 'image_url' as const, image_url: { url: 'data:image/png;base64,AA==' } };
    const { body } = sentTo('openai', {
      messages: [
        { role: 'user', content: 'Hi' },
        {
          role: 'assistant',
          content: null,
          tool_calls: ['a', 'b'].map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } })),
        },
        { role: 'tool', tool_call_id: 'a', content: [{ type: 'text', text: 'seen' }, image] },
        { role: 'tool', tool_call_id: 'b', content: 'none' },
        { role: 'user', content: 'And?' },
      ],
    });
    const { messages } = body as never as ChatRequest;
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'tool', 'user', 'user']);
    expect(messages[2]!.content).toEqual([{ type: 'text', text: 'seen' }]);
    expect(messages[4]!.content).toEqual([{ type: 'text', text: 'From the result of the tool call a:' }, image]);
  });
});

describe('a stream of an OpenAI-compatible server', () => {
  const told = (...events: (object | string)[]) =>
    streamed(translatorOf('groq'), { ...context, streaming: true }, [
      Buffer.from(
        events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join(''),
      ),
    ]);
  const chunk = (delta: object, finish: string | null = null, more: object = {}) => ({
    id: '1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: finish }],
    ...more,
  });
  const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
  const last = { ...chunk({}), choices: [], usage };

  it.each([
    ['an event of its own', [chunk({ content: 'a' }), chunk({}, 'stop'), { ...chunk({}), choices: [], usage }]],
    ['the last event', [chunk({ content: 'a' }), chunk({}, 'stop', { usage })]],
    [
      'every event',
      [chunk({ content: 'a' }, null, { usage: { ...usage, completion_tokens: 1 } }), chunk({}, 'stop', { usage })],
    ],
    ['an extension', [chunk({ content: 'a' }), chunk({}, 'stop', { x_groq: { usage } })]],
  ])('usage comes once, at the end, if the server sends it in %s', (_name, events) => {
    const { chunks, ended } = told(...events, '[DONE]');
    expect(ended).toBe(true);
    expect(chunks.map((each) => each.usage ?? null)).toEqual([null, null, usage]);
    expect(chunks.at(-1)).toMatchObject(last);
  });

  it('reasoning of a stream arrives as reasoning_content', () => {
    expect(told(chunk({ reasoning: 'Hm.' }), chunk({}, 'stop'), '[DONE]').chunks[0]!.choices[0]!.delta).toEqual({
      reasoning_content: 'Hm.',
    });
  });

  it('a stream without [DONE] is complete after a finish reason, and cut without one', () => {
    expect(told(chunk({ content: 'a' }), chunk({}, 'stop')).ended).toBe(true);
    expect(told(chunk({ content: 'a' })).ended).toBe(false);
  });

  it('an error in a stream is the last that it yields', () => {
    const { chunks, error } = told(
      { error: { message: 'No.', type: 'server_error' } },
      chunk({ content: 'a' }),
      '[DONE]',
    );
    expect(chunks).toEqual([]);
    expect(error).toEqual({ message: 'No.', type: 'server_error', param: null, code: null });
  });
});

it.each([
  [
    '{"error":{"message":"No.","type":"t","code":"c","param":"p"}}',
    { message: 'No.', type: 't', code: 'c', param: 'p' },
  ],
  ['{"code":"x","error":"No."}', { message: 'No.', code: 'x' }],
  ['{"object":"error","message":"No.","type":"t","code":1300}', { message: 'No.', code: '1300' }],
  ['{"detail":[{"loc":["body"],"msg":"No."}]}', { message: '[{"loc":["body"],"msg":"No."}]' }],
  ['<html>No.</html>', { message: '<html>No.</html>', type: 'invalid_request_error' }],
  ['', { message: 'The provider responded with status 422.' }],
])('the error body %s is read', (body, told) => {
  expect(translatorOf('xai').translateError(422, Buffer.from(body), () => undefined)).toMatchObject(told);
});
