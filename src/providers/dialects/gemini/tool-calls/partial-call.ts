/**
 * Function call of Gemini whose arguments come in pieces (Vertex AI, `streamFunctionCallArguments`), each with its
 * JSONPath (RFC 9535).
 */
import { JsonArray, JsonLeaf, JsonObject, listObjects, toJsonNode, type JsonNode } from '../../../json/tree.js';
import { getMember } from './parts.js';
import { isEmptyInput } from '../../anthropic/tool-calls/content-blocks.js';
import { MAX_ARGUMENT_BYTES, type CallInput, type InputFault, type ToolCall } from '../../tool-calls/grammar.js';

type Step = string | number;

/** `.name`, `[0]`, `['name']`, `["name"]` */
const SEGMENT = /\.([^.[\]'"\s]+)|\[(\d{1,6})\]|\['([^'\\]+)'\]|\["([^"\\]+)"\]/y;
const MAX_SEGMENTS = 64;

export class PartialCall implements ToolCall {
  readonly kind = 'call';
  readonly isExecuted = false;
  isJudged = false;
  #fault: InputFault | null = null;
  #bytes = 0;
  readonly #root = new JsonObject();
  /** Paths of strings that continue. */
  readonly #openPaths = new Set<string>();

  constructor(
    readonly names: readonly string[],
    readonly pointer: string,
  ) {}

  get input(): CallInput {
    return this.#fault ? { kind: 'fault', fault: this.#fault } : { kind: 'tree', value: this.#root };
  }

  get isTooLong(): boolean {
    return this.#fault === 'too_long';
  }

  fail(fault: InputFault): void {
    this.#fault ??= fault;
  }

  /** Adds the pieces of a part. `called`: its member `functionCall`. */
  take(functionCall: JsonObject): void {
    if (!isEmptyInput(functionCall.get('args'))) this.fail('split');
    const partialArgs = getMember(functionCall, 'partialArgs');
    if (partialArgs === undefined || this.#fault) return;
    if (!(partialArgs instanceof JsonArray)) return this.fail('unreadable');
    for (const [, partialArg] of listObjects(partialArgs.items)) this.#takePart(partialArg);
  }

  #takePart(partialArg: JsonObject): void {
    const path = getMember(partialArg, 'jsonPath');
    const text = path instanceof JsonLeaf ? path.text : null;
    const steps = text === null ? null : parsePath(text);
    const value = readValue(partialArg);
    if (text === null || !steps || !value) return this.fail('unreadable');
    this.#bytes += Buffer.byteLength(value.raw) + text.length;
    if (this.#bytes > MAX_ARGUMENT_BYTES) return this.fail('too_long');
    const isContinued = this.#openPaths.has(text);
    if (!this.#put(steps, value, isContinued)) this.fail('unreadable');
    if (isTrue(getMember(partialArg, 'willContinue'))) this.#openPaths.add(text);
    else this.#openPaths.delete(text);
  }

  /** Puts a value at a path. Returns false if another value is already there. */
  #put(steps: readonly Step[], value: JsonLeaf, isContinued: boolean): boolean {
    let holder: JsonNode = this.#root;
    for (const [i, step] of steps.entries()) {
      const isLast = i === steps.length - 1;
      const present: JsonNode | undefined = getChild(holder, step);
      if (isLast) return setChild(holder, step, present, value, isContinued);
      const next: JsonNode = present ?? (typeof steps[i + 1] === 'number' ? new JsonArray() : new JsonObject());
      if (!present && !addChild(holder, step, next)) return false;
      holder = next;
    }
    return false;
  }
}

function parsePath(path: string): Step[] | null {
  if (!path.startsWith('$')) return null;
  const steps: Step[] = [];
  SEGMENT.lastIndex = 1;
  for (let at = 1; at < path.length; at = SEGMENT.lastIndex) {
    SEGMENT.lastIndex = at;
    const found = SEGMENT.exec(path);
    if (!found || steps.length === MAX_SEGMENTS) return null;
    steps.push(found[2] === undefined ? (found[1] ?? found[3] ?? found[4])! : Number(found[2]));
  }
  return steps.length === 0 ? null : steps;
}

function readValue(partialArg: JsonObject): JsonLeaf | null {
  if (getMember(partialArg, 'nullValue') !== undefined) return toJsonNode(null) as JsonLeaf;
  const value =
    getMember(partialArg, 'stringValue') ?? getMember(partialArg, 'numberValue') ?? getMember(partialArg, 'boolValue');
  return value instanceof JsonLeaf ? value : null;
}

export const isTrue = (node: JsonNode | undefined): boolean => node instanceof JsonLeaf && node.raw === 'true';

function getChild(holder: JsonNode, step: Step): JsonNode | undefined {
  if (holder instanceof JsonObject) return holder.get(String(step));
  return holder instanceof JsonArray && typeof step === 'number' ? holder.items[step] : undefined;
}

function addChild(holder: JsonNode, step: Step, child: JsonNode): boolean {
  if (holder instanceof JsonObject && typeof step === 'string') holder.set(step, child);
  else if (holder instanceof JsonArray && step === holder.items.length) holder.items.push(child);
  else return false;
  return true;
}

function setChild(
  holder: JsonNode,
  step: Step,
  present: JsonNode | undefined,
  value: JsonLeaf,
  isContinued: boolean,
): boolean {
  if (!present) return addChild(holder, step, value);
  if (!isContinued || !(present instanceof JsonLeaf) || present.text === null || value.text === null) return false;
  const joined = toJsonNode(present.text + value.text);
  if (holder instanceof JsonObject) holder.set(String(step), joined);
  else (holder as JsonArray).items[step as number] = joined;
  return true;
}
