import type { Translator } from '../pivot/translator.js';
import { completionOf } from './anthropic/response/to-chat-response.js';
import { answeredError } from './anthropic/response/to-chat-error.js';
import { messagesRequest } from './anthropic/request/from-chat-request.js';
import { MessagesStream } from './anthropic/response/to-chat-stream.js';

/**
 * API version that this translator writes. 2026-10-21 has no sampling parameters and would refuse them for models that
 * still accept them.
 */
const VERSION = '2023-06-01';

/** Anthropic's Messages API (platform.claude.com/docs/en/api/messages). */
export const anthropicTranslator: Translator = {
  wantsBytes: false,
  request(chat, context) {
    const { body, betas, dropped } = messagesRequest(chat, context);
    const beta = betas.length > 0 ? ['anthropic-beta', betas.join(',')] : [];
    return {
      path: 'v1/messages',
      headers: ['anthropic-version', VERSION, ...beta],
      body: { model: context.model, ...body },
      dropped,
    };
  },
  answer: completionOf,
  stream: (context, sink) => new MessagesStream(context, sink),
  error: (status, body) => answeredError(status, body),
};
