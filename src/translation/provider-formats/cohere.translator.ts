/**
 * Translator for Cohere's API version 2 (docs.cohere.com/reference/chat). Cohere itself fetches images by their https
 * addresses.
 */
import type { Translator } from '../pivot/translator.js';
import { cohereCompletion } from './cohere/to-chat-response.js';
import { cohereEmbeddings } from './cohere/embeddings.js';
import { cohereError } from './cohere/to-chat-error.js';
import { cohereRequest } from './cohere/from-chat-request.js';
import { CohereStream } from './cohere/to-chat-stream.js';
import type { CohereAnswer } from './cohere/wire.js';

export const cohereTranslator: Translator = {
  wantsBytes: false,
  request: cohereRequest,
  answer(body, context) {
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
    return cohereCompletion(JSON.parse(text) as CohereAnswer | null, context);
  },
  stream: (context, sink) => new CohereStream(context, sink),
  error: (status, body) => cohereError(status, body),
  embeddings: cohereEmbeddings,
};
