/**
 * Translator for Vertex AI, which serves each publisher's models in the publisher's format: Google's as Gemini, Claude
 * as Anthropic's Messages with the model in the path
 * (cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/use-claude).
 */
import { isClaudeOnVertex } from '../../providers/adapters/vertex.provider.js';
import { anthropicTranslator } from './anthropic.translator.js';
import { toMessagesRequest } from './anthropic/request/from-chat-request.js';
import type { ChatRequest } from '../pivot/chat.js';
import { readGeminiError } from './gemini/response/to-chat-error.js';
import { toGeminiBody, buildMethodPath } from './gemini/request/from-chat-request.js';
import { geminiTranslator } from './gemini.translator.js';
import type { ChatError, TranslationContext, Translator, VendorRequest } from '../pivot/translator.js';
import { CLAUDE_VERSION, buildClaudePath, toVertexMessages } from './vertex-messages.js';
import { vertexEmbeddings } from './gemini/embeddings/vertex.js';

const isClaude = ({ model }: TranslationContext): boolean => isClaudeOnVertex(model);

const selectTranslator = (context: TranslationContext): Translator =>
  isClaude(context) ? anthropicTranslator : geminiTranslator;

export const vertexTranslator: Translator = {
  // Claude on Vertex does not accept addresses either.
  wantsBytes: true,
  translateRequest: (chat, context) =>
    isClaude(context) ? buildClaudeRequest(chat, context) : buildGoogleRequest(chat, context),
  translateResponse: (body, context) => selectTranslator(context).translateResponse(body, context),
  createStream: (context, sink) => selectTranslator(context).createStream(context, sink),
  translateError: toVertexError,
  embeddings: vertexEmbeddings,
  toNativeMessages: toVertexMessages,
};

function buildGoogleRequest(chat: ChatRequest, { model, streaming }: TranslationContext): VendorRequest {
  const { body, dropped } = toGeminiBody(chat, { model, callIds: false, refusesPenalties: false });
  return { path: `publishers/google/${buildMethodPath(model, streaming)}`, headers: [], body, dropped };
}

/** Builds a request for Claude, with the version and the betas in the body. */
function buildClaudeRequest(chat: ChatRequest, context: TranslationContext): VendorRequest {
  const { body, betas, dropped } = toMessagesRequest(chat, context);
  return {
    path: buildClaudePath(context.model, context.streaming),
    headers: [],
    body: { anthropic_version: CLAUDE_VERSION, ...(betas.length > 0 && { anthropic_beta: betas }), ...body },
    dropped,
  };
}

/**
 * Converts an error, by its shape: Anthropic's errors have a type of their own; Google's front end responds for both.
 */
function toVertexError(status: number, body: Uint8Array, header: (name: string) => string | undefined): ChatError {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString(
    'latin1',
    0,
    Math.min(body.length, 64),
  );
  return /^\s*\{\s*"type"\s*:\s*"error"/.test(text)
    ? anthropicTranslator.translateError(status, body, header)
    : readGeminiError(status, body);
}
