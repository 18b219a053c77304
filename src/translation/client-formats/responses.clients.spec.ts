/**
 * Promise: OpenAI's own client and the AI SDK read the Responses format of the gateway as they read OpenAI's: texts,
 * calls, reasoning, usage, errors.
 */
import type { LanguageModelV3, LanguageModelV3StreamPart } from '@ai-sdk/provider';
import { createOpenAI } from '@ai-sdk/openai';
import OpenAI, { APIError } from 'openai';
import { ClientFormatFetch, type Scripted } from '../../../test/support/translation/client-format-fetch.js';
import { CONTEXT, type ScriptedChunk } from '../../../test/support/translation/responses-golden.js';
import { createResponsesFormat } from './responses.client-format.js';

const USAGE = {
  prompt_tokens: 40,
  completion_tokens: 12,
  total_tokens: 52,
  prompt_tokens_details: { cached_tokens: 8 },
  completion_tokens_details: { reasoning_tokens: 5 },
};
const THOUGHT = {
  type: 'reasoning.text',
  text: 'Hm.',
  signature: 'c2ln',
  format: 'anthropic-claude-v1',
  index: 0,
} as const;
const SIGNATURE = { google: { thought_signature: 'Q0FM' } };
const called = (index: number, id: string, name: string, args: string, extra?: typeof SIGNATURE): ScriptedChunk => ({
  tool_calls: [
    { index, id, type: 'function', function: { name, arguments: args }, ...(extra && { extra_content: extra }) },
  ],
});
const more = (index: number, args: string): ScriptedChunk => ({
  tool_calls: [{ index, function: { arguments: args } }],
});

/** Reasoning, a text, a call of a function and a call of a custom tool, interleaved. */
const TURN: ScriptedChunk[] = [
  { role: 'assistant', content: '' },
  { reasoning_content: 'Hm.' },
  { reasoning_details: [THOUGHT] },
  { content: 'Let me ' },
  { content: 'look “there” 👋.' },
  called(0, 'call_a', 'get_weather', '', SIGNATURE),
  called(1, 'call_b', 'apply_patch', '{"input":"*** Be'),
  more(0, '{"city":'),
  more(1, 'gin\\n+\\"é\\""}'),
  more(0, '"Graz"}'),
  { finish: 'tool_calls' },
  { usage: USAGE },
];
const CLOSING: Scripted = { chunks: [{ role: 'assistant', content: 'Done.' }, { finish: 'stop' }, { usage: USAGE }] };
const FAILURE = { message: 'Overloaded', type: 'server_error', param: null, code: 'overloaded_error' };

const TOOLS = [
  { type: 'function' as const, name: 'get_weather', parameters: { type: 'object', properties: {} }, strict: false },
  { type: 'custom' as const, name: 'apply_patch', description: 'Edits files.' },
];
const PATCH = '*** Begin\n+"é"';
const scripted = (...script: Scripted[]) =>
  new ClientFormatFetch((body) => createResponsesFormat(body, CONTEXT), ...script);

