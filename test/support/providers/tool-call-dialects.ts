/**
 * Responses with tool calls in each dialect, whole and streamed, and what a client reads from them: the same turn,
 * written by a vendor and read by a client that assembles a stream as the vendors' SDKs do.
 */
import { decodeFrame, encodeFrame, EventStreamSplitter } from '../../../src/providers/wire/event-stream.js';
import type { DialectId } from '../../../src/providers/dialects/base/dialect.js';
import type { Json } from '../http/admin-client.js';

export interface TurnCall {
  readonly name: string;
  /** Encoded as JSON. */
  readonly args: string;
}

export interface Turn {
  readonly text: string;
  readonly calls: readonly TurnCall[];
}

/** The client's state at the end. */
export interface ReadTurn extends Turn {
  /** Whether the client waits for the results of calls. */
  readonly waits: boolean;
}

export interface ToolLanguage {
  readonly dialect: DialectId;
  readonly contentType: string;
  whole(turn: Turn): Json;
  readWhole(body: Json): ReadTurn;
  /** `pieceChars`: characters of text and arguments in each event. */
  stream(turn: Turn, pieceChars: number): Buffer;
  readStream(bytes: Buffer): ReadTurn;
}

const RESPONSES_USAGE = { input_tokens: 1, output_tokens: 2, total_tokens: 3 };

const pieces = (text: string, chars: number): string[] => {
  const found: string[] = [];
  for (let at = 0; at < text.length; at += chars) found.push(text.slice(at, at + chars));
  return found;
};

export const sseEvents = (events: readonly Json[], isNamed: boolean, end = ''): Buffer =>
  Buffer.from(
    events.map((event) => `${isNamed ? `event: ${event['type']}\n` : ''}data: ${JSON.stringify(event)}\n\n`).join('') +
      end,
  );

/** Reads the events of a stream; names of events must match their data. */
export function readSse(bytes: Buffer): Json[] {
  return bytes
    .toString()
    .split(/\r?\n\r?\n/)
    .filter((block) => /^data:/m.test(block) && !block.includes('[DONE]'))
    .map((block) => {
      const lines = block.split(/\r?\n/);
      const event = JSON.parse(lines.find((line) => line.startsWith('data:'))!.slice(5));
      const name = lines.find((line) => line.startsWith('event:'));
      if (name !== undefined && name.slice(6).trim() !== event['type'])
        throw new Error(`an event named ${name} with ${event['type']}`);
      return event;
    });
}

export const frames = (events: readonly Json[]): Buffer =>
  Buffer.concat(events.map((event) => encodeFrame('event', Object.keys(event)[0]!, Object.values(event)[0])));

export function readFrames(bytes: Buffer): Json[] {
  const events: Json[] = [];
  new EventStreamSplitter((frame) => {
    const { name, payload } = decodeFrame(Buffer.from(frame));
    events.push({ [name]: JSON.parse(payload.toString()) });
  }).push(bytes);
  return events;
}

/** Requires that indexes are consecutive. */
function inOrder<T>(list: readonly T[], index: number): void {
  if (index !== list.length) throw new Error(`index ${index} where ${list.length} is next`);
}

const CHAT = { id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'm' };

