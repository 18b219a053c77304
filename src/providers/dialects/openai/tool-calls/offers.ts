/** Tools that requests of Chat Completions and Responses offer, including those of other vendors with these APIs. */
import { JsonArray, JsonLeaf, JsonObject, listObjects, type JsonNode } from '../../../json/tree.js';
import { readNames } from './chat-calls.js';
import { listKindNames, listSetNames, listQualifiedNames } from '../../tool-calls/kinds.js';
import type { ToolOffer } from '../../tool-calls/grammar.js';

/** Types of tools whose calls are sent to the client. */
const RUN_BY_CLIENT = /^(?:function|custom|computer|local_shell|shell|apply_patch|builtin_function)/;

const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  programmatic_tool_calling: ['program'],
  web_search_preview: ['web_search'],
};

/** Returns the offers of a list of tools. */
export function readListedOffers(holder: JsonObject, member: string, pointer: string): ToolOffer[] {
  return holder.getItems(member).flatMap((tool, i) => {
    if (!(tool instanceof JsonObject)) return [];
    return readToolOffers(tool, `${pointer}/${member}/${i}`, () => removeFrom(holder, member, tool));
  });
}

export function removeFrom(holder: JsonObject, member: string, removed: JsonNode): void {
  holder.set(member, new JsonArray(holder.getItems(member).filter((item) => item !== removed)));
}

function readToolOffers(tool: JsonObject, pointer: string, remove: () => void): ToolOffer[] {
  const kind = tool.getText('type') ?? 'function';
  if (kind === 'mcp') return readServerOffers(tool, pointer, remove);
  if (kind === 'namespace') {
    return readListedOffers(tool, 'tools', pointer).map((offer) => ({
      ...offer,
      names: offer.names.flatMap((name) => listQualifiedNames(name, tool.getText('name'))),
      remove: () => removeWith(offer, tool, remove),
    }));
  }
  return [{ names: listToolNames(tool, kind), pointer, isExecuted: !RUN_BY_CLIENT.test(kind), remove }];
}

/** Removes an offer, and its namespace with the last tool in it. */
function removeWith(offer: ToolOffer, namespace: JsonObject, remove: () => void): void {
  offer.remove();
  if (namespace.getItems('tools').length === 0) remove();
}

export function listToolNames(tool: JsonObject, kind: string): string[] {
  const own = [tool, tool.getObject('function'), tool.getObject('custom')].flatMap(readNames);
  if (kind === 'function' || kind === 'custom') return own;
  if (kind === 'builtin_function') return own.flatMap((name) => [name, name.replace(/^\$/, '')]);
  const kinds = listKindNames(kind.replace(/^\w+:/, ''));
  return [...new Set([...own, kind, ...kinds, ...kinds.flatMap((name) => OTHER_NAMES[name] ?? [])])];
}

/** Returns the offers of an MCP server: the tools that the request allows, or the server if it names none. */
function readServerOffers(server: JsonObject, pointer: string, remove: () => void): ToolOffer[] {
  const label = server.getText('server_label') ?? '';
  const holder = server.getObject('allowed_tools') ?? server;
  const member = holder === server ? 'allowed_tools' : 'tool_names';
  if (!(holder.get(member) instanceof JsonArray)) {
    const connector = server.getText('connector_id');
    const names = [...listSetNames(label), ...(connector ? [connector] : [])];
    return [{ names, pointer, isExecuted: true, remove }];
  }
  const toolPointer = holder === server ? `${pointer}/allowed_tools` : `${pointer}/allowed_tools/tool_names`;
  return holder.getItems(member).map((name, i) => ({
    names: listQualifiedNames(toText(name), label),
    pointer: `${toolPointer}/${i}`,
    isExecuted: true,
    remove() {
      removeFrom(holder, member, name);
      if (holder.getItems(member).length === 0) remove();
    },
  }));
}

const toText = (node: JsonNode): string => (node instanceof JsonLeaf ? (node.text ?? '') : '');

/** Returns the offers of members that let a vendor search or look things up by itself. */
export function readMemberOffers(request: JsonObject): ToolOffer[] {
  const offers: ToolOffer[] = [];
  const add = (names: readonly string[], member: string, remove = () => request.delete(member)): void =>
    void offers.push({ names, pointer: `/${member}`, isExecuted: true, remove });
  if (request.isSet('web_search_options')) add(['web_search', 'web_search_preview'], 'web_search_options');
  if (request.isSet('search_parameters') && request.getObject('search_parameters')?.getText('mode') !== 'off')
    add(['live_search', 'web_search'], 'search_parameters');
  const search = request.get('enable_search');
  if (search instanceof JsonLeaf && search.raw === 'true') add(['web_search'], 'enable_search');
  for (const [, plugin] of listObjects(request.getItems('plugins')))
    if (plugin.getText('id') === 'web')
      add(['web', 'web_search'], 'plugins', () => removeFrom(request, 'plugins', plugin));
  for (const [, source] of listObjects(request.getItems('data_sources')))
    add(listKindNames(source.getText('type') ?? ''), 'data_sources', () => removeFrom(request, 'data_sources', source));
  const compound = request.getObject('compound_custom')?.getObject('tools');
  for (const tool of compound?.getItems('enabled_tools') ?? [])
    add(listKindNames(toText(tool)), 'compound_custom', () => removeFrom(compound!, 'enabled_tools', tool));
  return offers;
}
