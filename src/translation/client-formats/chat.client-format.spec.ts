/**
 * Promise: a Chat body is refused with the path of the wrong member, and the response is written as OpenAI writes it.
 */
import OpenAI, { APIError } from 'openai';
import { ClientFormatFetch, type Scripted } from '../../../test/support/translation/client-format-fetch.js';
import {
  chunkOf,
  completionOf,
  type ScriptedChunk,
  streamedText,
} from '../../../test/support/translation/responses-golden.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { JsonObject } from '../pivot/chat.js';
import { createChatFormat } from './chat.client-format.js';

const USAGE = { prompt_tokens: 40, completion_tokens: 12, total_tokens: 52 };
const HI = { model: 'anthropic:claude-x', messages: [{ role: 'user' as const, content: 'Hi' }] };
const TOOL = { type: 'function', function: { name: 'look', parameters: { type: 'object' } } };
const TEXT: ScriptedChunk[] = [
  { role: 'assistant', content: '' },
  { content: 'Ser' },
  { content: 'vus!' },
  { finish: 'stop' },
  { usage: USAGE },
];

describe('a Chat request', () => {
  it('a Chat request passes unchanged, including unknown members', () => {
    const body = {
      ...HI,
      messages: [
        { role: 'developer', content: [{ type: 'text', text: 'Be brief.' }], novelty: 1 },
        { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c', type: 'function', function: { name: 'look', arguments: '' } }],
        },
        { role: 'tool', tool_call_id: 'c', content: 'seen' },
      ],
      tools: [TOOL, { type: 'custom', custom: { name: 'sql' } }, { type: 'novel_tool' }],
      temperature: null,
      reasoning_effort: 'high',
      novelty: { a: 1 },
    };
    const front = createChatFormat(structuredClone(body));
    expect(front.chat).toEqual(body);
    expect(front.dropped).toEqual([]);
  });

  const call = (members: JsonObject) => [
    { role: 'assistant', tool_calls: [{ id: 'c', type: 'function', ...members }] },
  ];
  it.each<[string, JsonObject]>([
    ['model', { model: undefined }],
    ['messages', { messages: undefined }],
    ['messages', { messages: [] }],
    ['messages[0]', { messages: ['Hi'] }],
    ['messages[1].role', { messages: [HI.messages[0], { role: 'narrator', content: '' }] }],
    ['messages[0].role', { messages: [{ role: 'constructor', content: '' }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: null }] }],
    ['messages[0].content[0].type', { messages: [{ role: 'user', content: [{ type: 'video' }] }] }],
    ['messages[0].content[0].type', { messages: [{ role: 'system', content: [{ type: 'image_url' }] }] }],
    ['messages[0].content[0].text', { messages: [{ role: 'user', content: [{ type: 'text' }] }] }],
    [
      'messages[0].content[0].image_url',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: 'x' }] }] },
    ],
    [
      'messages[0].content[0].image_url.url',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] },
    ],
    [
      'messages[0].content[0].file.file_id',
      { messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: [] } }] }] },
    ],
    [
      'messages[0].content[0].input_audio.data',
      { messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: { data: 7 } }] }] },
    ],
    ['messages[0].tool_call_id', { messages: [{ role: 'tool', content: 'x' }] }],
    ['messages[0].tool_calls[0].function', { messages: call({}) }],
    ['messages[0].tool_calls[0].function.name', { messages: call({ function: { arguments: '' } }) }],
    ['messages[0].tool_calls[0].function.arguments', { messages: call({ function: { name: 'f', arguments: {} } }) }],
    ['tools', { tools: {} }],
    ['tools[0].type', { tools: [{}] }],
    ['tools[1].function', { tools: [TOOL, { type: 'function' }] }],
    ['tools[0].function.name', { tools: [{ type: 'function', function: { name: '' } }] }],
    ['tools[0].function.parameters', { tools: [{ type: 'function', function: { name: 'f', parameters: [] } }] }],
    ['tools[0].function.description', { tools: [{ type: 'function', function: { name: 'f', description: {} } }] }],
    ['tool_choice', { tool_choice: 7 }],
    ['tool_choice.type', { tool_choice: {} }],
    ['tool_choice.function', { tool_choice: { type: 'function' } }],
    ['tool_choice.function.name', { tool_choice: { type: 'function', function: { name: [] } } }],
    ['tool_choice.custom', { tool_choice: { type: 'custom', custom: null } }],
    ['tool_choice.allowed_tools', { tool_choice: { type: 'allowed_tools', allowed_tools: [] } }],
    ['tool_choice.allowed_tools.mode', { tool_choice: { type: 'allowed_tools', allowed_tools: { tools: [] } } }],
    ['tool_choice.allowed_tools.tools', { tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto' } } }],
    [
      'tool_choice.allowed_tools.tools[0].function',
      { tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [{ type: 'function' }] } } },
    ],
    ['stream', { stream: 'yes' }],
    ['temperature', { temperature: '1' }],
    ['stream_options', { stream_options: true }],
  ])('a Chat request with a wrong %s is refused with invalid_body', (path, members) => {
    const error = refusalOf({ ...HI, ...members });
    expect(error.code).toBe('invalid_body');
    expect(error.message).toContain(`"${path}" must be`);
    expect(error.fields![0]!.pointer).toBe(`/${path.replaceAll(/[[.]/g, '/').replaceAll(']', '')}`);
  });
});

