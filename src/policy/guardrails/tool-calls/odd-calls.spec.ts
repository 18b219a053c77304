/** Promise: calls of vendors' own tools count, and parts that do not clearly make one call are blocked. */
import {
  frames,
  jsonLines,
  readLines,
  readSse,
  sseEvents,
} from '../../../../test/support/providers/tool-call-dialects.js';
import type { ToolCallPolicy } from '../../../orgs/llm-proxies/policy/tool-calls.js';
import { getDialect } from '../../../providers/dialects/registry.js';
import type { DialectId } from '../../../providers/dialects/base/dialect.js';
import { GuardrailRun } from '../guardrail-run.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Json = Record<string, any>;

const screeningOf = (over: Partial<ToolCallPolicy>): GuardrailRun =>
  GuardrailRun.create({ toolCalls: { rules: [], default: 'allow', trustedTools: [], onBlock: 'refuse', ...over } })!;

const blocking = (...tools: string[]): Partial<ToolCallPolicy> => ({
  rules: [{ name: 'r', tools, when: [], action: 'block' }],
});

function whole(dialect: DialectId, body: Json, over: Partial<ToolCallPolicy>): { body: Json; told: string[] } {
  const screening = screeningOf(over);
  const bytes = screening.toolCalls!.checkResponse(Buffer.from(JSON.stringify(body)), getDialect(dialect).toolCalls);
  return { body: JSON.parse(bytes.toString()), told: toldOf(screening) };
}

function stream(dialect: DialectId, bytes: Buffer, over: Partial<ToolCallPolicy>) {
  const screening = screeningOf(over);
  const isLineStream = bytes[0] === 0x7b;
  const events = dialect === 'bedrock' ? 'application/vnd.amazon.eventstream' : 'text/event-stream';
  const contentType = isLineStream ? 'application/x-ndjson' : events;
  const head = { contentType, contentEncoding: null, isStreamed: true, isArrayStream: false, isLineStream };
  const calls = screening.createToolCallStream(head, getDialect(dialect).toolCalls)!;
  const shown = Buffer.from(calls.push(bytes, true));
  return { shown, text: shown.toString(), told: toldOf(screening), refusal: calls.refusal };
}

const toldOf = (screening: GuardrailRun): string[] =>
  screening.decisions.map(({ guardrail, pointer, reason }) => `${guardrail} ${pointer}${reason ? ` ${reason}` : ''}`);

