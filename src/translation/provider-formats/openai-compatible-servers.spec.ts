/**
 * Promise: clients of Messages and Responses get the same result from every server with an OpenAI-compatible Chat API,
 * despite its deviations.
 */
import { findProvider } from '../../providers/registry.js';
import { readRoutedBody } from '../pivot/routed-body.js';
import { PivotResponse } from '../pivot-response.js';
import { createClientFormat, type ClientFormatId } from '../client-formats/registry.js';
import type { TranslationContext } from '../pivot/translator.js';
import { getTranslator } from './registry.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Json = Record<string, any>;

const TOOLS = {
  messages: [{ name: 'find', input_schema: { type: 'object' } }],
  responses: [{ type: 'function', name: 'find', parameters: { type: 'object' }, strict: false }],
  chat: [],
};

function answerOf(kind: ClientFormatId, streaming: boolean, history: Json[] = []) {
  const body = {
    model: 'together:m',
    stream: streaming,
    tools: TOOLS[kind],
    ...(kind === 'responses'
      ? { input: [{ role: 'user', content: 'x' }, ...history] }
      : { max_tokens: 9, thinking: { type: 'adaptive' }, messages: [{ role: 'user', content: 'x' }, ...history] }),
  };
  const front = createClientFormat(kind, readRoutedBody(Buffer.from(JSON.stringify(body))), '0b2c-4d', 1);
  const context: TranslationContext = { model: 'm', id: 'chatcmpl-0b2c4d', created: 1, streaming };
  return new PivotResponse(getTranslator(findProvider('together')!), front, context, '0b2c-4d', []);
}

/** Result as a client understands it: the same for every client format, whole or streamed. */
interface Told {
  text: string;
  reasoning: string;
  calls: { id: string; name: string; args: unknown }[];
  sources: string[];
  end: string;
  usage: (number | undefined)[] | null;
}

const ofMessage = (message: Json): Told => {
  const blocks: Json[] = message['content'];
  const text = blocks.filter(({ type }) => type === 'text');
  const { input_tokens: input, output_tokens: output, cache_read_input_tokens: read, ...usage } = message['usage'];
  return {
    text: text.map((block) => block['text']).join(''),
    reasoning: blocks.map((block) => (block['type'] === 'thinking' ? block['thinking'] : '')).join(''),
    calls: blocks
      .filter(({ type }) => type === 'tool_use')
      .map((block) => ({ id: block['id'], name: block['name'], args: block['input'] })),
    sources: text.flatMap((block) => (block['citations'] ?? []).map((one: Json) => one['url'])),
    end: message['stop_reason'],
    usage: [
      input + read + usage['cache_creation_input_tokens'],
      read,
      usage['cache_creation_input_tokens'],
      output,
      usage['output_tokens_details']?.thinking_tokens ?? 0,
    ],
  };
};

const ENDS: Record<string, string> = { max_output_tokens: 'max_tokens', content_filter: 'refusal' };

const ofResponse = (response: Json): Told => {
  const items: Json[] = response['output'];
  const parts = items.filter(({ type }) => type === 'message').flatMap((item) => item['content'] as Json[]);
  const calls = items.filter(({ type }) => type === 'function_call');
  const { usage } = response;
  return {
    text: parts.map((part) => part['text'] ?? '').join(''),
    reasoning: items.flatMap((item) => (item['summary'] ?? []).map((one: Json) => one['text'])).join(''),
    calls: calls.map((item) => ({ id: item['call_id'], name: item['name'], args: JSON.parse(item['arguments']) })),
    sources: parts.flatMap((part) => (part['annotations'] ?? []).map((one: Json) => one['url'])),
    end: ENDS[response['incomplete_details']?.reason] ?? (calls.length > 0 ? 'tool_use' : 'end_turn'),
    usage: usage && [
      usage['input_tokens'],
      usage['input_tokens_details'].cached_tokens,
      usage['input_tokens_details'].cache_write_tokens,
      usage['output_tokens'],
      usage['output_tokens_details'].reasoning_tokens,
    ],
  };
};

const eventsOf = (text: string): Json[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('data: ') && !line.includes('[DONE]'))
    .map((line) => JSON.parse(line.slice(6)));