describe("OpenAI's client", () => {
  const ask = { model: 'anthropic:claude-x', tools: TOOLS, store: false };
  const clientOf = ({ fetch }: ClientFormatFetch) =>
    new OpenAI({ apiKey: 'k', baseURL: 'http://gate/v1', fetch, maxRetries: 0 });

  it('the OpenAI client assembles a stream into the response of its last event', async () => {
    const stream = clientOf(scripted({ chunks: TURN })).responses.stream({ ...ask, input: 'Hi' });
    const snapshots: string[] = [];
    let last: OpenAI.Responses.Response | undefined;
    stream.on('response.output_text.delta', ({ snapshot }) => void snapshots.push(snapshot));
    stream.on('response.completed', ({ response }) => void (last = response));
    const final = await stream.finalResponse();
    expect(snapshots).toEqual(['Let me ', 'Let me look “there” 👋.']);
    expect(final.output_text).toBe('Let me look “there” 👋.');
    expect(final.output.map((item) => item.type)).toEqual([
      'reasoning',
      'message',
      'reasoning',
      'function_call',
      'custom_tool_call',
    ]);
    expect(final.output[3]).toMatchObject({ call_id: 'call_a', name: 'get_weather', arguments: '{"city":"Graz"}' });
    expect(final.output[4]).toMatchObject({ call_id: 'call_b', name: 'apply_patch', input: PATCH });
    expect(final).toMatchObject({
      status: 'completed',
      usage: { input_tokens: 40, output_tokens: 12, total_tokens: 52 },
    });
    expect(final.usage).toMatchObject({
      input_tokens_details: { cached_tokens: 8 },
      output_tokens_details: { reasoning_tokens: 5 },
    });
    expect(last!.output).toEqual(final.output.map(withoutParsed));
  });

  it('the deltas of a stream add up to the items at their end', async () => {
    const events = await clientOf(scripted({ chunks: TURN })).responses.create({ ...ask, input: 'Hi', stream: true });
    const texts = new Map<string, string>();
    const done: OpenAI.Responses.ResponseOutputItem[] = [];
    for await (const event of events) {
      if ('delta' in event && 'item_id' in event) {
        texts.set(event.item_id, (texts.get(event.item_id) ?? '') + event.delta);
      }
      if (event.type === 'response.output_item.done') done.push(event.item);
    }
    const ended = done.map((item) => [item.id, textOf(item)] as const).filter(([, text]) => text !== '');
    expect(texts).toEqual(new Map(ended));
  });

  it('the output sent back as input gives reasoning, signature, calls and text in the next request', async () => {
    const script = scripted({ chunks: TURN }, CLOSING);
    const client = clientOf(script);
    const first = await client.responses.stream({ ...ask, input: 'Hi' }).finalResponse();
    const outputs = [
      { type: 'function_call_output' as const, call_id: 'call_a', output: 'sunny' },
      { type: 'custom_tool_call_output' as const, call_id: 'call_b', output: 'patched' },
    ];
    const history = first.output as OpenAI.Responses.ResponseInputItem[];
    const input = [{ role: 'user' as const, content: 'Hi' }, ...history, ...outputs];
    const second = await client.responses.stream({ ...ask, input }).finalResponse();
    expect(second.output_text).toBe('Done.');
    expect(script.clientFormats[1]!.chat.messages).toEqual(AGAIN);
  });

  it('the OpenAI client reads a whole response with status incomplete', async () => {
    const message = { role: 'assistant' as const, content: 'Servus!', refusal: null };
    const choices = [{ index: 0, message, finish_reason: 'length' as const, logprobs: null }];
    const client = clientOf(scripted({ answer: { choices, usage: USAGE } }));
    const response = await client.responses.create({ ...ask, input: 'Hi' });
    expect(response.output_text).toBe('Servus!');
    expect(response).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
  });

  it('the OpenAI client throws an APIError for an error amid the stream', async () => {
    const stream = clientOf(scripted({ chunks: TURN.slice(0, 4), error: FAILURE })).responses.stream({
      ...ask,
      input: 'Hi',
    });
    const error: unknown = await stream.finalResponse().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(APIError);
    expect(error).toMatchObject({ code: 'overloaded_error', type: 'server_error' });
    expect((error as APIError).message).toContain('Overloaded');
  });
});

/** Messages of the next request in the pivot's format: `TURN` and its outputs. */
const AGAIN = [
  { role: 'user', content: 'Hi' },
  {
    role: 'assistant',
    content: 'Let me look “there” 👋.',
    tool_calls: [
      {
        id: 'call_a',
        type: 'function',
        function: { name: 'get_weather', arguments: '{"city":"Graz"}' },
        extra_content: SIGNATURE,
      },
      {
        id: 'call_b',
        type: 'function',
        function: { name: 'apply_patch', arguments: JSON.stringify({ input: PATCH }) },
      },
    ],
    reasoning_content: 'Hm.',
    reasoning_details: [THOUGHT],
  },
  { role: 'tool', tool_call_id: 'call_a', content: 'sunny' },
  { role: 'tool', tool_call_id: 'call_b', content: 'patched' },
];

