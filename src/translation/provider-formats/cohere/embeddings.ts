/** Cohere's embeddings (docs.cohere.com/reference/embed). */
import { createInvalidBodyError, createUnsupportedError } from '../../pivot/body-shape.js';
import type { JsonObject } from '../../pivot/chat.js';
import type { EmbeddingsRequest, EmbeddingsTranslator } from '../../pivot/translator.js';
import { toChatUsage } from './figures.js';

/** Cohere's maximum per call. */
const MAX_TEXTS = 96;

/**
 * Default of `input_type`. Cohere embeds stored texts and queries differently; OpenAI makes no distinction. Most texts
 * are stored ones, and two vectors of this type can still be compared, as OpenAI's can.
 */
const INPUT_TYPE = 'search_document';

const TRANSLATED: ReadonlySet<string> = new Set(['model', 'input', 'encoding_format', 'dimensions', 'input_type']);

interface CohereEmbeddings {
  embeddings?: { float?: number[][] };
  meta?: { billed_units?: JsonObject };
}

export const cohereEmbeddings: EmbeddingsTranslator = {
  translateRequest(embeddings, { model }) {
    const { dimensions, input_type: kind } = embeddings;
    const body: JsonObject = {
      model,
      texts: readTexts(embeddings),
      input_type: typeof kind === 'string' ? kind : INPUT_TYPE,
      embedding_types: ['float'],
      // a text that is too long is an error, as with OpenAI, and is not silently truncated
      truncate: 'NONE',
      ...(dimensions && { output_dimension: dimensions }),
    };
    const dropped = Object.entries(embeddings).filter(
      ([name, value]) => !TRANSLATED.has(name) && value !== null && value !== undefined && value !== false,
    );
    return { path: 'v2/embed', headers: [], body, dropped: dropped.map(([name]) => name) };
  },
  translateResponse(body, { model }) {
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
    const { embeddings, meta } = JSON.parse(text) as CohereEmbeddings;
    if (!embeddings?.float) throw new TypeError('it has no embeddings');
    const tokens = toChatUsage(meta)?.prompt_tokens ?? 0;
    return {
      object: 'list',
      data: embeddings.float.map((embedding, index) => ({ object: 'embedding', index, embedding })),
      model,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    };
  },
};

function readTexts({ input }: EmbeddingsRequest): string[] {
  const texts: unknown[] = Array.isArray(input) ? input : [input];
  if (texts.length === 0 || texts.length > MAX_TEXTS)
    throw createInvalidBodyError('input', `a string, or an array of 1 to ${MAX_TEXTS} strings`);
  return texts.map((text, i) => {
    if (typeof text === 'string') return text;
    const path = Array.isArray(input) ? `input[${i}]` : 'input';
    throw createUnsupportedError(path, 'Cohere uses other tokens: send text instead of token numbers.');
  });
}
