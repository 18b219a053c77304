/**
 * Translator for Cohere's API version 2 (docs.cohere.com/reference/chat). Cohere itself fetches images by their https
 * addresses.
 */
import type { Translator } from '../pivot/translator.js';
import { toChatCompletion } from './cohere/to-chat-response.js';
import { cohereEmbeddings } from './cohere/embeddings.js';
import { toChatError } from './cohere/to-chat-error.js';
import { toCohereRequest } from './cohere/from-chat-request.js';
import { CohereStream } from './cohere/to-chat-stream.js';
import type { CohereResponse } from './cohere/wire.js';

export const cohereTranslator: Translator = {
  wantsBytes: false,
  translateRequest: toCohereRequest,
  translateResponse(body, context) {
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
    return toChatCompletion(JSON.parse(text) as CohereResponse | null, context);
  },
  createStream: (context, sink) => new CohereStream(context, sink),
  translateError: (status, body) => toChatError(status, body),
  embeddings: cohereEmbeddings,
};
