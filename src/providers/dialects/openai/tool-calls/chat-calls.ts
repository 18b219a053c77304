/** Tool calls in whole Chat Completions (OpenAI API reference, "chat/object"); `function_call` is the form of 2023. */
import { JsonFault } from '../../../json/text.js';
import { JsonArray, JsonLeaf, JsonObject, listObjects, toJsonNode, type JsonNode } from '../../../json/tree.js';
import { listKindNames } from '../../tool-calls/kinds.js';
import type { ResponseReading, CallInput, FindRefusal, ToolCall, ToolStep } from '../../tool-calls/grammar.js';

/** Finish reasons that ask a client to run tools. */
export const CALL_REASONS: ReadonlySet<string> = new Set(['tool_calls', 'function_call']);

const NO_INPUT: CallInput = { kind: 'json', text: '' };

/** Call in the list of a whole message. */
export interface ListedCall {
  readonly entry: JsonNode;
  readonly call: ToolCall;
}

/**
 * Calls of a message. `pointer` is that of the message; `from` is the number of its earlier calls. @throws JsonFault
 */
export class MessageCalls {
  readonly listed: readonly ListedCall[];
  readonly legacy: ToolCall | null;
  /** Calls that the vendor has executed (Groq's compound models). */
  readonly executed: readonly ListedCall[];

  constructor(
    readonly message: JsonObject,
    pointer: string,
    from = 0,
  ) {
    this.listed = readList(message, 'tool_calls').map((entry, i) => {
      return { entry, call: toListedCall(entry, `${pointer}/tool_calls/${from + i}`) };
    });
    this.executed = readList(message, 'executed_tools').map((entry, i) => {
      return { entry, call: toExecutedCall(entry, `${pointer}/executed_tools/${i}`) };
    });
    this.legacy = message.isSet('function_call')
      ? toToolCall(message.getObject('function_call'), `${pointer}/function_call`)
      : null;
  }

  get steps(): ToolStep[] {
    const executed = this.executed.flatMap(({ call }): ToolStep[] => [call, { kind: 'result', names: call.names }]);
    return [...executed, ...this.listed.map(({ call }) => call), ...(this.legacy ? [this.legacy] : [])];
  }

  /** Removes refused calls from the message. */
  remove(findRefusal: FindRefusal): Removal {
    const texts: string[] = [];
    const isKept = ({ call }: ListedCall): boolean => {
      const refusal = findRefusal(call);
      if (refusal !== null) texts.push(refusal);
      return refusal === null;
    };
    keepEntries(this.message, 'executed_tools', this.executed, isKept);
    keepEntries(this.message, 'tool_calls', this.listed, isKept);
    if (this.legacy && !isKept({ entry: this.message, call: this.legacy })) this.message.delete('function_call');
    return { texts, hasCalls: this.message.has('tool_calls') || this.message.has('function_call') };
  }
}

export interface Removal {
  readonly texts: readonly string[];
  /** Whether calls remain for the client to run. */
  readonly hasCalls: boolean;
}

export function readChatResponse(document: JsonObject): ResponseReading {
  const choices = listObjects(document.getItems('choices')).map(([i, choice]) => {
    const message = choice.getObject('message');
    return { choice, calls: message && new MessageCalls(message, `/choices/${i}/message`) };
  });
  return {
    steps: choices.flatMap(({ calls }) => calls?.steps ?? []),
    refuse(findRefusal) {
      for (const { choice, calls } of choices) if (calls) refuseInChoice(choice, calls, findRefusal);
    },
  };
}

/** Removes refused calls from a choice. Returns whether it had any. */
export function refuseInChoice(choice: JsonObject, calls: MessageCalls, findRefusal: FindRefusal): boolean {
  const { texts, hasCalls } = calls.remove(findRefusal);
  if (texts.length === 0) return false;
  appendText(calls.message, texts);
  // log probabilities spell out the removed text
  if (choice.isSet('logprobs')) choice.set('logprobs', toJsonNode(null));
  if (!hasCalls) endWithoutCalls(choice);
  return true;
}

/** Changes the finish reason of a choice without remaining calls, so that the client does not wait for results. */
export function endWithoutCalls(choice: JsonObject): void {
  if (CALL_REASONS.has(choice.getText('finish_reason') ?? '')) choice.set('finish_reason', toJsonNode('stop'));
}

/** Adds texts to the content of a message, which is a string or a list of parts. */
export function appendText(message: JsonObject, texts: readonly string[]): void {
  const content = message.get('content');
  if (content instanceof JsonArray) content.items.push(...texts.map((text) => toJsonNode({ type: 'text', text })));
  else {
    const before = content instanceof JsonLeaf ? (content.text ?? '') : '';
    message.set('content', toJsonNode([before, ...texts].filter((text) => text !== '').join('\n\n')));
  }
}

/** Returns a list member. @throws JsonFault for a member that is not a list: some readers would find a call in it */
export function readList(message: JsonObject, name: string): readonly JsonNode[] {
  if (!message.isSet(name)) return [];
  if (!(message.get(name) instanceof JsonArray)) throw new JsonFault(`"${name}" is not a list`, 0);
  return message.getItems(name);
}

function keepEntries(
  message: JsonObject,
  name: string,
  listed: readonly ListedCall[],
  isKept: (one: ListedCall) => boolean,
): void {
  if (listed.length === 0) return;
  const remaining = listed.filter(isKept);
  if (remaining.length === 0) message.delete(name);
  else if (remaining.length < listed.length) message.set(name, new JsonArray(remaining.map(({ entry }) => entry)));
}

function toListedCall(entry: JsonNode, pointer: string): ToolCall {
  if (!(entry instanceof JsonObject)) return toToolCall(undefined, pointer);
  const custom = entry.getObject('custom');
  if (custom && !entry.isSet('function'))
    return { ...toToolCall(custom, pointer), input: { kind: 'text', text: custom.getText('input') ?? '' } };
  return toToolCall(entry.getObject('function') ?? entry, pointer);
}

const toToolCall = (object: JsonObject | undefined, pointer: string): ToolCall => ({
  kind: 'call',
  names: readNames(object),
  pointer,
  input: object ? readInput(object, 'arguments') : NO_INPUT,
  isExecuted: false,
});

/** Reads an executed call of Groq: `{type: "search", name?, arguments, output}`. */
function toExecutedCall(entry: JsonNode, pointer: string): ToolCall {
  const object = entry instanceof JsonObject ? entry : new JsonObject();
  const kind = object.getText('type');
  const names = [...readNames(object), ...(kind ? listKindNames(kind) : [])];
  return { ...toToolCall(object, pointer), names, isExecuted: true };
}

export function readNames(object: JsonObject | undefined): string[] {
  const name = object?.getText('name');
  return name ? [name] : [];
}

/** Reads the arguments: JSON in a string, or the object itself from some servers. */
export function readInput(holder: JsonObject, member: string): CallInput {
  const value = holder.get(member);
  if (value === undefined) return NO_INPUT;
  if (!(value instanceof JsonLeaf)) return { kind: 'tree', value };
  if (value.isNull) return NO_INPUT;
  return value.text === null ? { kind: 'fault', fault: 'unreadable' } : { kind: 'json', text: value.text };
}
