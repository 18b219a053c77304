/**
 * Tool calls in Ollama's `api/chat` (docs.ollama.com/api, "chat"): a message, or a line of a stream, holds whole calls
 * with their arguments as an object.
 */
import { MemberKeys } from '../../json/members.js';
import { JsonLeaf, listObjects, toJsonNode, type JsonObject } from '../../json/tree.js';
import { appendText, MessageCalls } from '../openai/tool-calls/chat-calls.js';
import { ConversationCalls } from '../tool-calls/conversation-calls.js';
import { readListedOffers } from '../openai/tool-calls/offers.js';
import { readId } from '../openai/tool-calls/request-tools.js';
import type {
  ResponseReading,
  CallStream,
  EventReading,
  FindRefusal,
  RequestTools,
  ToolHistory,
  ToolStep,
} from '../tool-calls/grammar.js';

export function readOllamaResponse(document: JsonObject): ResponseReading {
  const calls = readCalls(document);
  return {
    steps: calls?.steps ?? [],
    refuse: (findRefusal) => void (calls && refuse(document, calls, findRefusal, false)),
  };
}

export class OllamaCallStream implements CallStream {
  readonly isOpen = false;
  #count = 0;
  #hasRefusalText = false;

  read(event: JsonObject, hasText: boolean): EventReading {
    const calls = readCalls(event, this.#count);
    if (!calls) return { steps: [], write: () => null };
    this.#count += calls.listed.length;
    return {
      steps: calls.steps,
      write: (findRefusal) => {
        const isRefused = refuse(event, calls, findRefusal, hasText || this.#hasRefusalText);
        this.#hasRefusalText ||= isRefused;
        return isRefused ? [event] : null;
      },
    };
  }

  end(): ToolStep[] {
    return [];
  }
}

function readCalls(document: JsonObject, from = 0): MessageCalls | undefined {
  const message = document.getObject('message');
  return message && new MessageCalls(message, '/message', from);
}

/**
 * Replaces refused calls. Returns whether any was removed. `isApart`: the client has seen text from which the refusal
 * must be separated.
 */
function refuse(document: JsonObject, calls: MessageCalls, findRefusal: FindRefusal, isApart: boolean): boolean {
  const { texts } = calls.remove(findRefusal);
  if (texts.length === 0) return false;
  const { message } = calls;
  const content = message.get('content');
  const isEmpty = !(content instanceof JsonLeaf) || !content.text;
  appendText(message, isApart && isEmpty ? [`\n\n${texts[0]}`, ...texts.slice(1)] : texts);
  // log probabilities spell out the removed text
  if (document.isSet('logprobs')) document.set('logprobs', toJsonNode([]));
  return true;
}

export const ollamaTools: RequestTools = {
  members: new MemberKeys('tools'),
  elsewhere: [],
  readOffers: (request) => readListedOffers(request, 'tools', ''),
  settle(request) {
    if (request.has('tools') && request.getItems('tools').length === 0) request.delete('tools');
  },
  readHistory: readHistory,
};

/** Reads the results, which name their tool (`tool_name`) or their call (`tool_call_id`). */
function readHistory(request: JsonObject): ToolHistory {
  const calls = new ConversationCalls();
  const calledNames = new Set<string>();
  const results: (readonly string[])[] = [];
  for (const [i, message] of listObjects(request.getItems('messages'))) {
    const role = message.getText('role');
    if (role === 'tool') {
      const name = message.getText('tool_name') ?? message.getText('name');
      if (name === undefined) results.push(calls.findNames(message.getText('tool_call_id')));
      else results.push(calledNames.has(name) ? [name] : []);
    } else if (role === 'assistant') {
      calls.begin();
      for (const { entry, call } of new MessageCalls(message, `/messages/${i}`).listed) {
        calls.add(readId(entry), call.names);
        call.names.forEach((name) => calledNames.add(name));
      }
    }
  }
  return { results, isHidden: false };
}
