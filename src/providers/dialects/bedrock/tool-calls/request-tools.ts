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
  offers: (request) => [...converseOffers(request), ...invoked(request).offers(request)],
  settle(request, removed) {
    settleConverse(request, removed);
    invoked(request).settle(request, removed);
  },
  history(request, path) {
    const histories = joinHistories(converseHistory(request), readMessagesHistory(request), readChatHistory(request));
    const isHidden = histories.isHidden || request.isSet('promptVariables') || STORED_PROMPT.test(path);
    return { ...histories, isHidden };
  },
};

/** Returns the tools of the dialect that the model is invoked in. */
const invoked = (request: JsonObject): RequestTools => (request.has('anthropic_version') ? messagesTools : openAiTools);

function converseOffers(request: JsonObject): ToolOffer[] {
  const config = request.object('toolConfig');
  const offers = listObjects(config?.items('tools') ?? []).flatMap(([i, tool]): ToolOffer[] => {
    const named = tool.object('toolSpec') ?? tool.object('systemTool');
    if (!named) return [];
    const remove = (): void => removeFrom(config!, 'tools', tool);
    return [{ names: readNames(named), pointer: `/toolConfig/tools/${i}`, isExecuted: tool.has('systemTool'), remove }];
  });
  const fields = request.object('additionalModelRequestFields');
  return fields ? [...offers, ...readMessagesOffers(fields, '/additionalModelRequestFields')] : offers;
}

function settleConverse(request: JsonObject, removed: readonly ToolOffer[]): void {
  const fields = request.object('additionalModelRequestFields');
  if (fields?.has('tools') && fields.items('tools').length === 0) fields.delete('tools');
  const config = request.object('toolConfig');
  if (!config) return;
  // cache points alone do not count as tools
  if (!listObjects(config.items('tools')).some(([, tool]) => !tool.has('cachePoint'))) request.delete('toolConfig');
  const chosen = config.object('toolChoice')?.object('tool')?.text('name');
  if (removed.some(({ names }) => chosen !== undefined && names.includes(chosen))) config.delete('toolChoice');
}

function converseHistory(request: JsonObject): ToolHistory {
  const calls = new ConversationCalls();
  const results: (readonly string[])[] = [];
  for (const [, message] of listObjects(request.items('messages'))) {
    if (message.text('role') === 'assistant') calls.begin();
    for (const [, block] of listObjects(message.items('content'))) {
      const use = block.object('toolUse');
      const result = block.object('toolResult');
      if (use) calls.add(use.text('toolUseId'), readNames(use));
      if (result) results.push(calls.namesOf(result.text('toolUseId')));
    }
  }
  return { results, isHidden: false };
}
