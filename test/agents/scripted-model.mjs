// A scripted model of each vendor with one task: it calls the first tool of the agent that it knows, and confirms the
// result. For a request without tools (for a title) it returns a title. All responses are streams.
import { LocalServer, respondEvents } from '../../dist/demo/providers/local-server.js';

export const INPUT_TOKENS = 120;
export const OUTPUT_TOKENS = 30;
export const ANSWER = 'The tide stands in tide.txt.';
export const FILE = 'tide.txt';
export const CONTENT = 'low at noon';

/** The signature of the thought before the call, for vendors that expect it in the next request. */
export const SIGNATURE = 'U2lnbmVkLTQ3MTE=';
export const SIGNING = ['messages', 'gemini'];
const THOUGHT = 'The file has to hold the hour.';

const COMMAND = `printf '%s' '${CONTENT}' > ${FILE}`;

/** The tools that agents offer for the task, in the order of preference, each with its arguments. */
const KNOWN_TOOLS = {
  exec_command: () => ({ cmd: COMMAND }),
  shell_command: () => ({ command: COMMAND }),
  shell: () => ({ command: ['sh', '-c', COMMAND] }),
  write: (directory) => ({ filePath: `${directory}/${FILE}`, content: CONTENT }),
  bash: () => ({ command: COMMAND, description: 'Writes down the tide' }),
};

