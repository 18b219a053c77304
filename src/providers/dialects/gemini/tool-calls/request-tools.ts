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
  offers: (request) =>
    listOf(request.get('tools')).flatMap((tool, i) =>
      tool instanceof JsonObject ? offersOf(tool, `/tools/${i}`) : [],
    ),
  settle,
  history,
};

/** Returns a list, also of a single element without a list. */
const listOf = (node: JsonNode | undefined): readonly JsonNode[] =>
  node instanceof JsonArray ? node.items : node === undefined ? [] : [node];

function offersOf(tool: JsonObject, pointer: string): ToolOffer[] {
  return tool.members.flatMap(({ name: member }): ToolOffer[] => {
    const toolPointer = `${pointer}/${member}`;
    if (DECLARATIONS.test(member)) {
      return listObjects(tool.items(member)).map(([i, declared]) => ({
        names: readNames(declared),
        pointer: `${toolPointer}/${i}`,
        isExecuted: false,
        remove: () => removeListed(tool, member, declared),
      }));
    }
    if (SERVERS.test(member)) {
      return listObjects(tool.items(member)).map(([i, server]) => ({
        names: listSetNames(server.text('name') ?? ''),
        pointer: `${toolPointer}/${i}`,
        isExecuted: true,
        remove: () => removeListed(tool, member, server),
      }));
    }
    const isExecuted = !RUN_BY_CLIENT.test(member);
    return [{ names: listToolNames(member), pointer: toolPointer, isExecuted, remove: () => tool.delete(member) }];
  });
}

function removeListed(tool: JsonObject, member: string, gone: JsonObject): void {
  removeFrom(tool, member, gone);
  if (tool.items(member).length === 0) tool.delete(member);
}

function settle(request: JsonObject, removed: readonly ToolOffer[]): void {
  const tools = listOf(request.get('tools')).filter(
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
  const gone = new Set(removed.flatMap(({ names }) => names));
  const allowed = getMember(calling, 'allowedFunctionNames');
  const kept = listOf(allowed).filter((name) => !(name instanceof JsonLeaf && gone.has(name.text ?? '')));
  // without callable functions the model decides by itself
  if (!hasFunctions || (allowed !== undefined && kept.length === 0)) deleteMember(config, 'functionCallingConfig');
  else if (allowed !== undefined) {
    deleteMember(calling, 'allowedFunctionNames');
    calling.set('allowedFunctionNames', new JsonArray([...kept]));
  }
}

function history(request: JsonObject): ToolHistory {
  const byId = new Map<string, readonly string[]>();
  const called = new Set<string>();
  const results: (readonly string[])[] = [];
  for (const content of listOf(request.get('contents'))) {
    if (!(content instanceof JsonObject)) continue;
    for (const part of listOf(content.get('parts'))) {
      if (!(part instanceof JsonObject)) continue;
      const made = readCallPart(part, '');
      if (made) {
        const id = made.holder.text('id');
        if (id !== undefined) byId.set(id, made.call.names);
        for (const name of made.call.names) called.add(name);
      }
      const response = getObject(part, 'functionResponse');
      if (response) results.push(findAnsweredNames(response, byId, called));
      const names = readResultPart(part);
      if (names) results.push(names);
    }
  }
  return { results, isHidden: getMember(request, 'cachedContent') !== undefined };
}

/** Returns the names of a result's tool. A name in the result counts only if an earlier call has it. */
function findAnsweredNames(
  response: JsonObject,
  byId: ReadonlyMap<string, readonly string[]>,
  called: ReadonlySet<string>,
): readonly string[] {
  const id = response.text('id');
  if (id !== undefined && byId.has(id)) return byId.get(id)!;
  return readNames(response).filter((name) => called.has(name));
}
