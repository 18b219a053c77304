/** Tools in requests of Cohere's chat, version 2. */
import { MemberKeys } from '../../json-members.js';
import type { JsonObject } from '../../json-tree.js';
import { listedOffers } from './openai-offers.js';
import { chatHistory } from './openai-tools.js';
import type { RequestTools } from './tool-call-grammar.js';

export const cohereTools: RequestTools = {
  members: new MemberKeys('tools', 'tool_choice', 'strict_tools'),
  elsewhere: [],
  offers: (request) => listedOffers(request, 'tools', ''),
  settle,
  history: chatHistory,
};

/** A call cannot be asked for where there is nothing to call. */
function settle(request: JsonObject): void {
  if (!request.has('tools') || request.items('tools').length > 0) return;
  for (const member of ['tools', 'tool_choice', 'strict_tools']) request.delete(member);
}
