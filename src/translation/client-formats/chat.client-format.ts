import type { ChatCompletion, ChatRequest, JsonObject } from '../pivot/chat.js';
import { cursorFront, speaksCursor } from './cursor.client-format.js';
import type { ChatError, Front, FrontStream } from '../pivot/translator.js';
import { checkChat } from './chat/check-request.js';
import { ChatStream } from './chat/stream.js';

/**
 * Returns the client format of Chat Completions, the pivot itself: requests are checked, responses are unchanged.
 * Bodies in the mixed format that Cursor sends to this path are passed to `cursorFront`.
 * @throws GatewayError `invalid_body`
 */
export function chatFront(body: JsonObject): Front {
  return speaksCursor(body) ? cursorFront(body) : new ChatFront(body);
}

class ChatFront implements Front {
  readonly chat: ChatRequest;
  readonly dropped: readonly string[] = [];

  constructor(body: JsonObject) {
    this.chat = checkChat(body);
  }

  answer(completion: ChatCompletion): string {
    return JSON.stringify({ ...completion, system_fingerprint: completion['system_fingerprint'] ?? null });
  }

  stream(write: (events: string) => void): FrontStream {
    return new ChatStream(write, this.chat.stream_options?.include_usage === true);
  }

  error(error: ChatError): string {
    return JSON.stringify({ error });
  }
}