function chat(isLegacy: boolean): ToolLanguage {
  const listed = ({ name, args }: TurnCall, i: number): Json => ({
    ...{ index: i, id: `call_${i}`, type: 'function', function: { name, arguments: args } },
  });
  const reason = ({ calls }: Turn): string => (calls.length === 0 ? 'stop' : isLegacy ? 'function_call' : 'tool_calls');
  const read = (message: Json, finish: string): ReadTurn => {
    const calls: Json[] = [
      ...(message['tool_calls'] ?? []).map((call: Json) => call['function']),
      ...(message['function_call'] ? [message['function_call']] : []),
    ];
    return {
      text: message['content'] ?? '',
      calls: calls.map((call) => ({ name: call['name'], args: call['arguments'] })),
      waits: finish !== 'stop',
    };
  };
  return {
    dialect: 'openai',
    contentType: 'text/event-stream',
    whole(turn) {
      const made = isLegacy
        ? turn.calls.length > 0 && { function_call: { name: turn.calls[0]!.name, arguments: turn.calls[0]!.args } }
        : turn.calls.length > 0 && {
            tool_calls: turn.calls.map(({ name, args }, i) => ({ ...listed({ name, args }, i), index: undefined })),
          };
      const message = { role: 'assistant', content: turn.text === '' ? null : turn.text, ...(made || {}) };
      return {
        ...CHAT,
        choices: [{ index: 0, message, logprobs: null, finish_reason: reason(turn) }],
        usage: { total_tokens: 3 },
      };
    },
    readWhole: (body) => read(body['choices'][0].message, body['choices'][0].finish_reason),
    stream(turn, chars) {
      const delta = (value: Json, finish_reason: string | null = null): Json => ({
        ...CHAT,
        choices: [{ index: 0, delta: value, finish_reason }],
      });
      const calls = turn.calls.flatMap(({ name, args }, i) => {
        const wrap = (part: Json, more: Json = {}): Json =>
          isLegacy ? { function_call: part } : { tool_calls: [{ index: i, ...more, function: part }] };
        return [
          wrap({ name, arguments: '' }, { id: `call_${i}`, type: 'function' }),
          ...pieces(args, chars).map((piece) => wrap({ arguments: piece })),
        ];
      });
      const events = [
        delta({ role: 'assistant', content: '' }),
        ...pieces(turn.text, chars).map((content) => delta({ content })),
        ...calls.map((value) => delta(value)),
        delta({}, reason(turn)),
        { ...CHAT, choices: [], usage: { total_tokens: 3 } },
      ];
      return sseEvents(events, false, 'data: [DONE]\n\n');
    },
    readStream(bytes) {
      const message: Json = { content: '' };
      let finish = '';
      for (const { choices } of readSse(bytes)) {
        for (const { delta, finish_reason } of choices as Json[]) {
          message['content'] += delta.content ?? '';
          finish = finish_reason ?? finish;
          for (const call of (delta.tool_calls ?? []) as Json[]) {
            const list: Json[] = (message['tool_calls'] ??= []);
            if (call['id']) {
              inOrder(list, call['index']);
              list.push({ id: call['id'], function: { name: '', arguments: '' } });
            }
            const made = list[call['index']]!['function'];
            made.name += call['function'].name ?? '';
            made.arguments += call['function'].arguments ?? '';
          }
          if (delta.function_call) {
            const made: Json = (message['function_call'] ??= { name: '', arguments: '' });
            made['name'] += delta.function_call.name ?? '';
            made['arguments'] += delta.function_call.arguments ?? '';
          }
        }
      }
      return read(message, finish);
    },
  };
}

