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
  RefusalOf,
  ToolCall,
  ToolStep,
} from '../../tool-calls/grammar.js';

/** Whether the model's vendor runs the tool: its result follows in the same message. */
const isServerUse = (use: JsonObject): boolean => use.text('type') === 'server_tool_use';

const wholeCall = (use: JsonObject, pointer: string): ToolCall => ({
  kind: 'call',
  names: readNames(use),
  pointer,
  input: use.has('input') ? { kind: 'tree', value: use.get('input')! } : { kind: 'json', text: '' },
  isExecuted: isServerUse(use),
});

function endWithoutCalls(holder: JsonObject): void {
  if (holder.text('stopReason') === 'tool_use') holder.set('stopReason', toJsonNode('end_turn'));
}

export function readConverseResponse(document: JsonObject): ResponseReading {
  const message = document.object('output')?.object('message');
  const names = new Map<string, readonly string[]>();
  const calls = new Map<JsonNode, { call: ToolCall; use: JsonObject }>();
  const blocks = message?.items('content') ?? [];
  const steps = blocks.flatMap((block, i): ToolStep[] => {
    if (!(block instanceof JsonObject)) return [];
    const result = block.object('toolResult');
    if (result) return [{ kind: 'result', names: names.get(result.text('toolUseId') ?? '') ?? [] }];
    const use = block.object('toolUse');
    if (!use) return [];
    const call = wholeCall(use, `/output/message/content/${i}`);
    names.set(use.text('toolUseId') ?? '', call.names);
    calls.set(block, { call, use });
    return [call];
  });
  return {
    steps,
    refuse(refusalOf) {
      const refused = [...calls].filter(([, { call }]) => refusalOf(call) !== null);
      if (refused.length === 0) return;
      const ids = new Set(refused.map(([, { use }]) => use.text('toolUseId') ?? ''));
      const isResultOfRefused = (block: JsonNode): boolean => {
        const result = block instanceof JsonObject ? block.object('toolResult') : undefined;
        return result !== undefined && ids.has(result.text('toolUseId') ?? '');
      };
      const kept = blocks.filter((block) => !isResultOfRefused(block));
      message!.set('content', new JsonArray(kept.map((block) => shown(block, calls.get(block)?.call, refusalOf))));
      const hasCalls = [...calls.values()].some(({ call }) => !call.isExecuted && refusalOf(call) === null);
      if (!hasCalls) endWithoutCalls(document);
    },
  };
}

function shown(block: JsonNode, call: ToolCall | undefined, refusalOf: RefusalOf): JsonNode {
  const text = call ? refusalOf(call) : null;
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
    return this.text.as('json');
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
    const start = event.object('contentBlockStart');
    if (start) return this.#start(event, start);
    const delta = event.object('contentBlockDelta');
    if (delta) return this.#delta(event, delta);
    const stop = event.object('contentBlockStop');
    if (stop) return this.#stop(event, stop);
    const ended = event.object('messageStop');
    if (!ended) return event.has('metadata') ? { steps: this.end(), write: () => null } : UNTOUCHED;
    return { steps: this.end(), write: (refusalOf) => this.#ended(event, ended, refusalOf) };
  }

  end(): ToolStep[] {
    return this.#calls.flatMap((call) => judged(call));
  }

  #start(event: JsonObject, start: JsonObject): EventReading {
    const index = indexOf(start);
    const before = this.#blocks.get(index);
    const steps: ToolStep[] = before ? judged(before) : [];
    const result = start.object('start')?.object('toolResult');
    if (result) {
      const id = result.text('toolUseId');
      steps.push({ kind: 'result', names: this.#names.get(id ?? '') ?? [] });
      this.#blocks.delete(index);
      return {
        steps,
        write: (refusalOf) => (this.#isRefused(id, refusalOf) ? this.#drop(index) : this.#moved(event, start)),
      };
    }
    const use = start.object('start')?.object('toolUse');
    if (!use) return { steps, write: () => this.#moved(event, start) };
    const call = this.#begin(index, use);
    if (before) call.text.fail('split');
    const id = use.text('toolUseId');
    if (id !== undefined) this.#names.set(id, this.#names.has(id) ? [] : call.names);
    return { steps, write: (refusalOf) => this.#begun(event, start, call, refusalOf) };
  }

  #delta(event: JsonObject, delta: JsonObject): EventReading {
    const index = indexOf(delta);
    const use = delta.object('delta')?.object('toolUse');
    if (!use) return { steps: [], write: () => this.#moved(event, delta) };
    const present = this.#blocks.get(index);
    // judged calls have been sent to the client: nothing more may be added to them
    const isLate = present !== undefined && present.isJudged && !present.text.isTooLong;
    const call = present && !isLate ? present : this.#begin(index, new JsonObject());
    const part = use.text('input');
    if (part !== undefined) call.text.push(part);
    else if (use.isSet('input')) call.text.fail('unreadable');
    const steps = call.text.isTooLong || isLate ? judged(call) : [];
    return { steps, write: (refusalOf) => (refusalOf(call) === null ? this.#moved(event, delta) : []) };
  }

  #stop(event: JsonObject, stop: JsonObject): EventReading {
    const call = this.#blocks.get(indexOf(stop));
    return { steps: call ? judged(call) : [], write: () => this.#moved(event, stop) };
  }

  #begin(index: number, use: JsonObject): StreamedUse {
    const call = new StreamedUse(use, `/output/message/content/${index}`);
    this.#blocks.set(index, call);
    this.#calls.push(call);
    return call;
  }

  #isRefused(id: string | undefined, refusalOf: RefusalOf): boolean {
    return (
      id !== undefined && this.#calls.some((call) => call.use.text('toolUseId') === id && refusalOf(call) !== null)
    );
  }

  /** Writes the start of a call, or the text in its place: blocks of text have no start event. */
  #begun(event: JsonObject, start: JsonObject, call: StreamedUse, refusalOf: RefusalOf): JsonObject[] | null {
    const text = refusalOf(call);
    if (text === null) return this.#moved(event, start);
    const contentBlockIndex = this.#index(indexOf(start));
    return [toJsonObject({ contentBlockDelta: { contentBlockIndex, delta: { text } } })];
  }

  #drop(index: number): JsonObject[] {
    this.#dropped.add(index);
    return [];
  }

  #moved(event: JsonObject, block: JsonObject): JsonObject[] | null {
    if (this.#dropped.size === 0) return null;
    const index = indexOf(block);
    if (this.#dropped.has(index)) return [];
    block.set('contentBlockIndex', toJsonNode(this.#index(index)));
    return [event];
  }

  #index(index: number): number {
    return index - [...this.#dropped].filter((dropped) => dropped < index).length;
  }

  #ended(event: JsonObject, ended: JsonObject, refusalOf: RefusalOf): JsonObject[] | null {
    if (!this.#calls.some((call) => refusalOf(call) !== null)) return null;
    if (!this.#calls.some((call) => !call.isExecuted && refusalOf(call) === null)) endWithoutCalls(ended);
    return [event];
  }
}

const indexOf = (block: JsonObject): number => block.index('contentBlockIndex') ?? 0;

function judged(call: StreamedUse): ToolStep[] {
  if (call.isJudged) return [];
  call.isJudged = true;
  return [call];
}