/** Assembles a message as Anthropic's SDKs do. */
function messageOf(events: Json[]): Json {
  const blocks: Json[] = [];
  let message: Json = {};
  for (const event of events) {
    const block = blocks[event['index']];
    if (event['type'] === 'message_start') message = event['message'];
    if (event['type'] === 'content_block_start') blocks[event['index']] = { ...event['content_block'], json: '' };
    if (event['type'] === 'message_delta') message = { ...message, ...event['delta'], usage: event['usage'] };
    const { delta } = event;
    if (event['type'] !== 'content_block_delta' || !block) continue;
    if (delta.type === 'text_delta') block['text'] += delta.text;
    if (delta.type === 'thinking_delta') block['thinking'] += delta.thinking;
    if (delta.type === 'input_json_delta') block['json'] += delta.partial_json;
    if (delta.type === 'citations_delta') (block['citations'] ??= []).push(delta.citation);
  }
  for (const block of blocks) if (block['json'] !== '') block['input'] = JSON.parse(block['json']);
  return { ...message, content: blocks };
}

const CLIENTS: Record<string, (whole: Json, stream: string, history?: Json[]) => [Told, Told]> = {
  messages: (whole, stream, history) => [
    ofMessage(JSON.parse(answerOf('messages', false, history).translateResponse(Buffer.from(JSON.stringify(whole))))),
    ofMessage(messageOf(eventsOf(streamed('messages', stream, history)))),
  ],
  responses: (whole, stream, history) => [
    ofResponse(JSON.parse(answerOf('responses', false, history).translateResponse(Buffer.from(JSON.stringify(whole))))),
    ofResponse(eventsOf(streamed('responses', stream, history)).at(-1)!['response']),
  ],
};

function streamed(kind: ClientFormatId, text: string, history?: Json[], size = text.length): string {
  const stream = answerOf(kind, true, history).createStream();
  let told = '';
  const bytes = Buffer.from(text);
  for (let i = 0; i < bytes.length; i += size) told += stream.push(bytes.subarray(i, i + size));
  // as the relay does: nothing follows an error
  if (stream.hasFailed) return told;
  return told + (stream.end() ?? 'CUT');
}

const sse = (...events: (Json | string)[]): string =>
  events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('');
const chunk = (delta: unknown, finish: unknown = null, more: Json = {}): Json => ({
  id: 'c',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, delta, finish_reason: finish }],
  ...more,
});
const completion = (message: unknown, finish: unknown = 'stop', more: Json = {}): Json => ({
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message, finish_reason: finish }],
  ...more,
});

const USAGE = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
const NOTHING: Told = { text: '', reasoning: '', calls: [], sources: [], end: 'end_turn', usage: [10, 0, 0, 5, 0] };
const call = (members: Json, args?: unknown, name = 'find'): Json => ({
  ...members,
  function: { name, ...(args !== undefined && { arguments: args }) },
});
const THINKING = {
  type: 'thinking',
  thinking: [
    { type: 'text', text: 'Hm. ' },
    { type: 'text', text: 'So.' },
  ],
};
const SOURCES = ['https://a.example/1', 'https://b.example/2'];
const urlCitation = (url: string): Json => ({ type: 'url_citation', url_citation: { url, title: 'T' } });