function responses(isCustom: boolean): ToolLanguage {
  const RESPONSE = {
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    model: 'm',
    parallel_tool_calls: true,
    tools: [],
  };
  const message = (text: string): Json => ({
    ...{ id: 'msg_1', type: 'message', status: 'completed', role: 'assistant' },
    content: [{ type: 'output_text', text, annotations: [] }],
  });
  const item = ({ name, args }: TurnCall, i: number): Json => ({
    ...{ id: `fc_${i}`, call_id: `call_${i}`, name, status: 'completed' },
    ...(isCustom ? { type: 'custom_tool_call', input: args } : { type: 'function_call', arguments: args }),
  });
  const output = ({ text, calls }: Turn): Json[] => [...(text === '' ? [] : [message(text)]), ...calls.map(item)];
  const read = (items: readonly Json[]): ReadTurn => {
    const texts = items.filter(({ type }) => type === 'message').map(({ content }) => content[0].text);
    const calls = items
      .filter(({ type }) => type.endsWith('_call'))
      .map(({ name, arguments: args, input }) => ({ name, args: args ?? input }));
    return { text: texts.join('\n'), calls, waits: calls.length > 0 };
  };
  return {
    dialect: 'openai',
    contentType: 'text/event-stream',
    whole: (turn) => ({ ...RESPONSE, status: 'completed', output: output(turn), usage: RESPONSES_USAGE }),
    readWhole: ({ output: items }) => read(items),
    stream(turn, chars) {
      const items = output(turn);
      const kind = isCustom ? 'custom_tool_call_input' : 'function_call_arguments';
      const member = isCustom ? 'input' : 'arguments';
      const ofItem = (one: Json, output_index: number): Json[] => {
        const place = { item_id: one['id'], output_index };
        if (one['type'] === 'message') {
          const part = { ...place, content_index: 0 };
          const { text } = one['content'][0];
          return [
            { type: 'response.output_item.added', output_index, item: { ...one, status: 'in_progress', content: [] } },
            { type: 'response.content_part.added', ...part, part: { type: 'output_text', text: '', annotations: [] } },
            ...pieces(text, chars).map((delta) => ({ type: 'response.output_text.delta', ...part, delta })),
            { type: 'response.output_text.done', ...part, text },
            { type: 'response.content_part.done', ...part, part: one['content'][0] },
            { type: 'response.output_item.done', output_index, item: one },
          ];
        }
        return [
          { type: 'response.output_item.added', output_index, item: { ...one, status: 'in_progress', [member]: '' } },
          ...pieces(one[member], chars).map((delta) => ({ type: `response.${kind}.delta`, ...place, delta })),
          { type: `response.${kind}.done`, ...place, [member]: one[member] },
          { type: 'response.output_item.done', output_index, item: one },
        ];
      };
      const events = [
        { type: 'response.created', response: { ...RESPONSE, status: 'in_progress', output: [] } },
        ...items.flatMap(ofItem),
        {
          type: 'response.completed',
          response: { ...RESPONSE, status: 'completed', output: items, usage: RESPONSES_USAGE },
        },
      ];
      return sseEvents(
        events.map((event, sequence_number) => ({ ...event, sequence_number })),
        true,
      );
    },
    readStream(bytes) {
      const items: Json[] = [];
      let last: Json = {};
      for (const [number, event] of readSse(bytes).entries()) {
        if (event['sequence_number'] !== number)
          throw new Error(`event ${event['sequence_number']} where ${number} is next`);
        const { output_index: index } = event;
        if (event['type'] === 'response.output_item.added') {
          inOrder(items, index);
          items.push(structuredClone(event['item']));
          if (items[index]!['type'] === 'message') items[index]!['content'] = [{ text: '' }];
        } else if (event['type'] === 'response.output_text.delta') items[index]!['content'][0].text += event['delta'];
        else if (event['type'].endsWith('arguments.delta')) items[index]!['arguments'] += event['delta'];
        else if (event['type'].endsWith('input.delta')) items[index]!['input'] += event['delta'];
        else if (event['type'] === 'response.output_item.done' && event['item'].id !== items[index]!['id'])
          throw new Error('an item that ends under another id');
        last = event;
      }
      const streamed = read(items);
      if (JSON.stringify(read(last['response'].output)) !== JSON.stringify(streamed))
        throw new Error('the completed response differs from what was streamed');
      return streamed;
    },
  };
}