describe('the AI SDK', () => {
  const modelOf = ({ fetch }: ClientFormatFetch): LanguageModelV3 =>
    createOpenAI({ apiKey: 'k', baseURL: 'http://gate/v1', fetch: fetch }).responses('claude-x');
  const ask = {
    prompt: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Hi' }] }],
    tools: [
      { type: 'function' as const, name: 'get_weather', inputSchema: { type: 'object' as const, properties: {} } },
    ],
    providerOptions: { openai: { store: false } },
  };
  const FUNCTIONS = TURN.filter((chunk) => !('tool_calls' in chunk) || chunk.tool_calls![0]!.index === 0);

  async function parts(script: ClientFormatFetch, options: object = {}): Promise<LanguageModelV3StreamPart[]> {
    const { stream } = await modelOf(script).doStream({ ...ask, ...options });
    const all: LanguageModelV3StreamPart[] = [];
    for await (const part of stream) all.push(part);
    return all;
  }
  const ofType = <Type extends LanguageModelV3StreamPart['type']>(all: LanguageModelV3StreamPart[], type: Type) =>
    all.filter((part): part is Extract<LanguageModelV3StreamPart, { type: Type }> => part.type === type);

  it('the AI SDK reads text, reasoning, calls and usage of a stream', async () => {
    const all = await parts(scripted({ chunks: FUNCTIONS }));
    expect(ofType(all, 'error')).toEqual([]);
    expect(
      ofType(all, 'text-delta')
        .map((part) => part.delta)
        .join(''),
    ).toBe('Let me look “there” 👋.');
    expect(
      ofType(all, 'reasoning-delta')
        .map((part) => part.delta)
        .join(''),
    ).toBe('Hm.');
    expect(ofType(all, 'tool-call')).toMatchObject([
      { toolCallId: 'call_a', toolName: 'get_weather', input: '{"city":"Graz"}' },
    ]);
    const [finish] = ofType(all, 'finish');
    expect(finish!.finishReason.unified).toBe('tool-calls');
    expect(finish!.usage).toMatchObject({
      inputTokens: { total: 40, cacheRead: 8 },
      outputTokens: { total: 12, reasoning: 5 },
    });
  });

  it('the AI SDK sends reasoning and signature back in the next step', async () => {
    const script = scripted({ chunks: FUNCTIONS }, CLOSING);
    const all = await parts(script);
    const [callPart] = ofType(all, 'tool-call');
    const reasoning = ofType(all, 'reasoning-end').map(({ providerMetadata }, i) => ({
      type: 'reasoning' as const,
      text: i === 0 ? 'Hm.' : '',
      providerOptions: providerMetadata,
    }));
    const prompt = [
      ...ask.prompt,
      { role: 'assistant' as const, content: [...reasoning, { ...callPart!, input: { city: 'Graz' } }] },
      {
        role: 'tool' as const,
        content: [
          {
            type: 'tool-result' as const,
            toolCallId: 'call_a',
            toolName: 'get_weather',
            output: { type: 'text' as const, value: 'sunny' },
          },
        ],
      },
    ];
    await parts(script, { prompt });
    expect(script.clientFormats[1]!.chat.messages[1]).toMatchObject({
      reasoning_content: 'Hm.',
      reasoning_details: [THOUGHT],
      tool_calls: [{ id: 'call_a', extra_content: SIGNATURE }],
    });
  });

  it('the AI SDK reads a token limit, a content filter and an error as finish reasons', async () => {
    const finishOf = async (finish: string) => {
      const all = await parts(scripted({ chunks: [{ content: 'Once' }, { finish }] }));
      return ofType(all, 'finish')[0]!.finishReason.unified;
    };
    expect(await finishOf('length')).toBe('length');
    expect(await finishOf('content_filter')).toBe('content-filter');
    const all = await parts(scripted({ chunks: TURN.slice(0, 4), error: FAILURE }));
    expect(ofType(all, 'error')).toHaveLength(1);
    expect(ofType(all, 'finish')[0]!.finishReason.unified).toBe('error');
  });

  it('the AI SDK reads a whole response with reasoning and usage', async () => {
    const message = {
      role: 'assistant' as const,
      content: 'Servus!',
      refusal: null,
      reasoning_content: 'Hm.',
      reasoning_details: [THOUGHT],
    };
    const choices = [{ index: 0, message, finish_reason: 'stop' as const, logprobs: null }];
    const { content, usage } = await modelOf(scripted({ answer: { choices, usage: USAGE } })).doGenerate(ask);
    expect(content).toMatchObject([
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: 'Servus!' },
    ]);
    expect(usage.inputTokens.total).toBe(40);
  });
});

/** Removes the members that the client adds when it parses. */
function withoutParsed(item: object): object {
  return JSON.parse(
    JSON.stringify(item, (name, value) => (name.startsWith('parsed') ? undefined : (value as unknown))),
  ) as object;
}

function textOf(item: OpenAI.Responses.ResponseOutputItem): string {
  switch (item.type) {
    case 'message':
      return item.content.map((part) => (part.type === 'output_text' ? part.text : part.refusal)).join('');
    case 'reasoning':
      return item.summary.map((part) => part.text).join('');
    case 'function_call':
      return item.arguments;
    case 'custom_tool_call':
      return item.input;
    default:
      throw new Error(`an item of the kind ${item.type}`);
  }
}