const HABITS: [string, { whole: Json; stream: Json[]; told: Partial<Told> }][] = [
  [
    'content in parts, with thinking',
    {
      whole: completion({ content: [THINKING, { type: 'text', text: 'Four' }, { type: 'text', text: '.' }] }),
      stream: [
        chunk({ role: 'assistant', content: '' }),
        chunk({ content: [THINKING] }),
        chunk({ content: [{ type: 'text', text: 'Four' }] }),
        chunk({ content: '.' }),
        chunk({ content: '' }, 'stop'),
      ],
      told: { text: 'Four.', reasoning: 'Hm. So.' },
    },
  ],
  [
    'thinking as plain text, in one chunk with the content',
    {
      whole: completion({
        content: [
          { type: 'thinking', thinking: 'Hm.' },
          { type: 'text', text: 'Four.' },
        ],
      }),
      stream: [
        chunk({
          content: [
            { type: 'thinking', thinking: 'Hm.' },
            { type: 'text', text: 'Four' },
          ],
        }),
        chunk({ content: ['.'] }, 'stop'),
      ],
      told: { text: 'Four.', reasoning: 'Hm.' },
    },
  ],
  [
    'reasoning beside the text, under either name',
    {
      whole: completion({ content: 'Four.', reasoning: 'Hm.', reasoning_content: null }),
      stream: [
        chunk({ reasoning: 'H', reasoning_content: '' }),
        chunk({ reasoning_content: 'm.' }),
        chunk({ content: 'Four.' }, 'stop'),
      ],
      told: { text: 'Four.', reasoning: 'Hm.' },
    },
  ],
  [
    'calls whose arguments are an object, absent or null',
    {
      whole: completion({
        content: null,
        tool_calls: [
          call({ id: 'a' }, { q: 1 }),
          call({ id: 'b' }),
          call({ id: 'c' }, null),
          call({ id: 'd' }, 'null'),
        ],
      }),
      stream: [
        chunk({
          tool_calls: [
            call({ id: 'a' }, { q: 1 }),
            call({ id: 'b' }),
            call({ id: 'c' }, null),
            call({ id: 'd' }, 'null'),
          ],
        }),
        chunk({}, 'stop'),
      ],
      told: {
        calls: [{ q: 1 }, {}, {}, {}].map((args, i) => ({ id: 'abcd'[i]!, name: 'find', args })),
        end: 'tool_use',
      },
    },
  ],
  [
    'a response without role, with empty members',
    {
      whole: completion(
        {
          content: 'Hi.',
          refusal: '',
          annotations: null,
          tool_calls: null,
          function_call: { name: '', arguments: '' },
          audio: { data: '' },
        },
        '',
      ),
      stream: [
        chunk(null),
        { ...chunk({}), choices: null },
        { ...chunk({}), choices: [{ delta: { content: 'Hi.', refusal: '', tool_calls: null } }] },
        chunk(undefined, 'stop'),
      ],
      told: { text: 'Hi.' },
    },
  ],
  [
    'tool calls beside a legacy function_call',
    {
      whole: completion(
        {
          content: null,
          function_call: { name: 'find', arguments: '{"q":1}' },
          tool_calls: [call({ id: 'a' }, '{"q":1}')],
        },
        'function_call',
      ),
      stream: [chunk({ tool_calls: [call({ index: 0, id: 'a' }, '{"q":1}')] }), chunk({}, 'function_call')],
      told: { calls: [{ id: 'a', name: 'find', args: { q: 1 } }], end: 'tool_use' },
    },
  ],
  [
    'source URLs beside the choices (Perplexity, xAI)',
    {
      whole: completion({ content: 'See [1].' }, 'stop', {
        citations: SOURCES,
        search_results: [{ title: 'A', url: SOURCES[0], snippet: 's' }],
      }),
      stream: [
        chunk({ role: 'assistant', content: 'See ' }, null, { citations: [SOURCES[0]] }),
        chunk({ content: '[1].' }, 'stop', { citations: SOURCES, search_results: [{ title: 'A', url: SOURCES[0] }] }),
      ],
      told: { text: 'See [1].', sources: SOURCES },
    },
  ],
  [
    'source URLs after the finish reason',
    {
      whole: completion({ content: 'See.' }, 'stop', { web_search: SOURCES.map((link) => ({ link, title: 'T' })) }),
      stream: [chunk({ content: 'See.' }), chunk({}, 'stop'), { ...chunk({}), choices: [], citations: SOURCES }],
      told: { text: 'See.', sources: SOURCES },
    },
  ],
  [
    'annotations before the text, some of them flat',
    {
      whole: completion({
        content: 'See.',
        annotations: [urlCitation(SOURCES[0]!), { type: 'url_citation', url: SOURCES[1] }],
      }),
      stream: [
        chunk({ annotations: [urlCitation(SOURCES[0]!), { type: 'url_citation', url: SOURCES[1] }] }),
        chunk({ reasoning: '' }),
        chunk({ content: 'See.' }),
        chunk({}, 'stop', { citations: SOURCES }),
      ],
      told: { text: 'See.', sources: SOURCES },
    },
  ],
];

