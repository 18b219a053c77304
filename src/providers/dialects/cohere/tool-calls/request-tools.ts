/** Tools in requests of Cohere's chat, versions 1 and 2. */
import { MemberKeys } from '../../../json/members.js';
import { listObjects, type JsonObject } from '../../../json/tree.js';
import { readNames } from '../../openai/tool-calls/chat-calls.js';
import { readListedOffers, removeFrom } from '../../openai/tool-calls/offers.js';
import { readChatHistory, joinHistories } from '../../openai/tool-calls/request-tools.js';
import type { RequestTools, ToolHistory, ToolOffer } from '../../tool-calls/grammar.js';

export const cohereTools: RequestTools = {
  members: new MemberKeys('tools', 'tool_choice', 'strict_tools', 'connectors'),
  elsewhere: [],
  readOffers: (request) => [...readListedOffers(request, 'tools', ''), ...readConnectorOffers(request)],
  settle,
  readHistory: (request) => joinHistories(readChatHistory(request), readV1History(request)),
};

const MEMBERS_OF_TOOLS = ['tools', 'tool_choice', 'strict_tools', 'force_single_step'];

/** Removes members that require tools if no tools remain. */
function settle(request: JsonObject): void {
  if (request.has('connectors') && request.getItems('connectors').length === 0) request.delete('connectors');
  if (!request.has('tools') || request.getItems('tools').length > 0) return;
  for (const member of MEMBERS_OF_TOOLS) request.delete(member);
}

/**
 * Returns the connectors of version 1: searches that the vendor runs (`web-search`, or a connector of the
 * organization).
 */
function readConnectorOffers(request: JsonObject): ToolOffer[] {
  return listObjects(request.getItems('connectors')).map(([i, connector]) => {
    const id = connector.getText('id');
    return {
      names: id ? [id, ...(id.includes('-') ? [id.replaceAll('-', '_')] : [])] : [],
      pointer: `/connectors/${i}`,
      isExecuted: true,
      remove: () => removeFrom(request, 'connectors', connector),
    };
  });
}

/**
 * Reads the results of version 1, which are beside their calls: those of the current turn in the request itself, those
 * of earlier turns in its `chat_history`.
 */
function readV1History(request: JsonObject): ToolHistory {
  const turns = [...listObjects(request.getItems('chat_history')).map(([, turn]) => turn), request];
  const results = turns.flatMap((turn) => listObjects(turn.getItems('tool_results')));
  return {
    results: results.map(([, result]) => readNames(result.getObject('call'))),
    isHidden: request.isSet('conversation_id'),
  };
}
