/**
 * Tool calls in Bedrock's Converse (docs.aws.amazon.com, "Converse" and "ConverseStream"). An event is a member with
 * the event's name.
 */
import { JsonArray, JsonObject, toJsonNode, toJsonObject, type JsonNode } from '../../../json/tree.js';
import { readNames } from '../../openai/tool-calls/chat-calls.js';
import { InputText } from '../../tool-calls/input-text.js';
import { isEmptyInput } from '../../anthropic/tool-calls/content-blocks.js';
import type {
  ResponseReading,
  CallInput,
  CallStream,
  EventReading,
  FindRefusal,
  ToolCall,
  ToolStep,
} from '../../tool-calls/grammar.js';

/** Whether the model's vendor runs the tool: its result follows in the same message. */
const isServerUse = (use: JsonObject): boolean => use.getText('type') === 'server_tool_use';

const toToolCall = (use: JsonObject, pointer: string): ToolCall => ({
  kind: 'call',
  names: readNames(use),
  pointer,
  input: use.has('input') ? { kind: 'tree', value: use.get('input')! } : { kind: 'json', text: '' },
  isExecuted: isServerUse(use),
});

function endWithoutCalls(holder: JsonObject): void {
  if (holder.getText('stopReason') === 'tool_use') holder.set('stopReason', toJsonNode('end_turn'));
}

export function readConverseResponse(document: JsonObject): ResponseReading {
  const message = document.getObject('output')?.getObject('message');
  const names = new Map<string, readonly string[]>();
  const calls = new Map<JsonNode, { call: ToolCall; use: JsonObject }>();
  const blocks = message?.getItems('content') ?? [];
  const steps = blocks.flatMap((block, i): ToolStep[] => {
    if (!(block instanceof JsonObject)) return [];
    const result = block.getObject('toolResult');
    if (result) return [{ kind: 'result', names: names.get(result.getText('toolUseId') ?? '') ?? [] }];
    const use = block.getObject('toolUse');
    if (!use) return [];
    const call = toToolCall(use, `/output/message/content/${i}`);
    names.set(use.getText('toolUseId') ?? '', call.names);
    calls.set(block, { call, use });
    return [call];
  });
  return {
    steps,
    refuse(findRefusal) {
      const refused = [...calls].filter(([, { call }]) => findRefusal(call) !== null);
      if (refused.length === 0) return;
      const ids = new Set(refused.map(([, { use }]) => use.getText('toolUseId') ?? ''));
      const isResultOfRefused = (block: JsonNode): boolean => {
        const result = block instanceof JsonObject ? block.getObject('toolResult') : undefined;
        return result !== undefined && ids.has(result.getText('toolUseId') ?? '');
      };
      const remaining = blocks.filter((block) => !isResultOfRefused(block));
      message!.set(
        'content',
        new JsonArray(remaining.map((block) => replaceIfRefused(block, calls.get(block)?.call, findRefusal))),
      );
      const hasCalls = [...calls.values()].some(({ call }) => !call.isExecuted && findRefusal(call) === null);
      if (!hasCalls) endWithoutCalls(document);
    },
  };
}

function replaceIfRefused(block: JsonNode, call: ToolCall | undefined, findRefusal: FindRefusal): JsonNode {
  const text = call ? findRefusal(call) : null;
  return text === null ? block : toJsonNode({ text });
}

class StreamedUse implements ToolCall {
  readonly kind = 'call';
  readonly names: readonly string[];
  readonly isExecuted: boolean;
  readonly text = new InputText();
  isJudged = false;

  constructor(
    readonly use: JsonObject,
    readonly pointer: string,
  ) {
    this.names = readNames(use);
    this.isExecuted = isServerUse(use);
    if (!isEmptyInput(use.get('input'))) this.text.fail('split');
  }

  get input(): CallInput {
    return this.text.toInput('json');
  }
}

const UNTOUCHED: EventReading = { steps: [], write: () => null };

/** Reads streams in which a block is complete with `contentBlockStop`. */
export class ConverseCallStream implements CallStream {
  readonly #blocks = new Map<number, StreamedUse>();
  readonly #calls: StreamedUse[] = [];
  readonly #names = new Map<string, readonly string[]>();
  readonly #dropped = new Set<number>();

  get isOpen(): boolean {
    return this.#calls.some((call) => !call.isJudged);
  }

