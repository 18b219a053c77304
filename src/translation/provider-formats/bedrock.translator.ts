/** Translator for Amazon Bedrock: Converse for chat, InvokeModel for embeddings. */
import type { Translator } from '../pivot/translator.js';
import { toChatCompletion } from './bedrock/response/to-chat-response.js';
import { bedrockEmbeddings } from './bedrock/embeddings.js';
import { toChatError } from './bedrock/response/to-chat-error.js';
import { toConverseRequest } from './bedrock/request/from-chat-request.js';
import { ConverseStream } from './bedrock/response/to-chat-stream.js';

export const bedrockTranslator: Translator = {
  translateRequest: toConverseRequest,
  translateResponse: toChatCompletion,
  createStream: (context, sink) => new ConverseStream(context, sink),
  translateError: toChatError,
  wantsBytes: true,
  embeddings: bedrockEmbeddings,
};
