/** The client formats that are translated to Chat for vendors of another dialect. */
import { createMessagesFormat } from '../../../../src/translation/client-formats/messages.client-format.js';
import { createResponsesFormat } from '../../../../src/translation/client-formats/responses.client-format.js';
import type { FrontColumn } from './client-format-feature.js';
import { messagesFeatures } from './messages-features.js';
import { responsesFeatures } from './responses-features.js';

export const FRONTS: readonly FrontColumn[] = [
  {
    title: 'Responses',
    plain: { model: 'm', input: 'Which tide?' },
    front: (body) => createResponsesFormat(body, { id: 'resp_fidelity', created: 1 }),
    features: responsesFeatures,
  },
  {
    title: 'Messages',
    plain: { model: 'm', max_tokens: 99, messages: [{ role: 'user', content: 'Which tide?' }] },
    front: (body) => createMessagesFormat(body, { id: 'msg_fidelity', created: 1 }),
    features: messagesFeatures,
  },
];