const messages: ToolLanguage = {
  dialect: 'anthropic',
  contentType: 'text/event-stream',
  whole({ text, calls }) {
    const content = [
      ...(text === '' ? [] : [{ type: 'text', text }]),
      ...calls.map(({ name, args }, i) => ({ type: 'tool_use', id: `toolu_${i}`, name, input: JSON.parse(args) })),
    ];
    const stop_reason = calls.length > 0 ? 'tool_use' : 'end_turn';
    return {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content,
      stop_reason,
      usage: { input_tokens: 1, output_tokens: 3 },
    };
  },
  readWhole({ content, stop_reason }) {
    const texts = content.filter(({ type }: Json) => type === 'text').map(({ text }: Json) => text);
    const calls = content
      .filter(({ type }: Json) => type.endsWith('tool_use'))
      .map(({ name, input }: Json) => ({ name, args: JSON.stringify(input) }));
    return { text: texts.join('\n'), calls, waits: stop_reason !== 'end_turn' };
  },
  stream({ text, calls }, chars) {
    const block = (index: number, content_block: Json, deltas: readonly Json[]): Json[] => [
      { type: 'content_block_start', index, content_block },
      ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
      { type: 'content_block_stop', index },
    ];
    const first = text === '' ? 0 : 1;
    const events = [
      {
        type: 'message_start',
        message: {
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          content: [],
          model: 'm',
          usage: { input_tokens: 1, output_tokens: 1 },
        },
      },
      ...(text === ''
        ? []
        : block(
            0,
            { type: 'text', text: '' },
            pieces(text, chars).map((piece) => ({ type: 'text_delta', text: piece })),
          )),
      ...calls.flatMap(({ name, args }, i) =>
        block(
          first + i,
          { type: 'tool_use', id: `toolu_${i}`, name, input: {} },
          pieces(args, chars).map((partial_json) => ({ type: 'input_json_delta', partial_json })),
        ),
      ),
      {
        type: 'message_delta',
        delta: { stop_reason: calls.length > 0 ? 'tool_use' : 'end_turn' },
        usage: { output_tokens: 3 },
      },
      { type: 'message_stop' },
    ];
    return sseEvents(events, true);
  },
  readStream(bytes) {
    const content: Json[] = [];
    let stop_reason = '';
    for (const event of readSse(bytes)) {
      if (event['type'] === 'content_block_start') {
        inOrder(content, event['index']);
        content.push({ ...event['content_block'], json: '' });
      } else if (event['type'] === 'content_block_delta') {
        const { type, text = '', partial_json = '' } = event['delta'];
        const block = content[event['index']]!;
        if ((type === 'text_delta') !== (block['type'] === 'text')) throw new Error(`a ${type} in a ${block['type']}`);
        if (type === 'text_delta') block['text'] += text;
        block['json'] += partial_json;
      } else if (event['type'] === 'content_block_stop' && content[event['index']]!['json'] !== '') {
        content[event['index']]!['input'] = JSON.parse(content[event['index']]!['json']);
      } else if (event['type'] === 'message_delta') stop_reason = event['delta'].stop_reason;
    }
    return messages.readWhole({ content, stop_reason });
  },
};

