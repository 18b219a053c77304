/** Tools and their results in requests of Gemini. Members are accepted in both spellings of protocol-buffer JSON. */
import { MemberKeys } from '../../../json/members.js';
import { JsonArray, JsonLeaf, JsonObject, listObjects, type JsonNode } from '../../../json/tree.js';
import { readNames } from '../../openai/tool-calls/chat-calls.js';
import { readCallPart, deleteMember, getMember, listToolNames, getObject, readResultPart } from './parts.js';
import { removeFrom } from '../../openai/tool-calls/offers.js';
import { listSetNames } from '../../tool-calls/kinds.js';
import type { RequestTools, ToolHistory, ToolOffer } from '../../tool-calls/grammar.js';

const DECLARATIONS = /^function_?declarations$/i;
const SERVERS = /^mcp_?servers$/i;
/** Google's own tools whose calls are sent to the client. */
const RUN_BY_CLIENT = /^computer_?use$/i;

export const geminiTools: RequestTools = {
  members: new MemberKeys('tools', 'toolConfig', 'tool_config'),
  elsewhere: [],
  readOffers: (request) =>
    toList(request.get('tools')).flatMap((tool, i) =>
      tool instanceof JsonObject ? readToolOffers(tool, `/tools/${i}`) : [],
    ),
  settle,
  readHistory: readHistory,
};

/** Returns a list, also of a single element without a list. */
const toList = (node: JsonNode | undefined): readonly JsonNode[] =>
  node instanceof JsonArray ? node.items : node === undefined ? [] : [node];

function readToolOffers(tool: JsonObject, pointer: string): ToolOffer[] {
  return tool.members.flatMap(({ name: member }): ToolOffer[] => {
    const toolPointer = `${pointer}/${member}`;
    if (DECLARATIONS.test(member)) {
      return listObjects(tool.getItems(member)).map(([i, declared]) => ({
        names: readNames(declared),
        pointer: `${toolPointer}/${i}`,
        isExecuted: false,
        remove: () => removeListed(tool, member, declared),
      }));
    }
    if (SERVERS.test(member)) {
      return listObjects(tool.getItems(member)).map(([i, server]) => ({
        names: listSetNames(server.getText('name') ?? ''),
        pointer: `${toolPointer}/${i}`,
        isExecuted: true,
        remove: () => removeListed(tool, member, server),
      }));
    }
    const isExecuted = !RUN_BY_CLIENT.test(member);
    return [{ names: listToolNames(member), pointer: toolPointer, isExecuted, remove: () => tool.delete(member) }];
  });
}

function removeListed(tool: JsonObject, member: string, removed: JsonObject): void {
  removeFrom(tool, member, removed);
  if (tool.getItems(member).length === 0) tool.delete(member);
}

function settle(request: JsonObject, removed: readonly ToolOffer[]): void {
  const tools = toList(request.get('tools')).filter(
    (tool) => !(tool instanceof JsonObject && tool.members.length === 0),
  );
  if (tools.length === 0) request.delete('tools');
  else request.set('tools', new JsonArray([...tools]));
  const config = getObject(request, 'toolConfig');
  const calling = config && getObject(config, 'functionCallingConfig');
  if (!config || !calling) return;
  const hasFunctions = tools.some(
    (tool) => tool instanceof JsonObject && tool.members.some(({ name }) => DECLARATIONS.test(name)),
  );
  const removedNames = new Set(removed.flatMap(({ names }) => names));
  const allowed = getMember(calling, 'allowedFunctionNames');
  const remaining = toList(allowed).filter((name) => !(name instanceof JsonLeaf && removedNames.has(name.text ?? '')));
  // without callable functions the model decides by itself
  if (!hasFunctions || (allowed !== undefined && remaining.length === 0)) deleteMember(config, 'functionCallingConfig');
  else if (allowed !== undefined) {
    deleteMember(calling, 'allowedFunctionNames');
    calling.set('allowedFunctionNames', new JsonArray([...remaining]));
  }
}

function readHistory(request: JsonObject): ToolHistory {
  const byId = new Map<string, readonly string[]>();
  const calledNames = new Set<string>();
  const results: (readonly string[])[] = [];
  for (const content of toList(request.get('contents'))) {
    if (!(content instanceof JsonObject)) continue;
    for (const part of toList(content.get('parts'))) {
      if (!(part instanceof JsonObject)) continue;
      const callPart = readCallPart(part, '');
      if (callPart) {
        const id = callPart.holder.getText('id');
        if (id !== undefined) byId.set(id, callPart.call.names);
        for (const name of callPart.call.names) calledNames.add(name);
      }
      const response = getObject(part, 'functionResponse');
      if (response) results.push(findResultNames(response, byId, calledNames));
      const names = readResultPart(part);
      if (names) results.push(names);
    }
  }
  return { results, isHidden: getMember(request, 'cachedContent') !== undefined };
}

/** Returns the names of a result's tool. A name in the result counts only if an earlier call has it. */
function findResultNames(
  response: JsonObject,
  byId: ReadonlyMap<string, readonly string[]>,
  calledNames: ReadonlySet<string>,
): readonly string[] {
  const id = response.getText('id');
  if (id !== undefined && byId.has(id)) return byId.get(id)!;
  return readNames(response).filter((name) => calledNames.has(name));
}
