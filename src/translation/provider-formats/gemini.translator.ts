/**
 * Translator for the Gemini API of AI Studio (ai.google.dev/api), version v1beta: v1 supports neither tools' JSON
 * Schemas nor thoughts.
 */
import type { Translator } from '../pivot/translator.js';
import { toChatCompletion } from './gemini/response/to-chat-response.js';
import { geminiEmbeddings } from './gemini/embeddings/ai-studio.js';
import { readGeminiError } from './gemini/response/to-chat-error.js';
import { refusesPenalties } from './gemini/models.js';
import { toGeminiBody, buildMethodPath } from './gemini/request/from-chat-request.js';
import { GeminiStream } from './gemini/response/to-chat-stream.js';

export const geminiTranslator: Translator = {
  wantsBytes: true,
  translateRequest(chat, { model, streaming }) {
    const { body, dropped } = toGeminiBody(chat, { model, callIds: true, refusesPenalties: refusesPenalties(model) });
    return { path: `v1beta/${buildMethodPath(model, streaming)}`, headers: [], body, dropped };
  },
  translateResponse: toChatCompletion,
  createStream: (context, sink) => new GeminiStream(context, sink),
  translateError: readGeminiError,
  embeddings: geminiEmbeddings,
};