describe("vendors' own tools", () => {
  it.each<[string, DialectId, Json, string, string]>([
    [
      'a web search of Responses',
      'openai',
      { output: [{ type: 'web_search_call', id: 'ws', action: { query: 'secret' } }] },
      'web_search',
      '/output/0',
    ],
    [
      'a code interpreter call of Responses',
      'openai',
      { output: [{ type: 'code_interpreter_call', id: 'ci', code: 'secret' }] },
      'code_interpreter',
      '/output/0',
    ],
    [
      'a computer call of Responses',
      'openai',
      { output: [{ type: 'computer_call', id: 'c', action: { type: 'type', text: 'secret' } }] },
      'computer',
      '/output/0',
    ],
    [
      'an MCP call that matches by tool name',
      'openai',
      { output: [{ type: 'mcp_call', id: 'm', name: 'drop', server_label: 'db', arguments: '{"x":"secret"}' }] },
      'drop',
      '/output/0',
    ],
    [
      'an MCP approval request that matches by server',
      'openai',
      {
        output: [
          { type: 'mcp_approval_request', id: 'm', name: 'drop', server_label: 'db', arguments: '{"x":"secret"}' },
        ],
      },
      'db/*',
      '/output/0',
    ],
    [
      'an output item of an unknown kind',
      'openai',
      { output: [{ type: 'teleport_call', id: 't', where: 'secret' }] },
      'teleport',
      '/output/0',
    ],
    [
      'a function call in a namespace',
      'openai',
      {
        output: [
          {
            type: 'function_call',
            id: 'f',
            call_id: 'c',
            namespace: 'mcp__db',
            name: 'drop',
            arguments: '{"x":"secret"}',
          },
        ],
      },
      'mcp__db/drop',
      '/output/0',
    ],
    [
      'a web search of Anthropic',
      'anthropic',
      {
        content: [
          { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'secret' } },
          { type: 'web_search_tool_result', tool_use_id: 's', content: ['secret'] },
        ],
      },
      'web_search',
      '/content/0',
    ],
    [
      'a code execution of Anthropic',
      'anthropic',
      {
        content: [
          { type: 'server_tool_use', id: 's', name: 'bash_code_execution', input: { command: 'secret' } },
          { type: 'bash_code_execution_tool_result', tool_use_id: 's', content: 'secret' },
        ],
      },
      'code_execution',
      '/content/0',
    ],
    [
      'an MCP call of Anthropic',
      'anthropic',
      {
        content: [
          { type: 'mcp_tool_use', id: 's', name: 'drop', server_name: 'db', input: { x: 'secret' } },
          { type: 'mcp_tool_result', tool_use_id: 's', content: 'secret' },
        ],
      },
      'db/drop',
      '/content/0',
    ],
    [
      'a code execution of Gemini',
      'gemini',
      {
        candidates: [
          {
            content: {
              parts: [
                { executableCode: { language: 'PYTHON', code: 'secret' } },
                { codeExecutionResult: { output: 'secret' } },
              ],
            },
          },
        ],
      },
      'code_execution',
      '/candidates/0/content/parts/0',
    ],
    [
      'a Google Search',
      'gemini',
      { candidates: [{ content: { parts: [{ text: 'Hm.' }] }, groundingMetadata: { webSearchQueries: ['secret'] } }] },
      'google_search',
      '/candidates/0/groundingMetadata',
    ],
    [
      'a call of a tool that Groq runs',
      'openai',
      {
        choices: [
          {
            message: {
              role: 'assistant',
              content: 'Hm.',
              executed_tools: [{ type: 'search', arguments: '{"query":"secret"}', output: 'secret' }],
            },
          },
        ],
      },
      'search',
      '/choices/0/message/executed_tools/0',
    ],
    [
      'a call of a tool that Nova runs',
      'bedrock',
      {
        output: {
          message: {
            content: [
              { toolUse: { toolUseId: 't', type: 'server_tool_use', name: 'nova_grounding', input: { q: 'secret' } } },
              { toolResult: { toolUseId: 't', content: [{ text: 'secret' }] } },
            ],
          },
        },
      },
      'nova_*',
      '/output/message/content/0',
    ],
    [
      'a tool call in an InvokeModel response of Anthropic',
      'bedrock',
      {
        type: 'message',
        content: [{ type: 'tool_use', id: 't', name: 'drop', input: { x: 'secret' } }],
        stop_reason: 'tool_use',
      },
      'drop',
      '/content/0',
    ],
  ])('a blocking rule removes %s', (_name, dialect, body, pattern, pointer) => {
    expect(whole(dialect, body, blocking('elsewhere')).body).toEqual(body);
    const { body: shown, told } = whole(dialect, body, blocking(pattern));
    expect(JSON.stringify(shown)).not.toContain('secret');
    expect(JSON.stringify(shown)).toContain('[The gateway removed a call of');
    expect(told).toEqual([`r ${pointer}`]);
  });

  it('results of a server tool are untrusted for later calls unless the tool is trusted', () => {
    const body = {
      content: [
        { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
        { type: 'web_search_tool_result', tool_use_id: 's', content: [] },
        { type: 'tool_use', id: 't', name: 'mail', input: {} },
      ],
      stop_reason: 'tool_use',
    };
    const rules: ToolCallPolicy['rules'] = [{ name: 'r', tools: ['mail'], when: [], action: 'block_when_untrusted' }];
    const screening = (trustedTools: string[]): string[] => {
      const made = screeningOf({ rules, trustedTools });
      made.toolCalls!.checkRequest(Buffer.from('{"messages":[]}'), getDialect('anthropic').toolCalls, 'v1/messages');
      made.toolCalls!.checkResponse(Buffer.from(JSON.stringify(body)), getDialect('anthropic').toolCalls);
      return toldOf(made);
    };
    expect(screening(['web_search'])).toEqual([]);
    expect(screening([])).toEqual(['r /content/2 untrusted_results']);
  });
});

const chunk = (choices: Json[]): Json => ({ id: 'c', choices });
const piece = (index: number, call: Json): Json => ({ index, delta: { tool_calls: [call] }, finish_reason: null });
const finish = (index: number): Json => ({ index, delta: {}, finish_reason: 'tool_calls' });
const begin = (call: number, id: string, name: string, args = ''): Json => ({
  index: call,
  id,
  type: 'function',
  function: { name, arguments: args },
});
const more = (call: number, args: string): Json => ({ index: call, function: { arguments: args } });
const chat = (...events: Json[]): Buffer => sseEvents(events, false, 'data: [DONE]\n\n');
const ALL = { rules: [{ name: 'all', tools: ['*'], when: [], action: 'allow' }] } as const;