const named = (event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
const unnamed = (event) => `data: ${JSON.stringify(event)}\n\n`;
/** Splits a text into two parts, as a model streams it. */
const halves = (text) => [text.slice(0, Math.ceil(text.length / 2)), text.slice(Math.ceil(text.length / 2))];

/** Chat Completions. */
const chat = {
  path: '/v1/chat/completions',
  tools: ({ tools = [] }) => tools.map((tool) => tool.function?.name),
  results: ({ messages }) =>
    messages.filter(({ role }) => role === 'tool').map(({ content }) => JSON.stringify(content)),
  events({ call, text }) {
    const head = { id: 'chatcmpl-agent', object: 'chat.completion.chunk', created: 1_790_000_000, model: 'gpt-5.4' };
    const chunk = (delta, finish = null) => ({ ...head, choices: [{ index: 0, delta, finish_reason: finish }] });
    const told = [chunk({ role: 'assistant', content: '' })];
    if (call) {
      const { id, name, input } = call;
      told.push(chunk({ tool_calls: [{ index: 0, id, type: 'function', function: { name, arguments: '' } }] }));
      for (const piece of halves(JSON.stringify(input)))
        told.push(chunk({ tool_calls: [{ index: 0, function: { arguments: piece } }] }));
    } else told.push(...halves(text).map((content) => chunk({ content })));
    const usage = {
      prompt_tokens: INPUT_TOKENS,
      completion_tokens: OUTPUT_TOKENS,
      total_tokens: INPUT_TOKENS + OUTPUT_TOKENS,
    };
    told.push(chunk({}, call ? 'tool_calls' : 'stop'), { ...head, choices: [], usage });
    return [...told.map(unnamed), 'data: [DONE]\n\n'];
  },
};

/** Responses. */
const responses = {
  path: '/v1/responses',
  tools: ({ tools = [] }) => tools.map(({ name }) => name),
  results: ({ input }) =>
    input.filter(({ type }) => type === 'function_call_output').map((item) => JSON.stringify(item)),
  events({ call, text }) {
    const response = { id: 'resp_agent', object: 'response', created_at: 1_790_000_000, model: 'gpt-5.4', output: [] };
    const told = [
      { type: 'response.created', response: { ...response, status: 'in_progress' } },
      { type: 'response.in_progress', response: { ...response, status: 'in_progress' } },
    ];
    const item = call
      ? { type: 'function_call', id: 'fc_agent', call_id: call.id, name: call.name, status: 'completed' }
      : { type: 'message', id: 'msg_agent', role: 'assistant', status: 'completed' };
    const at = { item_id: item.id, output_index: 0 };
    if (call) {
      const whole = JSON.stringify(call.input);
      const begun = { ...item, status: 'in_progress', arguments: '' };
      told.push({ type: 'response.output_item.added', output_index: 0, item: begun });
      for (const delta of halves(whole)) told.push({ type: 'response.function_call_arguments.delta', ...at, delta });
      told.push({ type: 'response.function_call_arguments.done', ...at, arguments: whole });
      item.arguments = whole;
    } else {
      const part = { type: 'output_text', text: '', annotations: [] };
      const inPart = { ...at, content_index: 0 };
      told.push({ type: 'response.output_item.added', output_index: 0, item: { ...item, content: [] } });
      told.push({ type: 'response.content_part.added', ...inPart, part });
      for (const delta of halves(text)) told.push({ type: 'response.output_text.delta', ...inPart, delta });
      told.push({ type: 'response.output_text.done', ...inPart, text });
      told.push({ type: 'response.content_part.done', ...inPart, part: { ...part, text } });
      item.content = [{ ...part, text }];
    }
    told.push({ type: 'response.output_item.done', output_index: 0, item });
    const usage = {
      input_tokens: INPUT_TOKENS,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: OUTPUT_TOKENS,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: INPUT_TOKENS + OUTPUT_TOKENS,
    };
    told.push({ type: 'response.completed', response: { ...response, status: 'completed', output: [item], usage } });
    return told.map((event, i) => named({ ...event, sequence_number: i }));
  },
};

const inBlock = (index, delta) => ({ type: 'content_block_delta', index, delta });

/** Anthropic's Messages. */
const messages = {
  path: '/v1/messages',
  tools: ({ tools = [] }) => tools.map(({ name }) => name),
  results: (body) =>
    body.messages
      .flatMap(({ content }) => (typeof content === 'string' ? [] : content))
      .filter(({ type }) => type === 'tool_result')
      .map((block) => JSON.stringify(block)),
  events({ call, text }) {
    const message = { id: 'msg_agent', type: 'message', role: 'assistant', model: 'claude', content: [] };
    const usage = { input_tokens: INPUT_TOKENS, output_tokens: 1 };
    const block = call ? { type: 'tool_use', id: call.id, name: call.name, input: {} } : { type: 'text', text: '' };
    const thinking = [
      { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
      ...halves(THOUGHT).map((piece) => inBlock(0, { type: 'thinking_delta', thinking: piece })),
      inBlock(0, { type: 'signature_delta', signature: SIGNATURE }),
      { type: 'content_block_stop', index: 0 },
    ];
    const index = call ? 1 : 0;
    const deltas = call
      ? halves(JSON.stringify(call.input)).map((piece) => ({ type: 'input_json_delta', partial_json: piece }))
      : halves(text).map((piece) => ({ type: 'text_delta', text: piece }));
    return [
      { type: 'message_start', message: { ...message, stop_reason: null, stop_sequence: null, usage } },
      ...(call ? thinking : []),
      { type: 'content_block_start', index, content_block: block },
      ...deltas.map((delta) => inBlock(index, delta)),
      { type: 'content_block_stop', index },
      {
        type: 'message_delta',
        delta: { stop_reason: call ? 'tool_use' : 'end_turn', stop_sequence: null },
        usage: { output_tokens: OUTPUT_TOKENS },
      },
      { type: 'message_stop' },
    ].map(named);
  },
};

/** Gemini's `streamGenerateContent`, with a signature that it expects in the next request. */
const gemini = {
  path: /^\/v1beta\/models\/[^/]+:streamGenerateContent$/,
  tools: ({ tools = [] }) => tools.flatMap((tool) => (tool.functionDeclarations ?? []).map(({ name }) => name)),
  results: ({ contents }) =>
    contents
      .flatMap(({ parts }) => parts)
      .filter((part) => part.functionResponse)
      .map((part) => JSON.stringify(part)),
  events({ call, text }) {
    const usageMetadata = {
      promptTokenCount: INPUT_TOKENS,
      candidatesTokenCount: OUTPUT_TOKENS,
      totalTokenCount: INPUT_TOKENS + OUTPUT_TOKENS,
    };
    const parts = call
      ? [{ functionCall: { name: call.name, args: call.input }, thoughtSignature: SIGNATURE }]
      : halves(text).map((piece) => ({ text: piece }));
    const answer = (part, finishReason) => ({
      candidates: [{ content: { role: 'model', parts: [part] }, index: 0, ...(finishReason && { finishReason }) }],
      usageMetadata,
      modelVersion: 'gemini',
      responseId: 'agent',
    });
    return [...parts.map((part) => answer(part)), answer({ text: '' }, 'STOP')].map(unnamed);
  },
};

const WIRES = { chat, responses, messages, gemini };

/** One server for all vendors. */
export async function startModels() {
  const provider = await LocalServer.start();
  /** The requests and their responses. */
  const turns = [];
  let directory = '';
  for (const [wire, { path, tools, results, events: told }] of Object.entries(WIRES))
    provider.on('POST', path, (request, response) => {
      const body = JSON.parse(request.body.toString());
      const offered = tools(body);
      const seen = results(body);
      const said = turn(offered, seen, directory);
      turns.push({ wire, offered, seen, said, isSigned: request.body.includes(SIGNATURE) });
      return respondEvents(told(said))(request, response);
    });
  /** Starts another agent, in that directory. */
  function begin(place) {
    directory = place;
    turns.length = 0;
  }
  return { url: provider.url, turns, begin, close: () => provider.close() };
}

function turn(offered, seen, directory) {
  const name = Object.keys(KNOWN_TOOLS).find((known) => offered.includes(known));
  if (name === undefined) return { text: 'Writing down the tide' };
  return seen.length > 0 ? { text: ANSWER } : { call: { id: 'call_tide', name, input: KNOWN_TOOLS[name](directory) } };
}
