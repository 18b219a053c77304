/**
 * Tool calls in Gemini's responses, whole and streamed: parts of candidates, each of them whole except for streamed
 * arguments.
 */
import { JsonArray, JsonObject, listObjects, type JsonNode } from '../../../json/tree.js';
import {
  readCallPart,
  deleteMember,
  readGroundingUses,
  inheritSignature,
  getMember,
  getObject,
  readResultPart,
  createTextPart,
  type CallPart,
  type GroundingUse,
} from './parts.js';
import { isTrue, PartialCall } from './partial-call.js';
import type {
  ResponseReading,
  CallStream,
  EventReading,
  FindRefusal,
  ToolCall,
  ToolStep,
} from '../../tool-calls/grammar.js';

/** State of a candidate. */
interface CandidateState {
  readonly pointer: string;
  /** Number of parts read. */
  parts: number;
  open: PartialCall | null;
  /** The last executed code, and the calls by their ids: their results are removed with them. */
  lastCode: ToolCall | null;
  readonly byId: Map<string, ToolCall>;
  /** Whether the client has seen the text of a refusal. */
  hasRefusalText: boolean;
  /** Removed part whose signature the next call inherits. */
  signatureSource: JsonObject | null;
}

interface PartEntry {
  readonly part: JsonNode;
  readonly call: ToolCall | null;
  readonly isFirst: boolean;
  readonly isFunction: boolean;
  /** Call whose result the part is. */
  readonly resultOf: ToolCall | null;
}

interface CandidateDelta {
  readonly candidate: JsonObject;
  readonly state: CandidateState;
  readonly entries: readonly PartEntry[];
  readonly uses: readonly GroundingUse[];
}

export class GeminiCallStream implements CallStream {
  readonly #candidates = new Map<number, CandidateState>();