describe('a Chat response', () => {
  it('a Chat response passes unchanged, with system_fingerprint null if it is absent', () => {
    const completion = completionOf({ usage: USAGE });
    expect(JSON.parse(createChatFormat(HI).renderResponse(completion))).toEqual({
      ...completion,
      system_fingerprint: null,
    });
    const marked = { ...completion, system_fingerprint: 'fp_1' };
    expect(JSON.parse(createChatFormat(HI).renderResponse(marked))).toEqual(marked);
  });

  it('a Chat stream contains usage only if include_usage asks for it', () => {
    const events = (chunks: ScriptedChunk[]) =>
      chunks.map((chunk) => `data: ${JSON.stringify(chunkOf(chunk))}\n\n`).join('');
    expect(streamedText(createChatFormat({ ...HI, stream: true }), TEXT)).toBe(
      `${events(TEXT.slice(0, 4))}data: [DONE]\n\n`,
    );
    const asked = { ...HI, stream: true, stream_options: { include_usage: true } };
    expect(streamedText(createChatFormat(asked), TEXT)).toBe(`${events(TEXT)}data: [DONE]\n\n`);
  });

  it('a failing Chat stream ends with an error event, without [DONE]', () => {
    const error = { message: 'Overloaded', type: 'server_error', param: null, code: null };
    const text = streamedText(createChatFormat(HI), TEXT.slice(0, 2), error);
    expect(text.endsWith(`data: ${JSON.stringify({ error })}\n\n`)).toBe(true);
    expect(JSON.parse(createChatFormat(HI).renderError(error, 529, 'r1'))).toEqual({ error });
  });
});

describe("OpenAI's client", () => {
  const clientOf = (...script: Scripted[]) => {
    const fake = new ClientFormatFetch(createChatFormat, ...script);
    return { fake, client: new OpenAI({ apiKey: 'k', baseURL: 'http://gate/v1', fetch: fake.fetch, maxRetries: 0 }) };
  };
  const CALLS: ScriptedChunk[] = [
    { role: 'assistant', content: null },
    { tool_calls: [{ index: 0, id: 'c1', type: 'function', function: { name: 'look', arguments: '{"at":' } }] },
    { tool_calls: [{ index: 1, id: 'c2', type: 'function', function: { name: 'look', arguments: '{"at":"sky"}' } }] },
    { tool_calls: [{ index: 0, function: { arguments: '"sea"}' } }] },
    { finish: 'tool_calls' },
  ];

  it('the OpenAI client assembles a stream into a completion', async () => {
    const { client } = clientOf({ chunks: TEXT });
    const stream = client.chat.completions.stream({ ...HI, stream_options: { include_usage: true } });
    const { choices, usage } = await stream.finalChatCompletion();
    expect(choices[0]).toMatchObject({ message: { content: 'Servus!' }, finish_reason: 'stop' });
    expect(usage).toEqual(USAGE);
  });

  it('the OpenAI client throws an APIError for an error amid the stream', async () => {
    const error = { message: 'Overloaded', type: 'server_error', param: null, code: 'overloaded_error' };
    const { client } = clientOf({ chunks: TEXT.slice(0, 2), error });
    const thrown: unknown = await client.chat.completions
      .stream(HI)
      .done()
      .catch((reason: unknown) => reason);
    expect(thrown).toBeInstanceOf(APIError);
    expect(thrown).toMatchObject({ code: 'overloaded_error' });
  });

  it.each([true, false])('the OpenAI client runs tools until the final content (streamed: %s)', async (stream) => {
    const message = (content: string | null, calls?: object) => ({
      role: 'assistant',
      content,
      refusal: null,
      tool_calls: calls,
    });
    const whole = (told: object, finish_reason: string) =>
      ({ answer: { choices: [{ index: 0, message: told, finish_reason, logprobs: null }] } }) as unknown as Scripted;
    const calls = ['sea', 'sky'].map((at, i) => ({
      id: `c${i + 1}`,
      type: 'function',
      function: { name: 'look', arguments: JSON.stringify({ at }) },
    }));
    const { client, fake } = stream
      ? clientOf({ chunks: CALLS }, { chunks: TEXT })
      : clientOf(whole(message(null, calls), 'tool_calls'), whole(message('Servus!'), 'stop'));
    const look = ({ at }: { at: string }) => `the ${at} is blue`;
    const run = client.chat.completions.runTools({
      ...HI,
      stream: stream as true,
      tools: [
        {
          type: 'function',
          function: { name: 'look', description: '', parameters: {}, function: look, parse: JSON.parse },
        },
      ],
    });
    expect(await run.finalContent()).toBe('Servus!');
    expect(fake.clientFormats[1]!.chat.messages).toMatchObject([
      HI.messages[0],
      { role: 'assistant', tool_calls: calls },
      { role: 'tool', tool_call_id: 'c1', content: 'the sea is blue' },
      { role: 'tool', tool_call_id: 'c2', content: 'the sky is blue' },
    ]);
  });
});

function refusalOf(body: JsonObject): GatewayError {
  try {
    createChatFormat(body);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('not refused');
}
