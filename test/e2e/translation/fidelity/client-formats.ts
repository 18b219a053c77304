/** The client formats that are translated to Chat for vendors of another dialect. */
import { createMessagesFormat } from '../../../../src/translation/client-formats/messages.client-format.js';
import { createResponsesFormat } from '../../../../src/translation/client-formats/responses.client-format.js';
import type { ClientFormatColumn } from './client-format-feature.js';
import { messagesFeatures } from './messages-features.js';
import { responsesFeatures } from './responses-features.js';

export const CLIENT_FORMATS: readonly ClientFormatColumn[] = [
  {
    title: 'Responses',
    plain: { model: 'm', input: 'Which tide?' },
    clientFormat: (body) => createResponsesFormat(body, { id: 'resp_fidelity', created: 1 }),
    features: responsesFeatures,
  },
  {
    title: 'Messages',
    plain: { model: 'm', max_tokens: 99, messages: [{ role: 'user', content: 'Which tide?' }] },
    clientFormat: (body) => createMessagesFormat(body, { id: 'msg_fidelity', created: 1 }),
    features: messagesFeatures,
  },
];
