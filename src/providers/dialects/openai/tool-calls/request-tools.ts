/** Tools and their results in requests of Chat Completions and Responses. */
import { MemberKeys } from '../../../json/members.js';
import { JsonArray, JsonObject, listObjects, type JsonNode } from '../../../json/tree.js';
import { MessageCalls, readNames } from './chat-calls.js';
import { ConversationCalls } from '../../tool-calls/conversation-calls.js';
import { readListedOffers, readMemberOffers, listToolNames } from './offers.js';
import { REFUSAL_ID, resolveRefusals } from './refusal-references.js';
import { isCallItem, isExecutedItem, isResultItem, readItemNames } from './responses-items.js';
import type { RequestTools, ToolHistory, ToolOffer } from '../../tool-calls/grammar.js';

/** Items of Responses that add tools. */
const TOOL_ITEMS: ReadonlySet<string> = new Set(['additional_tools', 'tool_search_output']);

/** Items that represent a part of the conversation that the request does not contain. */
const HIDING_ITEMS: ReadonlySet<string> = new Set([
  ...['item_reference', 'compaction', 'compaction_summary', 'context_compaction'],
]);

/** Members that add a conversation or a prompt stored by the vendor. */
const HIDING_MEMBERS = ['previous_response_id', 'conversation', 'prompt'] as const;

export const openAiTools: RequestTools = {
  members: new MemberKeys(
    ...['tools', 'functions', 'tool_choice', 'function_call', 'parallel_tool_calls', 'web_search_options'],
    ...['search_parameters', 'enable_search', 'plugins', 'data_sources', 'compound_custom'],
  ),
  elsewhere: ['additional_tools', 'tool_search_output'],
  readOffers: (request) => [
    ...readListedOffers(request, 'tools', ''),
    ...readListedOffers(request, 'functions', ''),
    ...readMemberOffers(request),
    ...listObjects(request.getItems('input'))
      .filter(([, item]) => TOOL_ITEMS.has(item.getText('type') ?? ''))
      .flatMap(([i, item]) => readListedOffers(item, 'tools', `/input/${i}`)),
  ],
  refusals: { mark: REFUSAL_ID, resolve: resolveRefusals },
  settle,
  readHistory: (request) => joinHistories(readChatHistory(request), readResponsesHistory(request)),
};

const LISTS = ['tools', 'functions', 'plugins', 'data_sources'] as const;

function settle(request: JsonObject, removed: readonly ToolOffer[]): void {
  for (const list of LISTS) if (request.has(list) && request.getItems(list).length === 0) request.delete(list);
  const removedNames = new Set(removed.flatMap(({ names }) => names));
  if (isRemoved(request.getObject('function_call'), removedNames)) request.delete('function_call');
  settleChoice(request, removedNames);
  if (request.has('tools') || request.has('functions')) return;
  // vendors refuse these members without tools
  for (const member of ['tool_choice', 'function_call', 'parallel_tool_calls']) request.delete(member);
}

/**
 * Removes a choice of a removed tool, which leaves the choice to the model, and removed tools from a choice among
 * several.
 */
function settleChoice(request: JsonObject, removedNames: ReadonlySet<string>): void {
  const choice = request.getObject('tool_choice');
  if (!choice) return;
  const holder = choice.getObject('allowed_tools') ?? choice;
  if (choice.getText('type') !== 'allowed_tools') {
    if (isRemoved(choice, removedNames)) request.delete('tool_choice');
    return;
  }
  const remaining = holder
    .getItems('tools')
    .filter((tool) => !(tool instanceof JsonObject && isRemoved(tool, removedNames)));
  if (remaining.length === 0) request.delete('tool_choice');
  else holder.set('tools', new JsonArray(remaining));
}

function isRemoved(choice: JsonObject | undefined, removedNames: ReadonlySet<string>): boolean {
  if (!choice) return false;
  const label = choice.getText('server_label');
  const names = label === undefined ? listToolNames(choice, choice.getText('type') ?? 'function') : [label];
  return names.some((name) => removedNames.has(name));
}

export function joinHistories(...histories: readonly ToolHistory[]): ToolHistory {
  return {
    results: histories.flatMap(({ results }) => results),
    isHidden: histories.some(({ isHidden }) => isHidden),
  };
}

/** Reads the messages of Chat Completions, and of Cohere, whose assistant messages have the same form. */
export function readChatHistory(request: JsonObject): ToolHistory {
  const calls = new ConversationCalls();
  const calledNames = new Set<string>();
  const results: (readonly string[])[] = [];
  for (const [i, message] of listObjects(request.getItems('messages'))) {
    const role = message.getText('role');
    if (role === 'tool') results.push(calls.findNames(message.getText('tool_call_id')));
    // the form of 2023 has no ids
    else if (role === 'function') results.push(readNames(message).filter((name) => calledNames.has(name)));
    else if (role === 'assistant') {
      const messageCalls = new MessageCalls(message, `/messages/${i}`);
      calls.begin();
      for (const { entry, call } of messageCalls.listed) calls.add(readId(entry), call.names);
      for (const name of messageCalls.legacy?.names ?? []) calledNames.add(name);
      for (const { call } of messageCalls.executed) results.push(call.names);
    }
  }
  return { results, isHidden: false };
}

export const readId = (entry: JsonNode): string | undefined =>
  entry instanceof JsonObject ? entry.getText('id') : undefined;

function readResponsesHistory(request: JsonObject): ToolHistory {
  const calls = new ConversationCalls();
  const results: (readonly string[])[] = [];
  let isHidden = HIDING_MEMBERS.some(
    (member) => request.isSet(member) && (member !== 'prompt' || !isPlainPrompt(request)),
  );
  for (const [, item] of listObjects(request.getItems('input'))) {
    const type = item.getText('type') ?? '';
    isHidden ||= HIDING_ITEMS.has(type) || (type === '' && !item.has('role') && item.has('id'));
    if (isResultItem(item)) results.push(calls.findNames(item.getText('call_id')));
    else if (isCallItem(item)) {
      const names = readItemNames(item);
      calls.add(item.getText('call_id'), names);
      if (isExecutedItem(item)) results.push(names);
    }
  }
  return { results, isHidden };
}

/** Whether the prompt is the text of a text completion, which hides nothing. */
const isPlainPrompt = (request: JsonObject): boolean => request.getObject('prompt') === undefined;
