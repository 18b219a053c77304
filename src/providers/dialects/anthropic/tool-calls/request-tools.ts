/** Tools and their results in requests of Messages. */
import { MemberKeys } from '../../../json/members.js';
import { JsonLeaf, JsonObject, listObjects, toJsonNode } from '../../../json/tree.js';
import { readNames } from '../../openai/tool-calls/chat-calls.js';
import { ConversationCalls } from '../../tool-calls/conversation-calls.js';
import { readBlockNames, isCallBlock, isResultBlock } from './content-blocks.js';
import { removeFrom } from '../../openai/tool-calls/offers.js';
import { listKindNames, listSetNames, listQualifiedNames } from '../../tool-calls/kinds.js';
import type { RequestTools, ToolHistory, ToolOffer } from '../../tool-calls/grammar.js';

/** Types of tools that Anthropic runs. */
const RUN_BY_VENDOR = /^(?:web_search|web_fetch|code_execution|tool_search|advisor)_/;

/** `browser_toolset_20260801` */
const TOOLSET = /^(\w+)_toolset(?:_\d{8})?$/;

export const messagesTools: RequestTools = {
  members: new MemberKeys('tools', 'tool_choice', 'mcp_servers'),
  elsewhere: [],
  readOffers: (request) => [...readMessagesOffers(request, ''), ...readServerOffers(request)],
  settle,
  readHistory: readMessagesHistory,
};

/** Returns the offers of a list of tools; also for Claude in Bedrock's Converse, which passes them on. */
export function readMessagesOffers(holder: JsonObject, pointer: string): ToolOffer[] {
  return listObjects(holder.getItems('tools')).flatMap(([i, tool]): ToolOffer[] => {
    const kind = tool.getText('type') ?? 'custom';
    const toolPointer = `${pointer}/tools/${i}`;
    const remove = (): void => removeFrom(holder, 'tools', tool);
    if (kind === 'mcp_toolset') return readToolsetOffers(tool, toolPointer, remove);
    const set = TOOLSET.exec(kind)?.[1];
    const names = [
      ...readNames(tool),
      ...(kind === 'custom' ? [] : listKindNames(kind)),
      ...(set === undefined ? [] : listSetNames(set)),
    ];
    return [{ names, pointer: toolPointer, isExecuted: RUN_BY_VENDOR.test(kind), remove }];
  });
}

const isFalse = (holder: JsonObject | undefined, member: string): boolean => {
  const value = holder?.get(member);
  return value instanceof JsonLeaf && value.raw === 'false';
};

/** Returns the tools of an MCP server: those that are enabled individually, or all of them. */
function readToolsetOffers(toolset: JsonObject, pointer: string, remove: () => void): ToolOffer[] {
  const server = toolset.getText('mcp_server_name') ?? '';
  if (!isFalse(toolset.getObject('default_config'), 'enabled'))
    return [{ names: listSetNames(server), pointer, isExecuted: true, remove }];
  const configs = toolset.getObject('configs');
  return (configs?.members ?? []).flatMap(({ name, value }) => {
    if (!(value instanceof JsonObject) || isFalse(value, 'enabled')) return [];
    const disable = (): void => value.set('enabled', toJsonNode(false));
    return [
      {
        names: listQualifiedNames(name, server),
        pointer: `${pointer}/configs/${name}`,
        isExecuted: true,
        remove: disable,
      },
    ];
  });
}

/** Returns the offers in the form before toolsets: each server states which of its tools may be used. */
function readServerOffers(request: JsonObject): ToolOffer[] {
  const toolsets = new Set(listObjects(request.getItems('tools')).map(([, tool]) => tool.getText('mcp_server_name')));
  return listObjects(request.getItems('mcp_servers')).flatMap(([i, server]): ToolOffer[] => {
    const name = server.getText('name') ?? '';
    const configuration = server.getObject('tool_configuration');
    if (toolsets.has(name) || isFalse(configuration, 'enabled')) return [];
    const remove = (): void => removeFrom(request, 'mcp_servers', server);
    const pointer = `/mcp_servers/${i}`;
    if (!configuration?.isSet('allowed_tools'))
      return [{ names: listSetNames(name), pointer, isExecuted: true, remove }];
    return configuration.getItems('allowed_tools').map((tool) => ({
      names: listQualifiedNames(tool instanceof JsonLeaf ? (tool.text ?? '') : '', name),
      pointer: `${pointer}/tool_configuration/allowed_tools`,
      isExecuted: true,
      remove() {
        removeFrom(configuration, 'allowed_tools', tool);
        if (configuration.getItems('allowed_tools').length === 0) remove();
      },
    }));
  });
}

function settle(request: JsonObject, removed: readonly ToolOffer[]): void {
  const removedNames = new Set(removed.flatMap(({ names }) => names));
  const tools = listObjects(request.getItems('tools')).map(([, tool]) => tool);
  const servers = new Set(tools.map((tool) => tool.getText('mcp_server_name')));
  for (const [, server] of listObjects(request.getItems('mcp_servers'))) {
    // Anthropic refuses a server without its toolset
    const name = server.getText('name') ?? '';
    if (removedNames.has(name) && !servers.has(name)) removeFrom(request, 'mcp_servers', server);
  }
  if (request.has('mcp_servers') && request.getItems('mcp_servers').length === 0) request.delete('mcp_servers');
  if (request.has('tools') && tools.length === 0) request.delete('tools');
  const chosen = request.getObject('tool_choice')?.getText('name');
  if (!request.has('tools') || (chosen !== undefined && removedNames.has(chosen))) request.delete('tool_choice');
}

export function readMessagesHistory(request: JsonObject): ToolHistory {
  const calls = new ConversationCalls();
  const results: (readonly string[])[] = [];
  let isHidden = false;
  for (const [, message] of listObjects(request.getItems('messages'))) {
    if (message.getText('role') === 'assistant') calls.begin();
    for (const [, block] of listObjects(message.getItems('content'))) {
      isHidden ||= block.getText('type') === 'compaction';
      if (isResultBlock(block)) results.push(calls.findNames(block.getText('tool_use_id')));
      else if (isCallBlock(block)) calls.add(block.getText('id'), readBlockNames(block));
    }
  }
  return { results, isHidden };
}