describe('streamed calls', () => {
  it.each<[string, Buffer, string[]]>([
    [
      'that continues in another choice',
      chat(
        chunk([piece(0, begin(0, 'a', 'f', '{"x":'))]),
        chunk([piece(1, more(0, '1}'))]),
        chunk([finish(0), finish(1)]),
      ),
      [
        'toolCalls /choices/0/message/tool_calls/0 unreadable_arguments',
        'toolCalls /choices/1/message/tool_calls/0 unreadable_name',
      ],
    ],
    [
      'whose id is in two choices',
      chat(
        chunk([piece(0, begin(0, 'a', 'f', '{}'))]),
        chunk([piece(1, begin(0, 'a', 'f', '{}'))]),
        chunk([finish(0), finish(1)]),
      ),
      ['toolCalls /choices/1/message/tool_calls/0 split_call'],
    ],
    [
      'whose name changes',
      chat(
        chunk([piece(0, begin(0, 'a', 'f', '{}'))]),
        chunk([piece(0, { index: 0, function: { name: 'g' } })]),
        chunk([finish(0)]),
      ),
      ['toolCalls /choices/0/message/tool_calls/0 split_call'],
    ],
    [
      'that continues after its end',
      chat(chunk([piece(0, begin(0, 'a', 'f', '{}'))]), chunk([finish(0)]), chunk([piece(0, more(0, '{}'))])),
      ['toolCalls /choices/0/message/tool_calls/1 unreadable_name'],
    ],
    [
      'that is incomplete',
      chat(chunk([piece(0, begin(0, 'a', 'f', '{"x":'))])),
      ['toolCalls /choices/0/message/tool_calls/0 unreadable_arguments'],
    ],
    [
      'with arguments that are too long',
      chat(
        chunk([piece(0, begin(0, 'a', 'f', '{"x":"'))]),
        ...Array.from({ length: 17 }, () => chunk([piece(0, more(0, 'y'.repeat(65_536)))])),
        chunk([finish(0)]),
      ),
      ['toolCalls /choices/0/message/tool_calls/0 arguments_too_long'],
    ],
    [
      'without a name',
      chat(chunk([piece(0, { index: 0, id: 'a', function: { arguments: '{}' } })]), chunk([finish(0)])),
      ['toolCalls /choices/0/message/tool_calls/0 unreadable_name'],
    ],
  ])('a streamed call %s is blocked', (_name, bytes, told) => {
    const read = stream('openai', bytes, ALL);
    expect(read.told).toEqual(told);
    expect(read.text).not.toContain('yyyy');
  });

  it.each<[string, Buffer]>([
    [
      'have no indexes',
      chat(
        chunk([piece(0, { id: 'a', function: { name: 'f', arguments: '{}' } })]),
        chunk([piece(0, { id: 'b', function: { name: 'bad', arguments: '{}' } })]),
        chunk([finish(0)]),
      ),
    ],
    [
      'all have index 0',
      chat(
        chunk([piece(0, begin(0, 'a', 'f', '{}'))]),
        chunk([piece(0, begin(0, 'b', 'bad', '{}'))]),
        chunk([finish(0)]),
      ),
    ],
    [
      'continue with empty ids',
      chat(
        chunk([piece(0, begin(0, 'a', 'f'))]),
        chunk([piece(0, { index: 0, id: '', function: { arguments: '{}' } })]),
        chunk([piece(0, begin(1, 'b', 'bad', '{}'))]),
        chunk([finish(0)]),
      ),
    ],
    [
      'arrive in one event',
      chat(
        chunk([
          {
            index: 0,
            delta: { tool_calls: [begin(0, 'a', 'f', '{}'), begin(1, 'b', 'bad', '{}')] },
            finish_reason: 'tool_calls',
          },
        ]),
      ),
    ],
    [
      'belong to different choices',
      chat(
        chunk([piece(0, begin(0, 'a', 'f', '{}')), piece(1, begin(0, 'b', 'bad', '{}'))]),
        chunk([finish(0), finish(1)]),
      ),
    ],
  ])('each of two streamed calls is judged by itself when they %s', (_name, bytes) => {
    const read = stream('openai', bytes, blocking('bad'));
    expect(read.told).toHaveLength(1);
    expect(read.told[0]).toMatch(/^r /);
    const calls = readSse(read.shown).flatMap(({ choices }) =>
      choices.flatMap(({ delta }: Json) => delta.tool_calls ?? []),
    );
    expect(calls[0]).toMatchObject({ id: 'a' });
    expect(read.text).not.toContain('"bad",');
    expect(read.text).toContain('[The gateway removed a call of the tool \\"bad\\"');
  });

  it('a Responses call that differs from its deltas, or appears only in the last event, is blocked', () => {
    const item = (args: string, status = 'completed'): Json => ({
      type: 'function_call',
      id: 'fc',
      call_id: 'c',
      name: 'f',
      arguments: args,
      status,
    });
    const events = (done: string, last: Json[]): Buffer =>
      sseEvents(
        [
          { type: 'response.output_item.added', output_index: 0, item: item('', 'in_progress') },
          { type: 'response.function_call_arguments.delta', output_index: 0, item_id: 'fc', delta: '{"x":1}' },
          { type: 'response.output_item.done', output_index: 0, item: item(done) },
          { type: 'response.completed', response: { output: last } },
        ],
        true,
      );
    expect(stream('openai', events('{"x":1}', [item('{"x":1}')]), ALL).told).toEqual([]);
    expect(stream('openai', events('{"x":2}', [item('{"x":2}')]), ALL).told).toEqual([
      'toolCalls /output/0 split_call',
    ]);
    const twoFaced = stream(
      'openai',
      events('{"x":1}', [item('{"x":1}'), { ...item('{}'), id: 'fd', call_id: 'd', name: 'bad' }]),
      blocking('bad'),
    );
    expect(twoFaced.told).toEqual(['r /output/1']);
    expect(twoFaced.text).not.toContain('"name":"bad"');
  });

  it('a Gemini call is assembled from its partial arguments before rules apply', () => {
    const event = (functionCall: Json, rest: Json = {}): Json => ({
      candidates: [{ content: { parts: [{ functionCall }] }, ...rest }],
    });
    const events = (env: string): Buffer =>
      sseEvents(
        [
          event({ name: 'deploy', willContinue: true }),
          event({
            partialArgs: [{ jsonPath: '$.to.env', stringValue: env.slice(0, 2), willContinue: true }],
            willContinue: true,
          }),
          event({ partialArgs: [{ jsonPath: '$.to.env', stringValue: env.slice(2) }], willContinue: true }),
          event({}, { finishReason: 'STOP' }),
        ],
        false,
      );
    const over: Partial<ToolCallPolicy> = {
      rules: [{ name: 'r', tools: ['deploy'], when: [{ pointer: '/to/env', equals: 'prod' }], action: 'block' }],
    };
    expect(stream('gemini', events('test'), over)).toMatchObject({ told: [], shown: events('test') });
    const blocked = stream('gemini', events('prod'), over);
    expect(blocked.told).toEqual(['r /candidates/0/content/parts/0']);
    expect(blocked.text).not.toContain('partialArgs');
  });

  it('arguments of a call that was never begun are blocked with unreadable_name', () => {
    const anthropic = sseEvents(
      [
        { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{}' } },
        { type: 'message_stop' },
      ],
      true,
    );
    expect(stream('anthropic', anthropic, ALL).told).toEqual(['toolCalls /content/0 unreadable_name']);
    const converse = frames([
      { contentBlockDelta: { contentBlockIndex: 0, delta: { toolUse: { input: '{}' } } } },
      { messageStop: { stopReason: 'tool_use' } },
    ]);
    expect(stream('bedrock', converse, ALL).told).toEqual(['toolCalls /output/message/content/0 unreadable_name']);
  });

  it('unreadable stream events end the stream with guardrail_blocked', () => {
    for (const data of [
      '{"choices":[{"delta":{"tool_calls":[',
      '[{"choices":[{"delta":{"tool_calls":[]}}]}]',
      '{"choices":[{"delta":{"tool_calls":[],"tool_calls":[]}}]}',
    ])
      expect(stream('openai', Buffer.from(`data: ${data}\n\n`), ALL).refusal).toMatchObject({
        code: 'guardrail_blocked',
      });
    const hidden =
      '{"choices":[{"index":0,"delta":{"\\u0074ool_calls":[{"index":0,"id":"a","function":{"name":"bad","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}';
    expect(stream('openai', Buffer.from(`\ufeffdata: ${hidden}\n\n`), blocking('bad')).told).toEqual([
      'r /choices/0/message/tool_calls/0',
    ]);
  });
});

describe('calls of Cohere, version 1', () => {
  const BAD = { name: 'bad', parameters: { x: 'secret' } };
  const chunk = (tool_call_delta: Json): Json => ({
    is_finished: false,
    event_type: 'tool-calls-chunk',
    tool_call_delta,
  });
  const end = (response: Json): Json => ({ is_finished: true, event_type: 'stream-end', response });
  const bad = blocking('bad');

  it.each<[string, Json[], string[]]>([
    ['only in the last event', [end({ text: '', tool_calls: [BAD] })], ['r /tool_calls/0']],
    [
      'only in the chat history of the last event',
      [end({ text: '', chat_history: [{ role: 'CHATBOT', message: '', tool_calls: [BAD] }] })],
      ['r /chat_history/0/tool_calls/0'],
    ],
    [
      'in chunks that no list repeats',
      [chunk({ index: 0, name: 'bad' }), chunk({ index: 0, parameters: '{"x":"secret"}' }), end({ text: '' })],
      ['r /tool_calls/0'],
    ],
    [
      'in chunks that differ from the list',
      [
        chunk({ index: 0, name: 'good', parameters: '{}' }),
        { is_finished: false, event_type: 'tool-calls-generation', tool_calls: [BAD] },
        end({ text: '', tool_calls: [BAD] }),
      ],
      ['r /tool_calls/0'],
    ],
    [
      'in a stream without an end event',
      [chunk({ index: 0, name: 'bad' }), chunk({ parameters: '{"x":"secret"}' })],
      ['r /tool_calls/0'],
    ],
  ])('a blocked Cohere call is found %s', (_, events, told) => {
    const read = stream('cohere', jsonLines(events), bad);
    expect(read.told).toEqual(told);
    expect(read.text).not.toContain('secret');
    expect(read.text.match(/The gateway removed a call/g)!.length).toBeGreaterThan(0);
    for (const event of readLines(read.shown)) expect(event).toHaveProperty('event_type');
  });

  it('a Cohere call with a second name or a late chunk is blocked', () => {
    const ALLOW = {
      default: 'allow' as const,
      rules: [{ name: 'r', tools: ['never'], when: [], action: 'block' as const }],
    };
    const renamed = [
      chunk({ index: 0, name: 'a' }),
      chunk({ index: 0, name: 'b', parameters: '{}' }),
      end({ text: '' }),
    ];
    expect(stream('cohere', jsonLines(renamed), ALLOW).told).toEqual(['toolCalls /tool_calls/0 split_call']);
    const late = [
      chunk({ index: 0, name: 'a', parameters: '{}' }),
      { is_finished: false, event_type: 'tool-calls-generation', tool_calls: [{ name: 'a', parameters: {} }] },
      chunk({ index: 0, parameters: '{"x":1}' }),
      end({ text: '' }),
    ];
    expect(stream('cohere', jsonLines(late), ALLOW).told).toEqual(['toolCalls /tool_calls/1 unreadable_name']);
  });

  it('Cohere search results are trusted by the name of their connector', () => {
    const results = { search_results: [{ connector: { id: 'web-search' }, document_ids: ['d'] }] };
    const over = (trustedTools: string[]): Partial<ToolCallPolicy> => ({
      rules: [{ name: 'r', tools: ['mail'], when: [], action: 'block_when_untrusted' }],
      trustedTools,
    });
    const body = { text: '', ...results, tool_calls: [{ name: 'mail', parameters: {} }] };
    for (const [trusted, told] of [
      [[], ['r /tool_calls/0 untrusted_results']],
      [['web-search'], []],
    ] as const) {
      const screening = screeningOf(over([...trusted]));
      const { toolCalls } = getDialect('cohere');
      screening.toolCalls!.checkRequest(Buffer.from('{"message":"Go."}'), toolCalls, 'v1/chat');
      screening.toolCalls!.checkResponse(Buffer.from(JSON.stringify(body)), toolCalls);
      expect(toldOf(screening)).toEqual(told);
    }
  });
});

describe('calls of Ollama', () => {
  it('Ollama calls are counted over all lines of a stream', () => {
    const line = (...names: string[]): Json => ({
      message: { content: '', tool_calls: names.map((name) => ({ function: { name, arguments: { x: 'secret' } } })) },
      done: false,
    });
    const { told, text, shown } = stream('ollama', jsonLines([line('ok', 'bad'), line('bad')]), blocking('bad'));
    expect(told).toEqual(['r /message/tool_calls/1', 'r /message/tool_calls/2']);
    expect(text.match(/secret/g)).toHaveLength(1);
    expect(readLines(shown)[1]).toEqual({
      message: { content: expect.stringMatching(/^\n\n\[/) as unknown },
      done: false,
    });
  });

  it.each(['{"message":{"tool_calls":{"function":{"name":"bad"}}}}', '{"message":{"tool_calls":[{'])(
    'an unreadable Ollama call ends the stream with guardrail_blocked: %s',
    (line) => {
      const { refusal, text } = stream('ollama', Buffer.from(`${line}\n`), blocking('bad'));
      expect([refusal?.code, text]).toEqual(['guardrail_blocked', '']);
    },
  );
});
