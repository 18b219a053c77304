/** Translator for Amazon Bedrock: Converse for chat, InvokeModel for embeddings. */
import type { Translator } from '../pivot/translator.js';
import { completionOf } from './bedrock/response/bedrock-answer.js';
import { bedrockEmbeddings } from './bedrock/bedrock-embeddings.js';
import { answeredError } from './bedrock/response/bedrock-errors.js';
import { converseRequest } from './bedrock/request/bedrock-request.js';
import { ConverseStream } from './bedrock/response/bedrock-stream.js';

export const bedrockTranslator: Translator = {
  request: converseRequest,
  answer: completionOf,
  stream: (context, sink) => new ConverseStream(context, sink),
  error: answeredError,
  wantsBytes: true,
  embeddings: bedrockEmbeddings,
};
