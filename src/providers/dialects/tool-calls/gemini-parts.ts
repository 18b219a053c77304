/** The parts of Gemini's contents (ai.google.dev, "Content") that are calls of tools, or their results. Names are taken in both spellings of protocol-buffer JSON. */
import { JsonArray, JsonLeaf, JsonObject, toJsonObject, type JsonNode } from '../../json-tree.js';
import { namesIn } from './chat-calls.js';
import type { CallInput, ToolCall, ToolStep } from './tool-call-grammar.js';

const snake = (camel: string): string => camel.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The member in either spelling. @throws JsonFault when it is there twice */
export function memberOf(object: JsonObject, name: string): JsonNode | undefined {
  return object.get(name) ?? object.get(snake(name));
}

export function objectOf(object: JsonObject, name: string): JsonObject | undefined {
  const value = memberOf(object, name);
  return value instanceof JsonObject ? value : undefined;
}

export function deleteMember(object: JsonObject, name: string): void {
  object.delete(name);
  object.delete(snake(name));
}

/** A tool of Google's own, in either spelling: `googleSearch` and `google_search`. */
export const namesOfTool = (name: string): string[] => [...new Set([name, camel(name), snake(name)])];

export const toolNames = (tools: readonly string[]): string[] => tools.flatMap(namesOfTool);

/** `GOOGLE_SEARCH_WEB` is a use of `googleSearch`. */
function namesOfType(type: string | undefined): string[] {
  const tool = (type ?? '').toLowerCase();
  if (tool === '') return [];
  return toolNames(/^google_search_/.test(tool) ? [tool, 'google_search'] : [tool]);
}

/** A part that calls a tool; null: it calls none. `call` without a name may continue an earlier one. */
export interface CallPart {
  readonly member: 'functionCall' | 'executableCode' | 'toolCall';
  readonly call: ToolCall;
  readonly holder: JsonObject;
}

export function callPart(part: JsonObject, pointer: string): CallPart | null {
  const called = objectOf(part, 'functionCall');
  if (called) return { member: 'functionCall', holder: called, call: named(namesIn(called), argsOf(called), pointer) };
  const code = objectOf(part, 'executableCode');
  if (code) {
    const call = { ...named(namesOfTool('codeExecution'), { kind: 'tree', value: code }, pointer), isExecuted: true };
    return { member: 'executableCode', holder: code, call };
  }
  const tool = objectOf(part, 'toolCall');
  if (!tool) return null;
  const call = { ...named(namesOfType(tool.text('toolType')), argsOf(tool), pointer), isExecuted: true };
  return { member: 'toolCall', holder: tool, call };
}

const named = (names: readonly string[], input: CallInput, pointer: string) =>
  ({ kind: 'call', names, input, pointer, isExecuted: false }) as const;

function argsOf(called: JsonObject): CallInput {
  const value = called.get('args');
  if (value === undefined || (value instanceof JsonLeaf && value.isNull)) return { kind: 'json', text: '' };
  return { kind: 'tree', value };
}

/** The names of the tool whose result a part is, as far as the part tells; null: it is none. */
export function resultPart(part: JsonObject): readonly string[] | null {
  if (memberOf(part, 'codeExecutionResult')) return namesOfTool('codeExecution');
  const response = objectOf(part, 'toolResponse');
  return response ? namesOfType(response.text('toolType')) : null;
}

export interface GroundingUse {
  readonly member: 'groundingMetadata' | 'urlContextMetadata';
  readonly steps: readonly [ToolCall, ToolStep];
}

/** What a candidate tells of searches that were made for it. They have no parts of their own. */
export function groundingUses(candidate: JsonObject, pointer: string): GroundingUse[] {
  const uses: GroundingUse[] = [];
  const use = (member: GroundingUse['member'], tools: readonly string[], value: JsonObject): void => {
    const call = { ...named(toolNames(tools), { kind: 'tree', value }, `${pointer}/${member}`), isExecuted: true };
    uses.push({ member, steps: [call, { kind: 'result', names: call.names }] });
  };
  const grounding = objectOf(candidate, 'groundingMetadata');
  if (grounding && grounding.members.length > 0)
    use('groundingMetadata', groundingTools(grounding), queriesOf(grounding));
  const urls = objectOf(candidate, 'urlContextMetadata');
  if (urls && urls.members.length > 0) use('urlContextMetadata', ['urlContext'], urls);
  return uses;
}

/** The name of the tool by what it found; of Google Search where it found nothing. */
function groundingTools(grounding: JsonObject): string[] {
  const chunks = memberOf(grounding, 'groundingChunks');
  const listed = chunks instanceof JsonArray ? chunks.items : [];
  const found = new Set(
    listed.flatMap((chunk) => (chunk instanceof JsonObject ? chunk.members.map(({ name }) => name) : [])),
  );
  const tools = [
    ...(found.has('maps') ? ['googleMaps'] : []),
    ...(found.has('retrievedContext') || found.has('retrieved_context') ? ['fileSearch', 'retrieval'] : []),
  ];
  return tools.length > 0 && !found.has('web') ? tools : ['googleSearch', 'googleSearchRetrieval', ...tools];
}

/** Conditions can ask for the queries. */
function queriesOf(grounding: JsonObject): JsonObject {
  return new JsonObject(grounding.members.filter(({ name }) => /queries$/i.test(name)));
}

/** The part in place of a refused call. */
export const textPart = (text: string): JsonObject => toJsonObject({ text });

/** Gemini 3 wants the signature of a turn at its first call: where that goes, the next one inherits it. */
export function inheritSignature(from: JsonObject, to: JsonObject | undefined): void {
  const signature = memberOf(from, 'thoughtSignature');
  if (signature && to && !memberOf(to, 'thoughtSignature')) to.set('thoughtSignature', signature);
}