const gemini: ToolLanguage = {
  dialect: 'gemini',
  contentType: 'text/event-stream',
  whole({ text, calls }) {
    const parts = [
      ...(text === '' ? [] : [{ text }]),
      ...calls.map(({ name, args }) => ({ functionCall: { name, args: JSON.parse(args) } })),
    ];
    return { candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP', index: 0 }], usageMetadata: {} };
  },
  readWhole({ candidates: [{ content }] }) {
    const texts = content.parts.flatMap(({ text }: Json) => (text === undefined ? [] : [text]));
    const calls = content.parts.flatMap(({ functionCall }: Json) =>
      functionCall ? [{ name: functionCall.name, args: JSON.stringify(functionCall.args) }] : [],
    );
    return { text: texts.join(''), calls, waits: calls.length > 0 };
  },
  stream({ text, calls }, chars) {
    const event = (parts: readonly Json[], more: Json = {}): Json => ({
      candidates: [{ content: { role: 'model', parts }, index: 0, ...more }],
    });
    const events = [
      ...pieces(text, chars).map((piece) => event([{ text: piece }])),
      ...calls.map(({ name, args }) => event([{ functionCall: { name, args: JSON.parse(args) } }])),
      event([{ text: '' }], { finishReason: 'STOP' }),
    ];
    return sseEvents(events, false);
  },
  readStream(bytes) {
    const parts = readSse(bytes).flatMap(({ candidates }) => candidates[0].content.parts);
    return gemini.readWhole({ candidates: [{ content: { parts } }] });
  },
};

const cohere: ToolLanguage = {
  dialect: 'cohere',
  contentType: 'text/event-stream',
  whole({ text, calls }) {
    const message = {
      role: 'assistant',
      ...(text === '' ? {} : { content: [{ type: 'text', text }] }),
      ...(calls.length === 0
        ? {}
        : {
            tool_calls: calls.map(({ name, args }, i) => ({
              id: `c${i}`,
              type: 'function',
              function: { name, arguments: args },
            })),
          }),
    };
    return { id: 'x', message, finish_reason: calls.length > 0 ? 'TOOL_CALL' : 'COMPLETE', usage: {} };
  },
  readWhole({ message, finish_reason }) {
    return {
      text: (message.content ?? []).map(({ text }: Json) => text).join('\n'),
      calls: (message.tool_calls ?? []).map((call: Json) => ({
        name: call['function'].name,
        args: call['function'].arguments,
      })),
      waits: finish_reason !== 'COMPLETE',
    };
  },
  stream({ text, calls }, chars) {
    const event = (type: string, index: number, message?: Json): Json => ({
      type,
      index,
      ...(message ? { delta: { message } } : {}),
    });
    const events = [
      { type: 'message-start', id: 'x', delta: { message: { role: 'assistant', content: [], tool_calls: [] } } },
      ...(text === ''
        ? []
        : [
            event('content-start', 0, { content: { type: 'text', text: '' } }),
            ...pieces(text, chars).map((piece) => event('content-delta', 0, { content: { text: piece } })),
            event('content-end', 0),
          ]),
      ...calls.flatMap(({ name, args }, i) => [
        event('tool-call-start', i, {
          tool_calls: { id: `c${i}`, type: 'function', function: { name, arguments: '' } },
        }),
        ...pieces(args, chars).map((piece) =>
          event('tool-call-delta', i, { tool_calls: { function: { arguments: piece } } }),
        ),
        event('tool-call-end', i),
      ]),
      { type: 'message-end', delta: { finish_reason: calls.length > 0 ? 'TOOL_CALL' : 'COMPLETE', usage: {} } },
    ];
    return sseEvents(events, true);
  },
  readStream(bytes) {
    const content: Json[] = [];
    const tool_calls: Json[] = [];
    let finish_reason = '';
    for (const { type, index, delta } of readSse(bytes)) {
      if (type === 'content-start') {
        inOrder(content, index);
        content.push({ text: '' });
      } else if (type === 'content-delta') content[index]!['text'] += delta.message.content.text;
      else if (type === 'tool-call-start') {
        inOrder(tool_calls, index);
        tool_calls.push(structuredClone(delta.message.tool_calls));
      } else if (type === 'tool-call-delta')
        tool_calls[index]!['function'].arguments += delta.message.tool_calls.function.arguments;
      else if (type === 'message-end') finish_reason = delta.finish_reason;
    }
    return cohere.readWhole({ message: { content, tool_calls }, finish_reason });
  },
};

const converse: ToolLanguage = {
  dialect: 'bedrock',
  contentType: 'application/vnd.amazon.eventstream',
  whole({ text, calls }) {
    const content = [
      ...(text === '' ? [] : [{ text }]),
      ...calls.map(({ name, args }, i) => ({ toolUse: { toolUseId: `t${i}`, name, input: JSON.parse(args) } })),
    ];
    return {
      output: { message: { role: 'assistant', content } },
      stopReason: calls.length > 0 ? 'tool_use' : 'end_turn',
      usage: {},
    };
  },
  readWhole({ output, stopReason }) {
    const content: Json[] = output.message.content;
    return {
      text: content.flatMap(({ text }) => (text === undefined ? [] : [text])).join('\n'),
      calls: content.flatMap(({ toolUse }) =>
        toolUse ? [{ name: toolUse.name, args: JSON.stringify(toolUse.input) }] : [],
      ),
      waits: stopReason !== 'end_turn',
    };
  },
  stream({ text, calls }, chars) {
    const first = text === '' ? 0 : 1;
    const delta = (contentBlockIndex: number, value: Json): Json => ({
      contentBlockDelta: { contentBlockIndex, delta: value },
    });
    return frames([
      { messageStart: { role: 'assistant' } },
      ...pieces(text, chars).map((piece) => delta(0, { text: piece })),
      ...(text === '' ? [] : [{ contentBlockStop: { contentBlockIndex: 0 } }]),
      ...calls.flatMap(({ name, args }, i) => [
        { contentBlockStart: { contentBlockIndex: first + i, start: { toolUse: { toolUseId: `t${i}`, name } } } },
        ...pieces(args, chars).map((input) => delta(first + i, { toolUse: { input } })),
        { contentBlockStop: { contentBlockIndex: first + i } },
      ]),
      { messageStop: { stopReason: calls.length > 0 ? 'tool_use' : 'end_turn' } },
      { metadata: { usage: {} } },
    ]);
  },
  readStream(bytes) {
    const content: Json[] = [];
    let stopReason = '';
    for (const event of readFrames(bytes)) {
      const start = event['contentBlockStart'];
      const delta = event['contentBlockDelta'];
      if (start) {
        inOrder(content, start.contentBlockIndex);
        content.push({ toolUse: { ...start.start.toolUse, json: '' } });
      } else if (delta?.delta.text !== undefined) {
        if (content[delta.contentBlockIndex] === undefined) {
          inOrder(content, delta.contentBlockIndex);
          content.push({ text: '' });
        }
        content[delta.contentBlockIndex]!['text'] += delta.delta.text;
      } else if (delta) content[delta.contentBlockIndex]!['toolUse'].json += delta.delta.toolUse.input;
      stopReason = event['messageStop']?.stopReason ?? stopReason;
    }
    for (const { toolUse } of content) if (toolUse) toolUse.input = JSON.parse(toolUse.json || '{}');
    return converse.readWhole({ output: { message: { content } }, stopReason });
  },
};

export const jsonLines = (documents: readonly Json[]): Buffer =>
  Buffer.from(documents.map((document) => `${JSON.stringify(document)}\n`).join(''));

/** Reads the documents of a stream of JSON lines; each line must be one. */
export function readLines(bytes: Buffer): Json[] {
  const lines = bytes.toString().split('\n');
  if (lines.pop() !== '') throw new Error('a line without an end');
  return lines.map((line) => JSON.parse(line));
}

const listedArguments = (member: string, calls: readonly Json[]): TurnCall[] =>
  calls.map((call) => ({ name: call['name'], args: JSON.stringify(call[member]) }));

const ollama: ToolLanguage = {
  dialect: 'ollama',
  contentType: 'application/x-ndjson',
  whole({ text, calls }) {
    const tool_calls = calls.map(({ name, args }) => ({ function: { name, arguments: JSON.parse(args) } }));
    const message = { role: 'assistant', content: text, ...(calls.length > 0 ? { tool_calls } : {}) };
    return { model: 'm', message, done_reason: 'stop', done: true, prompt_eval_count: 1, eval_count: 2 };
  },
  readWhole({ message }) {
    const calls = ((message.tool_calls ?? []) as Json[]).map((call) => call['function']);
    return { text: message.content, calls: listedArguments('arguments', calls), waits: calls.length > 0 };
  },
  stream({ text, calls }, chars) {
    const line = (message: Json): Json => ({ model: 'm', message: { role: 'assistant', ...message }, done: false });
    return jsonLines([
      ...pieces(text, chars).map((content) => line({ content })),
      ...calls.map(({ name, args }) =>
        line({ content: '', tool_calls: [{ function: { name, arguments: JSON.parse(args) } }] }),
      ),
      { ...line({ content: '' }), done_reason: 'stop', done: true, prompt_eval_count: 1, eval_count: 2 },
    ]);
  },
  /** Like the package `ollama` and its users: texts and calls of all lines, concatenated. */
  readStream(bytes) {
    const messages = readLines(bytes).map(({ message }) => message);
    const content = messages.map((message) => message['content'] as string).join('');
    return ollama.readWhole({
      message: { content, tool_calls: messages.flatMap(({ tool_calls = [] }) => tool_calls) },
    });
  },
};

function cohereV1(isEvents: boolean): ToolLanguage {
  const whole = ({ text, calls }: Turn): Json => {
    const tool_calls = calls.map(({ name, args }) => ({ name, parameters: JSON.parse(args) }));
    const listed = calls.length > 0 ? { tool_calls } : {};
    const chat_history = [
      { role: 'USER', message: 'Go.' },
      { role: 'CHATBOT', message: text, ...listed },
    ];
    return { response_id: 'x', text, ...listed, chat_history, finish_reason: 'COMPLETE', meta: {} };
  };
  const language: ToolLanguage = {
    dialect: 'cohere',
    contentType: isEvents ? 'text/event-stream' : 'application/stream+json',
    whole,
    readWhole({ text, tool_calls = [], chat_history }) {
      const { message, tool_calls: repeated = [] } = chat_history.at(-1);
      if (message !== text || JSON.stringify(repeated) !== JSON.stringify(tool_calls))
        throw new Error('a history that is not that of the response');
      return { text, calls: listedArguments('parameters', tool_calls), waits: tool_calls.length > 0 };
    },
    stream(turn, chars) {
      const event = (event_type: string, more: Json): Json => ({ is_finished: false, event_type, ...more });
      const response = whole(turn);
      const delta = (tool_call_delta: Json): Json => event('tool-calls-chunk', { tool_call_delta });
      const events = [
        event('stream-start', { generation_id: 'g' }),
        ...pieces(turn.text, chars).map((text) => event('text-generation', { text })),
        ...turn.calls.flatMap(({ name, args }, index) => [
          delta({ index, name }),
          ...pieces(args, chars).map((parameters) => delta({ index, parameters })),
        ]),
        ...(turn.calls.length > 0 ? [event('tool-calls-generation', { tool_calls: response['tool_calls'] })] : []),
        { is_finished: true, event_type: 'stream-end', finish_reason: 'COMPLETE', response },
      ];
      return isEvents ? sseEvents(events, false) : jsonLines(events);
    },
    /** The chunks, the list of whole calls and the last event must agree. */
    readStream(bytes) {
      const events = isEvents ? readSse(bytes) : readLines(bytes);
      const of = (type: string): Json[] => events.filter(({ event_type }) => event_type === type);
      const text = of('text-generation')
        .map((event) => event['text'] as string)
        .join('');
      const generated = of('tool-calls-generation').flatMap(({ tool_calls }) => tool_calls as Json[]);
      const pieced: { name: string; args: string }[] = [];
      for (const { tool_call_delta: call } of of('tool-calls-chunk')) {
        if (call.name !== undefined) {
          inOrder(pieced, call.index);
          pieced.push({ name: call.name, args: '' });
        } else pieced[call.index]!.args += call.parameters;
      }
      const read = language.readWhole(of('stream-end')[0]!['response']);
      const calls = listedArguments('parameters', generated);
      const isSame = (list: readonly TurnCall[]): boolean =>
        JSON.stringify(list.map(({ name, args }) => [name, JSON.parse(args)])) ===
        JSON.stringify(read.calls.map(({ name, args }) => [name, JSON.parse(args)]));
      if (!isSame(calls) || !isSame(pieced)) throw new Error('calls that differ from those of the last event');
      if (text.replace(/\s+/g, ' ') !== read.text.replace(/\s+/g, ' ')) throw new Error('a text that differs');
      return read;
    },
  };
  return language;
}

export const TOOL_LANGUAGES: Readonly<Record<string, ToolLanguage>> = {
  'Chat Completions': chat(false),
  'Chat Completions of 2023': chat(true),
  Responses: responses(false),
  'Responses with custom tools': responses(true),
  Messages: messages,
  Gemini: gemini,
  Cohere: cohere,
  'Cohere, version 1': cohereV1(false),
  'Cohere, version 1, as events': cohereV1(true),
  Ollama: ollama,
  Converse: converse,
};
