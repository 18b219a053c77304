/** Tools and their results in requests of Converse, and of models that are invoked in their vendors' own formats. */
import { MemberKeys } from '../../../json/members.js';
import { JsonObject, listObjects } from '../../../json/tree.js';
import { readNames } from '../../openai/tool-calls/chat-calls.js';
import { ConversationCalls } from '../../tool-calls/conversation-calls.js';
import { readMessagesHistory, readMessagesOffers, messagesTools } from '../../anthropic/tool-calls/request-tools.js';
import { removeFrom } from '../../openai/tool-calls/offers.js';
import { readChatHistory, joinHistories, openAiTools } from '../../openai/tool-calls/request-tools.js';
import type { RequestTools, ToolHistory, ToolOffer } from '../../tool-calls/grammar.js';

/** A stored prompt adds its own messages and tools. */
const STORED_PROMPT = /(?::|%3a)prompt(?:\/|%2f)/i;

export const bedrockTools: RequestTools = {
  members: new MemberKeys(
    ...['toolConfig', 'additionalModelRequestFields', 'anthropic_version'],
    ...new Set([...openAiTools.members.names, ...messagesTools.members.names]),
  ),
  elsewhere: [],
  readOffers: (request) => [...readConverseOffers(request), ...selectInvokedTools(request).readOffers(request)],
  settle(request, removed) {
    settleConverse(request, removed);
    selectInvokedTools(request).settle(request, removed);
  },
  readHistory(request, path) {
    const histories = joinHistories(
      readConverseHistory(request),
      readMessagesHistory(request),
      readChatHistory(request),
    );
    const isHidden = histories.isHidden || request.isSet('promptVariables') || STORED_PROMPT.test(path);
    return { ...histories, isHidden };
  },
};

/** Returns the tools of the dialect that the model is invoked in. */
const selectInvokedTools = (request: JsonObject): RequestTools =>
  request.has('anthropic_version') ? messagesTools : openAiTools;

function readConverseOffers(request: JsonObject): ToolOffer[] {
  const config = request.getObject('toolConfig');
  const offers = listObjects(config?.getItems('tools') ?? []).flatMap(([i, tool]): ToolOffer[] => {
    const specification = tool.getObject('toolSpec') ?? tool.getObject('systemTool');
    if (!specification) return [];
    const remove = (): void => removeFrom(config!, 'tools', tool);
    return [
      {
        names: readNames(specification),
        pointer: `/toolConfig/tools/${i}`,
        isExecuted: tool.has('systemTool'),
        remove,
      },
    ];
  });
  const fields = request.getObject('additionalModelRequestFields');
  return fields ? [...offers, ...readMessagesOffers(fields, '/additionalModelRequestFields')] : offers;
}

function settleConverse(request: JsonObject, removed: readonly ToolOffer[]): void {
  const fields = request.getObject('additionalModelRequestFields');
  if (fields?.has('tools') && fields.getItems('tools').length === 0) fields.delete('tools');
  const config = request.getObject('toolConfig');
  if (!config) return;
  // cache points alone do not count as tools
  if (!listObjects(config.getItems('tools')).some(([, tool]) => !tool.has('cachePoint'))) request.delete('toolConfig');
  const chosen = config.getObject('toolChoice')?.getObject('tool')?.getText('name');
  if (removed.some(({ names }) => chosen !== undefined && names.includes(chosen))) config.delete('toolChoice');
}

function readConverseHistory(request: JsonObject): ToolHistory {
  const calls = new ConversationCalls();
  const results: (readonly string[])[] = [];
  for (const [, message] of listObjects(request.getItems('messages'))) {
    if (message.getText('role') === 'assistant') calls.begin();
    for (const [, block] of listObjects(message.getItems('content'))) {
      const use = block.getObject('toolUse');
      const result = block.getObject('toolResult');
      if (use) calls.add(use.getText('toolUseId'), readNames(use));
      if (result) results.push(calls.findNames(result.getText('toolUseId')));
    }
  }
  return { results, isHidden: false };
}
