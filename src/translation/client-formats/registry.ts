import { ExactMembers, parseWithMembers } from '../../providers/json/exact-members.js';
import type { RoutedBody } from '../pivot/routed-body.js';
import { createChatFormat } from './chat.client-format.js';
import type { JsonObject } from '../pivot/chat.js';
import { createMessagesFormat } from './messages.client-format.js';
import { createCursorFormat } from './cursor.client-format.js';
import { createResponsesFormat } from './responses.client-format.js';
import type { ClientFormat } from '../pivot/translator.js';

export type ClientFormatId = 'chat' | 'responses' | 'messages';

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
const EXACT: Readonly<Record<ClientFormatId, ExactMembers>> = {
  // a Responses request may be sent to Chat's path
  chat: new ExactMembers({ marked: [...CHAT_SCHEMAS, ...RESPONSES_SCHEMAS], raw: RESPONSES_CALLS }),
  responses: new ExactMembers({ marked: RESPONSES_SCHEMAS, raw: RESPONSES_CALLS }),
  messages: new ExactMembers({ marked: MESSAGES_SCHEMAS, raw: ['messages[].content[].input'] }),
};

/**
 * Returns the client's side of a call that has to be translated. The body must be one JSON object. `origin`: origin of
 * the vendor's replay data.
 */
export function createClientFormat(
  kind: ClientFormatId,
  { bytes, isResponsesShaped }: RoutedBody,
  requestId: string,
  created: number,
  origin?: string,
): ClientFormat {
  const body = parseWithMembers(bytes, EXACT[kind]) as JsonObject;
  const id = requestId.replaceAll('-', '');
  const originOption = origin === undefined ? {} : { origin };
  switch (kind) {
    case 'chat':
      return isResponsesShaped ? createCursorFormat(body) : createChatFormat(body);
    case 'responses':
      return createResponsesFormat(body, { id: `resp_${id}`, created, ...originOption });
    case 'messages':
      return createMessagesFormat(body, { id: `msg_${id}`, created, ...originOption });
  }
}