  read(event: JsonObject): EventReading {
    const start = event.getObject('contentBlockStart');
    if (start) return this.#start(event, start);
    const delta = event.getObject('contentBlockDelta');
    if (delta) return this.#readDelta(event, delta);
    const stop = event.getObject('contentBlockStop');
    if (stop) return this.#stop(event, stop);
    const messageStop = event.getObject('messageStop');
    if (!messageStop) return event.has('metadata') ? { steps: this.end(), write: () => null } : UNTOUCHED;
    return { steps: this.end(), write: (findRefusal) => this.#writeEnd(event, messageStop, findRefusal) };
  }

  end(): ToolStep[] {
    return this.#calls.flatMap((call) => takeUnjudged(call));
  }

  #start(event: JsonObject, start: JsonObject): EventReading {
    const index = readIndex(start);
    const before = this.#blocks.get(index);
    const steps: ToolStep[] = before ? takeUnjudged(before) : [];
    const result = start.getObject('start')?.getObject('toolResult');
    if (result) {
      const id = result.getText('toolUseId');
      steps.push({ kind: 'result', names: this.#names.get(id ?? '') ?? [] });
      this.#blocks.delete(index);
      return {
        steps,
        write: (findRefusal) => (this.#isRefused(id, findRefusal) ? this.#drop(index) : this.#renumber(event, start)),
      };
    }
    const use = start.getObject('start')?.getObject('toolUse');
    if (!use) return { steps, write: () => this.#renumber(event, start) };
    const call = this.#begin(index, use);
    if (before) call.text.fail('split');
    const id = use.getText('toolUseId');
    if (id !== undefined) this.#names.set(id, this.#names.has(id) ? [] : call.names);
    return { steps, write: (findRefusal) => this.#writeStart(event, start, call, findRefusal) };
  }

  #readDelta(event: JsonObject, delta: JsonObject): EventReading {
    const index = readIndex(delta);
    const use = delta.getObject('delta')?.getObject('toolUse');
    if (!use) return { steps: [], write: () => this.#renumber(event, delta) };
    const present = this.#blocks.get(index);
    // judged calls have been sent to the client: nothing more may be added to them
    const isLate = present !== undefined && present.isJudged && !present.text.isTooLong;
    const call = present && !isLate ? present : this.#begin(index, new JsonObject());
    const part = use.getText('input');
    if (part !== undefined) call.text.push(part);
    else if (use.isSet('input')) call.text.fail('unreadable');
    const steps = call.text.isTooLong || isLate ? takeUnjudged(call) : [];
    return { steps, write: (findRefusal) => (findRefusal(call) === null ? this.#renumber(event, delta) : []) };
  }

  #stop(event: JsonObject, stop: JsonObject): EventReading {
    const call = this.#blocks.get(readIndex(stop));
    return { steps: call ? takeUnjudged(call) : [], write: () => this.#renumber(event, stop) };
  }

  #begin(index: number, use: JsonObject): StreamedUse {
    const call = new StreamedUse(use, `/output/message/content/${index}`);
    this.#blocks.set(index, call);
    this.#calls.push(call);
    return call;
  }

  #isRefused(id: string | undefined, findRefusal: FindRefusal): boolean {
    return (
      id !== undefined && this.#calls.some((call) => call.use.getText('toolUseId') === id && findRefusal(call) !== null)
    );
  }

  /** Writes the start of a call, or the text in its place: blocks of text have no start event. */
  #writeStart(event: JsonObject, start: JsonObject, call: StreamedUse, findRefusal: FindRefusal): JsonObject[] | null {
    const text = findRefusal(call);
    if (text === null) return this.#renumber(event, start);
    const contentBlockIndex = this.#shiftIndex(readIndex(start));
    return [toJsonObject({ contentBlockDelta: { contentBlockIndex, delta: { text } } })];
  }

  #drop(index: number): JsonObject[] {
    this.#dropped.add(index);
    return [];
  }

  #renumber(event: JsonObject, block: JsonObject): JsonObject[] | null {
    if (this.#dropped.size === 0) return null;
    const index = readIndex(block);
    if (this.#dropped.has(index)) return [];
    block.set('contentBlockIndex', toJsonNode(this.#shiftIndex(index)));
    return [event];
  }

  #shiftIndex(index: number): number {
    return index - [...this.#dropped].filter((dropped) => dropped < index).length;
  }

  #writeEnd(event: JsonObject, messageStop: JsonObject, findRefusal: FindRefusal): JsonObject[] | null {
    if (!this.#calls.some((call) => findRefusal(call) !== null)) return null;
    if (!this.#calls.some((call) => !call.isExecuted && findRefusal(call) === null)) endWithoutCalls(messageStop);
    return [event];
  }
}

const readIndex = (block: JsonObject): number => block.getIndex('contentBlockIndex') ?? 0;

function takeUnjudged(call: StreamedUse): ToolStep[] {
  if (call.isJudged) return [];
  call.isJudged = true;
  return [call];
}