  get isOpen(): boolean {
    for (const { open } of this.#candidates.values()) if (open && !open.isJudged) return true;
    return false;
  }

  read(event: JsonObject, hasText: boolean): EventReading {
    const steps: ToolStep[] = [];
    const deltas = listObjects(event.getItems('candidates')).map(([position, candidate]) =>
      this.#readDelta(candidate, candidate.getIndex('index') ?? position, steps),
    );
    return {
      steps,
      write: (findRefusal) => {
        let isChanged = false;
        for (const delta of deltas) isChanged = applyRefusals(delta, findRefusal, hasText) || isChanged;
        return isChanged ? [event] : null;
      },
    };
  }

  end(): ToolStep[] {
    return [...this.#candidates.values()].flatMap((state) => endOpenCall(state));
  }

  #readDelta(candidate: JsonObject, index: number, steps: ToolStep[]): CandidateDelta {
    const pointer = `/candidates/${index}`;
    let state = this.#candidates.get(index);
    if (!state) {
      state = {
        pointer,
        parts: 0,
        open: null,
        lastCode: null,
        byId: new Map(),
        hasRefusalText: false,
        signatureSource: null,
      };
      this.#candidates.set(index, state);
    }
    const parts = getObject(candidate, 'content')?.getItems('parts') ?? [];
    const entries = parts.map((part) => readPart(part, `${pointer}/content/parts/${state.parts++}`, state, steps));
    const uses = readGroundingUses(candidate, pointer);
    for (const use of uses) steps.push(...use.steps);
    if (getMember(candidate, 'finishReason') !== undefined) steps.push(...endOpenCall(state));
    return { candidate, state, entries, uses };
  }
}

/** Reads a whole response as a stream of one event. */
export function readGeminiResponse(document: JsonObject): ResponseReading {
  const stream = new GeminiCallStream();
  const { steps, write } = stream.read(document, false);
  return { steps: [...steps, ...stream.end()], refuse: (findRefusal) => void write(findRefusal) };
}

/** Ends the open call: no more pieces follow. */
function endOpenCall(state: CandidateState): ToolStep[] {
  const { open } = state;
  state.open = null;
  if (!open || open.isJudged) return [];
  open.isJudged = true;
  return [open];
}

const NO_CALL = { call: null, isFirst: false, isFunction: false, resultOf: null } as const;

function readPart(part: JsonNode, pointer: string, state: CandidateState, steps: ToolStep[]): PartEntry {
  if (!(part instanceof JsonObject)) return { part, ...NO_CALL };
  const found = readCallPart(part, pointer);
  if (found) return { part, ...takeCall(found, pointer, state, steps), resultOf: null };
  const names = readResultPart(part);
  if (!names) return { part, ...NO_CALL };
  steps.push({ kind: 'result', names });
  const id = getObject(part, 'toolResponse')?.getText('id');
  const resultOf = id === undefined ? state.lastCode : (state.byId.get(id) ?? null);
  return { part, ...NO_CALL, resultOf };
}

function takeCall(
  { member, call, holder }: CallPart,
  pointer: string,
  state: CandidateState,
  steps: ToolStep[],
): Pick<PartEntry, 'call' | 'isFirst' | 'isFunction'> {
  const isFunction = member === 'functionCall';
  const willContinue = isFunction && isTrue(getMember(holder, 'willContinue'));
  const isPartial = isFunction && (willContinue || getMember(holder, 'partialArgs') !== undefined);
  const continued = isFunction && isContinuation(call, state.open, isPartial) ? state.open : null;
  if (continued || isPartial) {
    if (!continued) steps.push(...endOpenCall(state));
    const partial = continued ?? new PartialCall(call.names, pointer);
    state.open = partial;
    partial.take(holder);
    if (!willContinue) steps.push(...endOpenCall(state));
    else if (partial.isTooLong && !partial.isJudged) {
      partial.isJudged = true;
      steps.push(partial);
    }
    return { call: partial, isFirst: !continued, isFunction };
  }
  steps.push(...endOpenCall(state), call);
  if (member === 'executableCode') state.lastCode = call;
  const id = holder.getText('id');
  if (id !== undefined) state.byId.set(id, call);
  return { call, isFirst: true, isFunction };
}

/** Whether a part continues the open call. Pieces after the first have no name; some servers repeat it. */
function isContinuation(call: ToolCall, open: PartialCall | null, isPartial: boolean): boolean {
  if (!open) return false;
  return call.names.length === 0 || (isPartial && call.names[0] === open.names[0]);
}

/** Replaces refused calls. Returns whether anything was changed. */
function applyRefusals(
  { candidate, state, entries, uses }: CandidateDelta,
  findRefusal: FindRefusal,
  hasText: boolean,
): boolean {
  const remaining: JsonNode[] = [];
  let isChanged = false;
  let isApart = hasText || state.hasRefusalText;
  const addText = (text: string): void => {
    remaining.push(createTextPart(isApart ? `\n\n${text}` : text));
    isApart = true;
    isChanged = true;
    state.hasRefusalText = true;
  };
  for (const { part, call, isFirst, isFunction, resultOf } of entries) {
    const refusal = call && findRefusal(call);
    if (call && refusal !== null) {
      isChanged = true;
      if (isFunction && isFirst && getMember(part as JsonObject, 'thoughtSignature'))
        state.signatureSource = part as JsonObject;
      if (isFirst) addText(refusal);
    } else if (resultOf && findRefusal(resultOf) !== null) isChanged = true;
    else {
      if (isFunction && state.signatureSource) {
        isChanged = true;
        inheritSignature(state.signatureSource, part as JsonObject);
        state.signatureSource = null;
      }
      remaining.push(part);
      isApart ||= part instanceof JsonObject && part.has('text');
    }
  }
  for (const { member, steps } of uses) {
    const refusal = findRefusal(steps[0]);
    if (refusal === null) continue;
    deleteMember(candidate, member);
    addText(refusal);
  }
  if (isChanged) setParts(candidate, remaining);
  return isChanged;
}

function setParts(candidate: JsonObject, parts: JsonNode[]): void {
  const content = getObject(candidate, 'content') ?? new JsonObject();
  content.set('parts', new JsonArray(parts));
  candidate.set('content', content);
}
