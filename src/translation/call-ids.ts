/**
 * Ids of tool calls. Several servers repeat ids in every response (`call_0`), or send none; a client puts all calls
 * into one conversation.
 */
import type { ChatChunk, ChatCompletion, ChatMessage, ToolCall, ToolCallDelta } from './pivot/chat.js';

/** Maximum length of an id: AWS's limit, the shortest of the vendors' limits. */
const MAX_CHARS = 64;
const FOREIGN = /[^A-Za-z0-9_-]/g;
/** Maximum length before a number is appended. */
const MAX_BASE_CHARS = MAX_CHARS - 8;

/**
 * Ids as the client receives them: each is unique in the response and in the conversation. Their characters stay, as
 * some models (Kimi) recognize their calls by them; a translator replaces those that its vendor refuses.
 */
export class ResponseCallIds {
  readonly #used: Set<string>;
  readonly #streamed = new Map<string, string>();
  #count = 0;

  /**
   * @param responseId unique to the call, for those without an id
   * @param history the conversation as the client knows it
   */
  constructor(
    private readonly responseId: string,
    history: readonly ChatMessage[],
  ) {
    this.#used = collectCallIds(history);
  }

  /** Replaces ids where that is needed. Changes the completion in place. */
  replaceInCompletion(completion: ChatCompletion): ChatCompletion {
    for (const { message } of completion.choices)
      for (const call of message.tool_calls ?? []) call.id = this.#createId(call.id);
    return completion;
  }

  /** Replaces ids as `replaceInCompletion` does: the first delta of a call has its id, later ones have none. */
  replaceInChunk(chunk: ChatChunk): ChatChunk {
    for (const { index, delta } of chunk.choices)
      for (const call of (delta as ChatChunk['choices'][0]['delta'] | undefined)?.tool_calls ?? [])
        this.#replaceInDelta(call, `${index}/${call.index}`);
    return chunk;
  }

  #replaceInDelta(call: ToolCallDelta, key: string): void {
    if (this.#streamed.has(key)) delete call.id;
    else this.#streamed.set(key, (call.id = this.#createId(call.id)));
  }

  #createId(vendorId: string | undefined): string {
    const number = this.#count++;
    return reserveId(vendorId || `call_${toPlainId(this.responseId)}_${number}`, this.#used);
  }
}

/**
 * Returns the conversation with a unique id for each call, for vendors that refuse a repeated one (Anthropic, Bedrock).
 * Results follow their calls. Returns the same array where nothing has to change.
 */
export function makeCallIdsDistinct(messages: readonly ChatMessage[]): ChatMessage[] {
  if (isDistinct(messages)) return messages as ChatMessage[];
  const used = collectCallIds(messages);
  const seen = new Set<string>();
  /** Ids of the latest calls that have no result yet, by the id in the conversation. */
  const open = new Map<string, string[]>();
  const rename = (call: ToolCall): ToolCall => {
    const isFirst = call.id !== '' && !seen.has(call.id);
    seen.add(call.id);
    const id = isFirst ? call.id : reserveId(call.id === '' ? 'call_0' : call.id, used);
    open.set(call.id, [...(open.get(call.id) ?? []), id]);
    return { ...call, id };
  };
  return messages.map((message) => {
    if (message.role === 'tool') {
      const ids = open.get(message.tool_call_id);
      const id = (ids && ids.length > 1 ? ids.shift() : ids?.[0]) ?? message.tool_call_id;
      return { ...message, tool_call_id: id };
    }
    if (message.role !== 'assistant' || !message.tool_calls?.length) return message;
    for (const { id } of message.tool_calls) open.delete(id);
    return { ...message, tool_calls: message.tool_calls.map(rename) };
  });
}

function isDistinct(messages: readonly ChatMessage[]): boolean {
  const seen = new Set<string>(['']);
  for (const message of messages)
    if (message.role === 'assistant')
      for (const { id } of message.tool_calls ?? []) {
        if (seen.has(id)) return false;
        seen.add(id);
      }
  return true;
}

export function collectCallIds(messages: readonly ChatMessage[]): Set<string> {
  const ids = new Set<string>();
  for (const message of messages)
    if (message.role === 'assistant') for (const { id } of message.tool_calls ?? []) ids.add(id);
  return ids;
}

/** Adds the id to the used ones, with a number appended where it is already used. */
function reserveId(id: string, used: Set<string>): string {
  let unique = id.length > MAX_CHARS ? id.slice(0, MAX_BASE_CHARS) : id;
  const base = unique.slice(0, MAX_BASE_CHARS);
  for (let n = 2; used.has(unique); n++) unique = `${base}_${n}`;
  used.add(unique);
  return unique;
}

/** Returns a UUID without its dashes and prefix: OpenAI accepts ids of calls of up to 40 characters. */
const toPlainId = (responseId: string): string =>
  responseId
    .replace(/^[a-z]+[-_]/, '')
    .replace(FOREIGN, '')
    .replaceAll('-', '')
    .slice(0, 32);
