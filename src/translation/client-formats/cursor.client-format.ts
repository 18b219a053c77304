import { isObject } from '../pivot/body-shape.js';
import { checkChat } from './chat/check-request.js';
import { ChatStream } from './chat/stream.js';
import type { ChatChunk, ChatCompletion, ChatRequest, JsonObject, ToolCall } from '../pivot/chat.js';
import type { ChatError, ClientFormat, ClientStream } from '../pivot/translator.js';
import { BareCalls, toBareCalls } from './responses/response/cursor-calls.js';
import { DroppedNames } from './responses/request/dropped-members.js';
import { wrapCustomInput } from './responses/request/input-items.js';
import { readChoice, readRequest, type ResponsesRequest } from './responses/request/to-chat-request.js';
import { ToolNames } from './responses/request/tool-names.js';
import { readTools } from './responses/request/tools.js';

/** Chat's members that Cursor sends in a Responses body. */
const CHAT_MEMBERS = new Set([
  'max_tokens',
  'max_completion_tokens',
  'stop',
  'seed',
  'presence_penalty',
  'frequency_penalty',
  'logit_bias',
  'n',
  'reasoning_effort',
  'response_format',
  'verbosity',
]);

interface CustomCall {
  id: string;
  type: 'custom';
  custom: { name: string; input?: string };
}

/**
 * Whether a body sent to chat/completions is Cursor's: a Responses body, or a Chat body with tools in Responses' flat
 * form.
 */
export function isCursorRequest(body: JsonObject): boolean {
  const { input, messages, tools } = body;
  if (input !== undefined && input !== null && (messages === undefined || messages === null)) return true;
  return Array.isArray(tools) && tools.some(isFlat);
}

function isFlat(tool: unknown): boolean {
  return (
    isObject(tool) && typeof tool['name'] === 'string' && (tool['type'] === 'function' || tool['type'] === 'custom')
  );
}

/**
 * Client format of Cursor's requests to chat/completions: reads them as Responses requests and writes Chat responses.
 * Cursor accepts only calls of functions: the text of a custom tool comes as `function.arguments`, unchanged, and
 * returns in the same way.
 * @throws GatewayError as `createResponsesFormat` does
 */
export function createCursorFormat(body: JsonObject): ClientFormat {
  return new CursorClientFormat(body);
}

class CursorClientFormat implements ClientFormat {
  readonly chat: ChatRequest;
  readonly dropped: readonly string[];
  readonly #names: ToolNames;
  readonly #includeUsage: boolean;

  constructor(body: JsonObject) {
    const request = Array.isArray(body['messages']) ? readMixed(body) : readResponses(body);
    this.chat = request.chat;
    this.dropped = request.dropped;
    this.#names = request.names;
    const options = body['stream_options'];
    this.#includeUsage = isObject(options) && options['include_usage'] === true;
  }

  renderResponse(completion: ChatCompletion): string {
    const { system_fingerprint: fingerprint = null, ...rest } = toBareCalls(completion, this.#names);
    return JSON.stringify({ ...rest, system_fingerprint: fingerprint });
  }

  createStream(write: (events: string) => void): ClientStream {
    const stream = new ChatStream(write, this.#includeUsage);
    const calls = new BareCalls(this.#names);
    return {
      writeChunk: (chunk: ChatChunk) => calls.restoreChunk(chunk).forEach((restored) => stream.writeChunk(restored)),
      end: () => stream.end(),
      writeError: (error: ChatError) => stream.writeError(error),
    };
  }

  renderError(error: ChatError): string {
    return JSON.stringify({ error });
  }
}

function readResponses(body: JsonObject): ResponsesRequest {
  const members = Object.entries(body);
  const request = readRequest(Object.fromEntries(members.filter(([name]) => !CHAT_MEMBERS.has(name))));
  for (const [name, value] of members) if (CHAT_MEMBERS.has(name)) request.chat[name] ??= value;
  return request;
}

/** Reads a Chat body with flat tools among its nested ones. */
function readMixed(body: JsonObject): ResponsesRequest {
  const names = new ToolNames();
  const dropped = new DroppedNames();
  const tools = readTools(body['tools'], 'tools', names, dropped);
  // The choice has either form; readChoice checks it.
  const { tool_choice: _choice, ...members } = body;
  const others = checkChat({ ...members, tools });
  const chat: ChatRequest = {
    ...others,
    messages: others.messages.map((message) => wrapMessageInputs(message, names)),
  };
  if (tools.length === 0) delete chat.tools;
  readChoice(body, chat, dropped);
  return { chat, names, dropped: dropped.list() };
}

function wrapMessageInputs(
  message: ChatRequest['messages'][number],
  names: ToolNames,
): ChatRequest['messages'][number] {
  if (message.role !== 'assistant' || !message.tool_calls) return message;
  return { ...message, tool_calls: message.tool_calls.map((call) => wrapCallInput(call, names)) };
}

/** Returns a call of a custom tool, in either form, as a call of the function that represents it. */
function wrapCallInput(call: ToolCall | CustomCall, names: ToolNames): ToolCall {
  if (call.type === 'custom') {
    const { name, input = '' } = call.custom;
    return { id: call.id, type: 'function', function: { name, arguments: JSON.stringify({ input }) } };
  }
  const { name, arguments: args } = call.function;
  return names.isCustom(name) ? { ...call, function: { name, arguments: wrapCustomInput(args) } } : call;
}