describe.each(Object.entries(CLIENTS))('clients of %s', (format, told) => {
  it.each(HABITS)(`a ${format} client reads %s`, (_name, { whole, stream, told: wanted }) => {
    const [ofWhole, ofStream] = told(
      { ...whole, usage: USAGE },
      sse(...stream, { ...chunk({}), choices: [], usage: USAGE }, '[DONE]'),
    );
    expect(ofWhole).toEqual({ ...NOTHING, ...wanted });
    expect(ofStream).toEqual({ ...NOTHING, ...wanted });
  });

  it.each<[string, unknown, (number | undefined)[]]>([
    [
      'OpenAI',
      { ...USAGE, prompt_tokens_details: { cached_tokens: 4 }, completion_tokens_details: { reasoning_tokens: 3 } },
      [10, 4, 0, 5, 3],
    ],
    [
      'xAI, which counts reasoning outside of the output',
      { prompt_tokens: 10, completion_tokens: 5, total_tokens: 22, completion_tokens_details: { reasoning_tokens: 7 } },
      [10, 0, 0, 12, 7],
    ],
    ['Moonshot', { ...USAGE, cached_tokens: 4 }, [10, 4, 0, 5, 0]],
    ['DeepSeek', { ...USAGE, prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 6 }, [10, 4, 0, 5, 0]],
    [
      'OpenRouter',
      { ...USAGE, prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 3 }, cost: 0.1 },
      [10, 4, 3, 5, 0],
    ],
    [
      'a server whose details are null',
      { ...USAGE, prompt_tokens_details: null, completion_tokens_details: null },
      [10, 0, 0, 5, 0],
    ],
    [
      'a server that uses the names of Responses',
      { input_tokens: 10, output_tokens: 5, input_tokens_details: { cached_tokens: 4 } },
      [10, 4, 0, 5, 0],
    ],
  ])(`a ${format} client reads the usage of %s`, (_name, usage, wanted) => {
    const whole = completion({ content: 'x' }, 'stop', { usage });
    const early = { prompt_tokens: 10, completion_tokens: 1, total_tokens: 11 };
    for (const stream of [
      sse(
        chunk({ content: 'x' }, null, { usage: null }),
        chunk({}, 'stop', { usage: null }),
        { ...chunk({}), choices: [], usage },
        '[DONE]',
      ),
      sse(chunk({ content: 'x' }, null, { usage: early }), chunk({}, 'stop', { usage }), '[DONE]'),
      sse(chunk({ content: 'x' }), chunk({}, 'stop', { x_groq: { usage } })),
      sse(chunk({ content: 'x' }), chunk({}, 'stop'), { ...chunk({}), choices: undefined, usage }),
    ])
      expect(told(whole, stream).map((one) => one.usage)).toEqual([wanted, wanted]);
  });

  it.each([
    ['eos', 'end_turn'],
    ['end_turn', 'end_turn'],
    ['COMPLETE', 'end_turn'],
    ['something_new', 'end_turn'],
    ['max_tokens', 'max_tokens'],
    ['MAX_TOKENS', 'max_tokens'],
    ['model_length', 'max_tokens'],
    ['model_context_window_exceeded', 'max_tokens'],
    ['sensitive', 'refusal'],
    ['SAFETY', 'refusal'],
    ['tool_calls', 'end_turn'],
  ])(`a ${format} client reads finish reason %s as %s`, (reason, end) => {
    const [whole, stream] = told(completion({ content: 'x' }, reason), sse(chunk({ content: 'x' }), chunk({}, reason)));
    expect([whole.end, stream.end]).toEqual([end, end]);
  });

  it(`a ${format} client gets tool call ids that are unique in the conversation`, () => {
    const calls = ['call_0', 'call_0', '', 'functions.find:0', undefined, 'x'.repeat(80)].map((id, index) =>
      call({ index, id }, '{}'),
    );
    const known = (id: string): Json[] => [
      { type: 'function_call', call_id: id, name: 'find', arguments: '{}' },
      { type: 'function_call_output', call_id: id, output: 'x' },
    ];
    const turns = (id: string): Json[] => [
      { role: 'assistant', content: [{ type: 'tool_use', id, name: 'find', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'x' }] },
    ];
    const history = told === CLIENTS['messages'] ? turns('call_0') : known('call_0');
    for (const { calls: made } of told(
      completion({ content: null, tool_calls: calls }, 'tool_calls'),
      sse(chunk({ tool_calls: calls }), chunk({}, 'tool_calls'), '[DONE]'),
      history,
    )) {
      const ids = made.map(({ id }) => id);
      expect(ids).toHaveLength(6);
      expect(new Set(['call_0', ...ids]).size).toBe(7);
      for (const id of ids) expect(id).toMatch(/^.{1,64}$/);
      expect(ids.slice(0, 2)).toEqual(['call_0_2', 'call_0_3']);
      expect(ids[3]).toBe('functions.find:0');
    }
  });

  it(`a ${format} client gets the tool call id of the server if it is usable`, () => {
    const calls = [call({ index: 0, id: 'chatcmpl-tool-9f14' }, '{}')];
    for (const { calls: made } of told(
      completion({ content: null, tool_calls: calls }),
      sse(chunk({ tool_calls: calls }), chunk({}, 'stop')),
    ))
      expect(made.map(({ id }) => id)).toEqual(['chatcmpl-tool-9f14']);
  });
});

