/**
 * Gives the tool calls of a stream reliable indexes. OpenAI identifies a call by its index and sends id and name once,
 * in its first delta. Other servers omit the index (Mistral), number all calls 0 (Gemini's compatible endpoint, older
 * vLLM), repeat ids and names, or send `"id": ""` in later deltas (Alibaba).
 */
import { isObject } from '../../../pivot/body-shape.js';
import type { ToolCall, ToolCallDelta } from '../../../pivot/chat.js';
import { JsonEnd } from '../../../pivot/json-end.js';
import { type CallDelta, readCallDelta, hasNoArguments } from './calls.js';

interface StreamedCall {
  /** Index sent to the client. */
  readonly index: number;
  /** Index sent by the server; null if it sends none. */
  readonly numbered: number | null;
  id: string | null;
  name: string;
  /** The arguments so far. */
  text: string;
  readonly end: JsonEnd;
  extra: ToolCall['extra_content'];
  /** Whether the client has received the call's first delta. */
  isSent: boolean;
}

export class CallStream {
  readonly #calls: StreamedCall[] = [];

  get hasCalls(): boolean {
    return this.#calls.some(({ isSent }) => isSent);
  }

  /** @param list `delta.tool_calls`, of any type */
  take(list: unknown): ToolCallDelta[] {
    const entries = Array.isArray(list) ? (list as unknown[]) : [list];
    return entries.filter(isObject).flatMap((entry) => {
      const delta = readCallDelta(entry);
      const { index } = entry;
      const numbered = typeof index === 'number' && Number.isInteger(index) ? index : null;
      return this.#add(this.#findCall(delta, numbered) ?? this.#begin(numbered), delta);
    });
  }

  /** Ends the stream. Returns the calls whose name never came, and `{}` as arguments of calls that had none. */
  end(): ToolCallDelta[] {
    const rest: ToolCallDelta[] = [];
    for (const call of this.#calls) {
      if (!call.isSent && call.text !== '') rest.push(...this.#sendCall(call, call.text));
      if (call.isSent && call.text === '')
        rest.push(...this.#add(call, { id: null, name: '', args: '{}', extra: undefined }));
    }
    return rest;
  }

  /** Returns the call that a piece continues; undefined if the piece begins a new call. */
  #findCall(delta: CallDelta, numbered: number | null): StreamedCall | undefined {
    const calls = this.#calls;
    // parallel calls may even share an id
    const mayMatch = (call: StreamedCall): boolean =>
      numbered === null || call.numbered === null || call.numbered === numbered;
    const same = delta.id === null ? undefined : calls.findLast((call) => call.id === delta.id && mayMatch(call));
    if (same) return isNext(same, delta) ? undefined : same;
    const candidate = numbered === null ? calls.at(-1) : calls.findLast((call) => call.numbered === numbered);
    if (!candidate) return undefined;
    if (delta.name === '') return delta.id !== null && candidate.end.isReached ? undefined : candidate;
    if (candidate.name !== '' && delta.id !== null && candidate.id !== null && !isOpen(candidate)) return undefined;
    return isNext(candidate, delta) ? undefined : candidate;
  }

  #begin(numbered: number | null): StreamedCall {
    const call = {
      index: this.#calls.length,
      numbered,
      id: null,
      name: '',
      text: '',
      end: new JsonEnd(),
      extra: undefined,
      isSent: false,
    };
    this.#calls.push(call);
    return call;
  }

  #add(call: StreamedCall, { id, name, args, extra }: CallDelta): ToolCallDelta[] {
    if (call.name === '') call.name = name;
    call.id ??= id;
    if (extra) call.extra = extra;
    // a complete JSON value cannot continue: some servers repeat all of it at the end
    const isEmpty = call.end.isReached || (call.text === '' && hasNoArguments(args));
    const added = isEmpty ? '' : args;
    call.text += added;
    call.end.push(added);
    if (!call.isSent) return call.name === '' ? [] : this.#sendCall(call, call.text);
    if (added === '' && !extra) return [];
    return [{ index: call.index, function: { arguments: added }, ...(extra && { extra_content: extra }) }];
  }

  #sendCall(call: StreamedCall, args: string): ToolCallDelta[] {
    call.isSent = true;
    const { index, id, name, extra } = call;
    return [
      {
        index,
        ...(id !== null && { id }),
        type: 'function',
        function: { name, arguments: args },
        ...(extra && { extra_content: extra }),
      },
    ];
  }
}

/** Whether the arguments have begun and not ended. */
const isOpen = (call: StreamedCall): boolean => call.text !== '' && !call.end.isReached;

/** Whether a piece with a name, or with the same id, begins a call after this one. */
function isNext(call: StreamedCall, { name, args }: CallDelta): boolean {
  if (name !== '' && call.name !== '' && name !== call.name) return !isOpen(call);
  // a repetition of the whole call is the same call; other arguments belong to another one
  return name !== '' && call.end.isReached && args !== '' && args !== call.text;
}
