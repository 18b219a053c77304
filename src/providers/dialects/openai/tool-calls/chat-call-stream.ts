/** Tool calls in streamed Chat Completions ("chat/streaming"): pieces by index, complete when their choice finishes. */
import { JsonArray, JsonLeaf, JsonObject, listObjects, toJsonNode, type JsonNode } from '../../../json/tree.js';
import { endWithoutCalls, readList, MessageCalls, refuseInChoice } from './chat-calls.js';
import { DeltaCall, DeltaCalls } from './chat-delta-calls.js';
import type { CallStream, EventReading, FindRefusal, ToolStep } from '../../tool-calls/grammar.js';

interface ChoiceDelta {
  readonly choice: JsonObject;
  readonly delta: JsonObject | undefined;
  readonly calls: DeltaCalls;
  readonly entries: readonly { readonly entry: JsonNode; readonly call: DeltaCall; readonly isFirst: boolean }[];
  readonly legacy: { readonly call: DeltaCall; readonly isFirst: boolean } | null;
  /** Whole calls in the event: those of a `message` beside the delta (Perplexity), and executed ones. */
  readonly wholeCalls: readonly MessageCalls[];
  readonly hasText: boolean;
}

export class ChatCallStream implements CallStream {
  readonly #choices = new Map<number, DeltaCalls>();
  /** Id of a call → the choice in which it began. */
  readonly #choiceOfId = new Map<string, number>();

  get isOpen(): boolean {
    for (const calls of this.#choices.values()) if (calls.isOpen) return true;
    return false;
  }

  read(event: JsonObject, hasText: boolean): EventReading {
    const steps: ToolStep[] = [];
    const choiceDeltas = listObjects(event.getItems('choices')).map(([position, choice]) =>
      this.#readDelta(choice, choice.getIndex('index') ?? position, hasText, steps),
    );
    return { steps, write: (findRefusal) => writeEvent(event, choiceDeltas, findRefusal) };
  }

  end(): ToolStep[] {
    return [...this.#choices.values()].flatMap((calls) => calls.finish());
  }

  #readDelta(choice: JsonObject, index: number, hasText: boolean, steps: ToolStep[]): ChoiceDelta {
    let calls = this.#choices.get(index);
    if (!calls) this.#choices.set(index, (calls = new DeltaCalls(index, this.#choiceOfId)));
    const delta = choice.getObject('delta');
    const entries = (delta ? readList(delta, 'tool_calls') : []).map((entry) => ({ entry, ...calls.take(entry) }));
    const legacy = delta?.isSet('function_call') ? calls.takeLegacy(delta.get('function_call')!) : null;
    const completeCalls = readWholeCalls(choice, delta, index);
    for (const one of completeCalls) steps.push(...one.steps);
    steps.push(...calls.takeOverlong());
    if (choice.isSet('finish_reason')) steps.push(...calls.finish());
    return { choice, delta, calls, entries, legacy, wholeCalls: completeCalls, hasText };
  }
}

function readWholeCalls(choice: JsonObject, delta: JsonObject | undefined, index: number): MessageCalls[] {
  const message = choice.getObject('message');
  const executed = delta && new JsonObject(delta.members.filter(({ name }) => name === 'executed_tools'));
  return [
    ...(executed?.has('executed_tools') ? [new MessageCalls(executed, `/choices/${index}/message`)] : []),
    ...(message ? [new MessageCalls(message, `/choices/${index}/message`)] : []),
  ];
}

function writeEvent(
  event: JsonObject,
  choiceDeltas: readonly ChoiceDelta[],
  findRefusal: FindRefusal,
): JsonObject[] | null {
  let isChanged = false;
  let isEmptied = choiceDeltas.length > 0;
  for (const choiceDelta of choiceDeltas) {
    const removed = applyRefusals(choiceDelta, findRefusal);
    isChanged ||= removed !== 'nothing';
    isEmptied &&= removed === 'all';
  }
  if (!isChanged) return null;
  return isEmptied && !event.isSet('usage') ? [] : [event];
}

/** Refuses calls of a choice and returns how much changed; `all` if the choice is now empty. */
function applyRefusals(choiceDelta: ChoiceDelta, findRefusal: FindRefusal): 'nothing' | 'some' | 'all' {
  const { choice, delta, calls, wholeCalls } = choiceDelta;
  const isWholeChanged = wholeCalls.map((one) => applyToWhole(choiceDelta, one, findRefusal)).includes(true);
  if (!delta || !calls.list.some((call) => findRefusal(call) !== null)) return isWholeChanged ? 'some' : 'nothing';
  const hadCalls = choiceDelta.entries.length > 0 || choiceDelta.legacy !== null;
  const texts = removeRefusedCalls(choiceDelta, delta, findRefusal);
  if (texts.length > 0) addText(delta, texts, choiceDelta.hasText || calls.hasRefusalText);
  calls.hasRefusalText ||= texts.length > 0;
  if (hadCalls && choice.isSet('logprobs')) choice.set('logprobs', toJsonNode(null));
  if (!calls.list.some((call) => findRefusal(call) === null)) endWithoutCalls(choice);
  if (!hadCalls && !choice.isSet('finish_reason')) return 'nothing';
  return delta.members.length === 0 && !choice.isSet('finish_reason') && hadCalls ? 'all' : 'some';
}

function applyToWhole({ choice, delta, hasText }: ChoiceDelta, calls: MessageCalls, findRefusal: FindRefusal): boolean {
  if (calls.message === choice.getObject('message')) return refuseInChoice(choice, calls, findRefusal);
  const { texts } = calls.remove(findRefusal);
  if (texts.length === 0) return false;
  delta!.delete('executed_tools');
  if (calls.message.has('executed_tools')) delta!.set('executed_tools', calls.message.get('executed_tools')!);
  addText(delta!, texts, hasText);
  return true;
}

/**
 * Removes the pieces of refused calls and renumbers the others. Returns the texts for refused calls that begin here.
 */
function removeRefusedCalls(
  { entries, legacy, calls }: ChoiceDelta,
  delta: JsonObject,
  findRefusal: FindRefusal,
): string[] {
  const texts: string[] = [];
  const remaining: JsonNode[] = [];
  for (const { entry, call, isFirst } of entries) {
    const refusal = findRefusal(call);
    if (refusal !== null) {
      if (isFirst) texts.push(refusal);
      continue;
    }
    if (entry instanceof JsonObject && entry.isSet('index'))
      entry.set('index', toJsonNode(calls.getRemainingIndex(call, findRefusal)));
    remaining.push(entry);
  }
  if (entries.length > 0 && remaining.length === 0) delta.delete('tool_calls');
  else if (entries.length > 0) delta.set('tool_calls', new JsonArray(remaining));
  const refusal = legacy && findRefusal(legacy.call);
  if (legacy && refusal !== null) {
    delta.delete('function_call');
    if (legacy.isFirst) texts.push(refusal);
  }
  return texts;
}

function addText(delta: JsonObject, texts: readonly string[], isApart: boolean): void {
  const content = delta.get('content');
  if (content instanceof JsonArray) {
    content.items.push(...texts.map((text) => toJsonNode({ type: 'text', text })));
    return;
  }
  const before = content instanceof JsonLeaf ? (content.text ?? '') : '';
  const text = [before, ...texts].filter((one) => one !== '').join('\n\n');
  delta.set('content', toJsonNode(isApart && before === '' ? `\n\n${text}` : text));
}
