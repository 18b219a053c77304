import type { Translator } from '../pivot/translator.js';
import { toChatCompletion } from './anthropic/response/to-chat-response.js';
import { toChatError } from './anthropic/response/to-chat-error.js';
import { toMessagesRequest } from './anthropic/request/from-chat-request.js';
import { MessagesStream } from './anthropic/response/to-chat-stream.js';

/**
 * API version that this translator writes. 2026-10-21 has no sampling parameters and would refuse them for models that
 * still accept them.
 */
const VERSION = '2023-06-01';

/** Anthropic's Messages API (platform.claude.com/docs/en/api/messages). */
export const anthropicTranslator: Translator = {
  wantsBytes: false,
  translateRequest(chat, context) {
    const { body, betas, dropped } = toMessagesRequest(chat, context);
    const beta = betas.length > 0 ? ['anthropic-beta', betas.join(',')] : [];
    return {
      path: 'v1/messages',
      headers: ['anthropic-version', VERSION, ...beta],
      body: { model: context.model, ...body },
      dropped,
    };
  },
  translateResponse: toChatCompletion,
  createStream: (context, sink) => new MessagesStream(context, sink),
  translateError: (status, body) => toChatError(status, body),
};
