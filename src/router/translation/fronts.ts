import type { RoutedBody } from '../routing/routed-body.js';
import { chatFront } from './chat/chat.front.js';
import type { JsonObject } from './chat.js';
import { messagesFront } from './messages/messages.front.js';
import { cursorFront } from './responses/cursor.front.js';
import { responsesFront } from './responses/responses.front.js';
import type { Front } from './translator.js';

export type SpokenKind = 'chat' | 'responses' | 'messages';

/** The client's side of a call that has to be translated. The body is known to be one JSON object. */
export function frontFor(
  kind: SpokenKind,
  { bytes, isResponsesShaped }: RoutedBody,
  requestId: string,
  created: number,
): Front {
  const body = JSON.parse(bytes.toString('utf8')) as JsonObject;
  const id = requestId.replaceAll('-', '');
  switch (kind) {
    case 'chat':
      return isResponsesShaped ? cursorFront(body) : chatFront(body);
    case 'responses':
      return responsesFront(body, { id: `resp_${id}`, created });
    case 'messages':
      return messagesFront(body, { id: `msg_${id}`, created });
  }
}