describe('the framing of a stream', () => {
  const events = [chunk({ content: 'É' }), chunk({ content: '€' }), chunk({}, 'stop')];
  const lines = events.map((event) => JSON.stringify(event));

  it.each([
    ['no spaces after colons', lines.map((line) => `data:${line}\n\n`).join('')],
    ['CR LF line ends', lines.map((line) => `data: ${line}\r\n\r\n`).join('') + 'data: [DONE]\r\n\r\n'],
    ['CR line ends', lines.map((line) => `data: ${line}\r\r`).join('')],
    [
      'comments, ids and event names',
      `: hello\n\n${lines.map((line) => `id: 1\nevent: chunk\n: x\ndata: ${line}\nretry: 5\n\n`).join('')}`,
    ],
    ['a byte order mark', `\ufeff${lines.map((line) => `data: ${line}\n\n`).join('')}`],
    ['no empty line at its end', lines.map((line) => `data: ${line}`).join('\n\n')],
    ['spaces around [DONE]', `${lines.map((line) => `data: ${line}\n\n`).join('')}data:  [DONE] \n\n`],
    [
      'events that are not JSON objects',
      `data: ping\n\n${lines.map((line) => `data: ${line}\n\n`).join('data: []\n\ndata: 1\n\n')}`,
    ],
  ])('a stream with %s is read however it is cut', (_, text) => {
    for (const size of [1, 2, 7, text.length])
      expect(ofMessage(messageOf(eventsOf(streamed('messages', text, [], size)))).text).toBe('É€');
  });

  it('a stream ends with an error event that no empty line follows', () => {
    const text = `${sse(chunk({ content: 'x' }))}data: {"error":{"message":"Overloaded."}}`;
    const told = streamed('messages', text);
    expect(eventsOf(told).at(-1)).toMatchObject({ type: 'error', error: { message: 'Overloaded.' } });
    expect(told).not.toContain('message_stop');
  });

  it('a stream without a finish reason or [DONE] is reported as cut', () => {
    expect(streamed('messages', sse(chunk({ content: 'x' })))).toMatch(/CUT$/);
  });

  it.each(['error', 'network_error', 'insufficient_system_resource'])(
    'the finish reason %s makes a stream or a whole response fail',
    (reason) => {
      const told = streamed('messages', sse(chunk({ content: 'x' }), chunk({}, reason), '[DONE]'));
      expect(eventsOf(told).at(-1)).toMatchObject({
        type: 'error',
        error: { message: expect.stringContaining(reason) as string },
      });
      const whole = Buffer.from(JSON.stringify(completion({ content: 'x' }, reason)));
      expect(() => answerOf('messages', false).translateResponse(whole)).toThrow(reason);
    },
  );
});

describe('members that no client format has', () => {
  it('unknown parts and executed_tools are named as lost', () => {
    const answer = answerOf('responses', false);
    const content = [
      { type: 'text', text: 'x' },
      { type: 'reference', reference_ids: [1] },
    ];
    answer.translateResponse(
      Buffer.from(JSON.stringify(completion({ content, executed_tools: [{ type: 'search' }] }))),
    );
    expect([...answer.lost]).toEqual(['content[].reference', 'executed_tools']);
  });

  it('empty unknown members are not named as lost', () => {
    const answer = answerOf('messages', false);
    answer.translateResponse(
      Buffer.from(JSON.stringify(completion({ content: 'x', executed_tools: [], audio: null }))),
    );
    expect([...answer.lost]).toEqual([]);
  });
});

it('a body that is not a completion is rejected, and one without choices gives an empty response', () => {
  for (const body of ['{}', '[]', '{"choices":null}', 'null', '"x"', 'x'])
    expect(() => answerOf('messages', false).translateResponse(Buffer.from(body))).toThrow();
  const empty = JSON.parse(answerOf('responses', false).translateResponse(Buffer.from('{"choices":[]}'))) as Json;
  expect(empty).toMatchObject({ status: 'completed', output: [], model: 'm' });
});

it('a citation has its position in the text of a Responses response', () => {
  const [whole, stream] = [
    JSON.parse(
      answerOf('responses', false).translateResponse(
        Buffer.from(JSON.stringify(completion({ content: 'See.' }, 'stop', { citations: SOURCES }))),
      ),
    ) as Json,
    eventsOf(streamed('responses', sse(chunk({ content: 'See.' }, 'stop', { citations: SOURCES })))).at(-1)![
      'response'
    ] as Json,
  ];
  for (const { output } of [whole, stream])
    expect(output[0].content[0].annotations[0]).toEqual({
      type: 'url_citation',
      url: SOURCES[0],
      title: SOURCES[0],
      start_index: 0,
      end_index: 4,
    });
});
