/**
 * Parts of Gemini's contents (ai.google.dev, "Content") that are tool calls or their results. Names are accepted in
 * both spellings of protocol-buffer JSON.
 */
import { JsonArray, JsonLeaf, JsonObject, toJsonObject, type JsonNode } from '../../../json/tree.js';
import { readNames } from '../../openai/tool-calls/chat-calls.js';
import type { CallInput, ToolCall, ToolStep } from '../../tool-calls/grammar.js';

const toSnakeCase = (camel: string): string => camel.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const toCamelCase = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Returns the member in either spelling. @throws JsonFault for a repeated member */
export function getMember(object: JsonObject, name: string): JsonNode | undefined {
  return object.get(name) ?? object.get(toSnakeCase(name));
}

export function getObject(object: JsonObject, name: string): JsonObject | undefined {
  const value = getMember(object, name);
  return value instanceof JsonObject ? value : undefined;
}

export function deleteMember(object: JsonObject, name: string): void {
  object.delete(name);
  object.delete(toSnakeCase(name));
}

/** Returns the names of one of Google's own tools in either spelling: `googleSearch` and `google_search`. */
export const listToolNames = (name: string): string[] => [...new Set([name, toCamelCase(name), toSnakeCase(name)])];

export const listAllToolNames = (tools: readonly string[]): string[] => tools.flatMap(listToolNames);

/** Returns the names of a tool type: `GOOGLE_SEARCH_WEB` is a use of `googleSearch`. */
function listTypeNames(type: string | undefined): string[] {
  const tool = (type ?? '').toLowerCase();
  if (tool === '') return [];
  return listAllToolNames(/^google_search_/.test(tool) ? [tool, 'google_search'] : [tool]);
}

/** Part that calls a tool. `call` without a name may continue an earlier one. */
export interface CallPart {
  readonly member: 'functionCall' | 'executableCode' | 'toolCall';
  readonly call: ToolCall;
  readonly holder: JsonObject;
}

export function readCallPart(part: JsonObject, pointer: string): CallPart | null {
  const called = getObject(part, 'functionCall');
  if (called)
    return { member: 'functionCall', holder: called, call: createCall(readNames(called), readArgs(called), pointer) };
  const code = getObject(part, 'executableCode');
  if (code) {
    const call = {
      ...createCall(listToolNames('codeExecution'), { kind: 'tree', value: code }, pointer),
      isExecuted: true,
    };
    return { member: 'executableCode', holder: code, call };
  }
  const tool = getObject(part, 'toolCall');
  if (!tool) return null;
  const call = { ...createCall(listTypeNames(tool.getText('toolType')), readArgs(tool), pointer), isExecuted: true };
  return { member: 'toolCall', holder: tool, call };
}

const createCall = (names: readonly string[], input: CallInput, pointer: string) =>
  ({ kind: 'call', names, input, pointer, isExecuted: false }) as const;

function readArgs(called: JsonObject): CallInput {
  const value = called.get('args');
  if (value === undefined || (value instanceof JsonLeaf && value.isNull)) return { kind: 'json', text: '' };
  return { kind: 'tree', value };
}

/** Returns the names of the tool whose result a part is, as far as the part states them; null if it is not a result. */
export function readResultPart(part: JsonObject): readonly string[] | null {
  if (getMember(part, 'codeExecutionResult')) return listToolNames('codeExecution');
  const response = getObject(part, 'toolResponse');
  return response ? listTypeNames(response.getText('toolType')) : null;
}

export interface GroundingUse {
  readonly member: 'groundingMetadata' | 'urlContextMetadata';
  readonly steps: readonly [ToolCall, ToolStep];
}

/** Returns the searches that a candidate reports. They have no parts of their own. */
export function readGroundingUses(candidate: JsonObject, pointer: string): GroundingUse[] {
  const uses: GroundingUse[] = [];
  const addUse = (member: GroundingUse['member'], tools: readonly string[], value: JsonObject): void => {
    const call = {
      ...createCall(listAllToolNames(tools), { kind: 'tree', value }, `${pointer}/${member}`),
      isExecuted: true,
    };
    uses.push({ member, steps: [call, { kind: 'result', names: call.names }] });
  };
  const grounding = getObject(candidate, 'groundingMetadata');
  if (grounding && grounding.members.length > 0)
    addUse('groundingMetadata', listGroundingTools(grounding), selectQueries(grounding));
  const urls = getObject(candidate, 'urlContextMetadata');
  if (urls && urls.members.length > 0) addUse('urlContextMetadata', ['urlContext'], urls);
  return uses;
}

/** Returns the names of the tools by their results; Google Search for results of the web, and if there are none. */
function listGroundingTools(grounding: JsonObject): string[] {
  const chunks = getMember(grounding, 'groundingChunks');
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

/** Returns the queries, which conditions can test. */
function selectQueries(grounding: JsonObject): JsonObject {
  return new JsonObject(grounding.members.filter(({ name }) => /queries$/i.test(name)));
}

/** Returns the part that replaces a refused call. */
export const createTextPart = (text: string): JsonObject => toJsonObject({ text });

/** Gemini 3 requires the signature of a turn at its first call: if that is removed, the next call inherits it. */
export function inheritSignature(from: JsonObject, to: JsonObject | undefined): void {
  const signature = getMember(from, 'thoughtSignature');
  if (signature && to && !getMember(to, 'thoughtSignature')) to.set('thoughtSignature', signature);
}
