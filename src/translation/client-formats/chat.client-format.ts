import type { ChatCompletion, ChatRequest, JsonObject } from '../pivot/chat.js';
import { createCursorFormat, isCursorRequest } from './cursor.client-format.js';
import type { ChatError, ClientFormat, ClientStream } from '../pivot/translator.js';
import { checkChat } from './chat/check-request.js';
import { ChatStream } from './chat/stream.js';

/**
 * Returns the client format of Chat Completions, the pivot itself: requests are checked, responses are unchanged.
 * Bodies in the mixed format that Cursor sends to this path are passed to `createCursorFormat`.
 * @throws GatewayError `invalid_body`
 */
export function createChatFormat(body: JsonObject): ClientFormat {
  return isCursorRequest(body) ? createCursorFormat(body) : new ChatClientFormat(body);
}

class ChatClientFormat implements ClientFormat {
  readonly chat: ChatRequest;
  readonly dropped: readonly string[] = [];

  constructor(body: JsonObject) {
    this.chat = checkChat(body);
  }

  renderResponse(completion: ChatCompletion): string {
    return JSON.stringify({ ...completion, system_fingerprint: completion['system_fingerprint'] ?? null });
  }

  createStream(write: (events: string) => void): ClientStream {
    return new ChatStream(write, this.chat.stream_options?.include_usage === true);
  }

  renderError(error: ChatError): string {
    return JSON.stringify({ error });
  }
}
