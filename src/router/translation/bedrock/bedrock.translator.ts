/** Translator for Amazon Bedrock: Converse for chat, InvokeModel for embeddings. */
import type { Translator } from '../translator.js';
import { completionOf } from './bedrock-answer.js';
import { bedrockEmbeddings } from './bedrock-embeddings.js';
import { answeredError } from './bedrock-errors.js';
import { converseRequest } from './bedrock-request.js';
import { ConverseStream } from './bedrock-stream.js';

export const bedrockTranslator: Translator = {
  request: converseRequest,
  answer: completionOf,
  stream: (context, sink) => new ConverseStream(context, sink),
  error: answeredError,
  wantsBytes: true,
  embeddings: bedrockEmbeddings,
};
