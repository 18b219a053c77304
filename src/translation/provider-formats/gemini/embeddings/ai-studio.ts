/** `batchEmbedContents` (ai.google.dev/api/embeddings). */
import { createInvalidBodyError, createUnsupportedError } from '../../../pivot/body-shape.js';
import type {
  EmbeddingsResponse,
  EmbeddingsRequest,
  EmbeddingsTranslator,
  TranslationContext,
} from '../../../pivot/translator.js';
import { buildModelPath } from '../request/from-chat-request.js';

interface GeminiEmbeddings {
  embeddings?: { values: number[] }[];
  usageMetadata?: { promptTokenCount?: number };
}

export const geminiEmbeddings: EmbeddingsTranslator = {
  translateRequest(embeddings, { model }) {
    const path = buildModelPath(model);
    const { dimensions } = embeddings;
    const requests = readTexts(embeddings).map((text) => ({
      model: decodeURIComponent(path),
      content: { parts: [{ text }] },
      ...(dimensions && { outputDimensionality: dimensions }),
    }));
    const dropped = listDropped(embeddings);
    return { path: `v1beta/${path}:batchEmbedContents`, headers: [], body: { requests }, dropped };
  },
  translateResponse(body, context) {
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
    const { embeddings, usageMetadata } = JSON.parse(text) as GeminiEmbeddings;
    if (!embeddings) throw new TypeError('it has no embeddings');
    return createEmbeddingsResponse(
      embeddings.map(({ values }) => values),
      usageMetadata?.promptTokenCount ?? 0,
      context,
    );
  },
};

/** @param tokens of all texts; zero if the vendor does not report them */
export function createEmbeddingsResponse(
  vectors: number[][],
  tokens: number,
  { model }: TranslationContext,
): EmbeddingsResponse {
  return {
    object: 'list',
    data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

export function readTexts({ input }: EmbeddingsRequest): string[] {
  const texts: unknown[] = Array.isArray(input) ? input : [input];
  if (texts.length === 0) throw createInvalidBodyError('input', 'a string, or a non-empty array of strings');
  return texts.map((text, i) => {
    if (typeof text === 'string') return text;
    throw createUnsupportedError(
      Array.isArray(input) ? `input[${i}]` : 'input',
      'Gemini uses other tokens: send text instead of token numbers.',
    );
  });
}

const TRANSLATED: ReadonlySet<string> = new Set(['model', 'input', 'encoding_format', 'dimensions']);

export function listDropped(embeddings: EmbeddingsRequest): string[] {
  return Object.entries(embeddings)
    .filter(([name, value]) => !TRANSLATED.has(name) && value !== null && value !== undefined && value !== false)
    .map(([name]) => name);
}
