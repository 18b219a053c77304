/** Translator for Amazon Bedrock: Converse for chat, InvokeModel for embeddings. */
import type { Translator } from '../pivot/translator.js';
import { completionOf } from './bedrock/response/to-chat-response.js';
import { bedrockEmbeddings } from './bedrock/embeddings.js';
import { answeredError } from './bedrock/response/to-chat-error.js';
import { converseRequest } from './bedrock/request/from-chat-request.js';
import { ConverseStream } from './bedrock/response/to-chat-stream.js';

export const bedrockTranslator: Translator = {
  request: converseRequest,
  answer: completionOf,
  stream: (context, sink) => new ConverseStream(context, sink),
  error: answeredError,
  wantsBytes: true,
  embeddings: bedrockEmbeddings,
};
