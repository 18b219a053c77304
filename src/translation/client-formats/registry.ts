import { ExactMembers, parseKeeping } from '../../providers/json/exact-members.js';
import type { RoutedBody } from '../pivot/routed-body.js';
import { chatFront } from './chat.client-format.js';
import type { JsonObject } from '../pivot/chat.js';
import { messagesFront } from './messages.client-format.js';
import { cursorFront } from './cursor.client-format.js';
import { responsesFront } from './responses.client-format.js';
import type { Front } from '../pivot/translator.js';

export type SpokenKind = 'chat' | 'responses' | 'messages';

const CHAT_SCHEMAS = [
  'tools[].function.parameters',
  'functions[].parameters',
  'response_format.json_schema.schema',
  'response_format.schema',
];
const RESPONSES_SCHEMAS = [
  'tools[].parameters',
  'tools[].function.parameters',
  'tools[].tools[].parameters',
  'tools[].tools[].function.parameters',
  'input[].tools[].parameters',
  'input[].tools[].function.parameters',
  'input[].tools[].tools[].parameters',
  'text.format.schema',
  // output of a client's own shell
  'input[].output',
];
const RESPONSES_CALLS = ['input[].action', 'input[].operation'];
const MESSAGES_SCHEMAS = ['tools[].input_schema', 'output_config.format.schema', 'output_format.schema'];

/**
 * Members that other vendors get as the client spelled them: arguments of earlier calls, and the numbers of schemas.
 */
const EXACT: Readonly<Record<SpokenKind, ExactMembers>> = {
  // a Responses request may be sent to Chat's path
  chat: new ExactMembers({ marked: [...CHAT_SCHEMAS, ...RESPONSES_SCHEMAS], raw: RESPONSES_CALLS }),
  responses: new ExactMembers({ marked: RESPONSES_SCHEMAS, raw: RESPONSES_CALLS }),
  messages: new ExactMembers({ marked: MESSAGES_SCHEMAS, raw: ['messages[].content[].input'] }),
};

/**
 * Returns the client's side of a call that has to be translated. The body must be one JSON object. `origin`: origin of
 * the vendor's replay data.
 */
export function frontFor(
  kind: SpokenKind,
  { bytes, isResponsesShaped }: RoutedBody,
  requestId: string,
  created: number,
  origin?: string,
): Front {
  const body = parseKeeping(bytes, EXACT[kind]) as JsonObject;
  const id = requestId.replaceAll('-', '');
  const of = origin === undefined ? {} : { origin };
  switch (kind) {
    case 'chat':
      return isResponsesShaped ? cursorFront(body) : chatFront(body);
    case 'responses':
      return responsesFront(body, { id: `resp_${id}`, created, ...of });
    case 'messages':
      return messagesFront(body, { id: `msg_${id}`, created, ...of });
  }
}
