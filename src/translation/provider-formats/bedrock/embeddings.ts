/**
 * Embeddings through InvokeModel, in the formats of Amazon's Titan and of Cohere
 * (docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-embed.html).
 */
import { isAbsent, createUnsupportedError } from '../../pivot/body-shape.js';
import type { JsonObject } from '../../pivot/chat.js';
import type {
  EmbeddingsResponse,
  EmbeddingsRequest,
  EmbeddingsTranslator,
  TranslationContext,
} from '../../pivot/translator.js';

const TITAN = /amazon\.titan-embed-text/;
const COHERE = /cohere\.embed-/;
/** Cohere models that accept a length. Models before version 4 have a fixed one. */
const COHERE_WITH_DIMENSIONS = /cohere\.embed-v(?:[4-9]|\d\d)/;

const COHERE_INPUT_TYPES: ReadonlySet<unknown> = new Set([
  'search_document',
  'search_query',
  'classification',
  'clustering',
]);

export const bedrockEmbeddings: EmbeddingsTranslator = {
  translateRequest(embeddings, context) {
    const texts = readTexts(embeddings);
    const path = `model/${encodeURIComponent(context.model)}/invoke`;
    const dropped: string[] = [];
    for (const name of Object.keys(embeddings))
      if (!TRANSLATED.has(name) && !isAbsent(embeddings[name])) dropped.push(name);
    if (TITAN.test(context.model))
      return { path, headers: [], body: buildTitanBody(embeddings, texts, context), dropped };
    if (COHERE.test(context.model))
      return { path, headers: [], body: buildCohereBody(embeddings, texts, context, dropped), dropped };
    throw createUnsupportedError(
      'model',
      'Bedrock’s embeddings are translated for amazon.titan-embed-text and cohere.embed models.',
    );
  },
  translateResponse(body, context) {
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
    return toEmbeddingsResponse(JSON.parse(text) as VendorEmbeddings, context);
  },
};

/** Members that are translated. The caller, which encodes the response, handles `encoding_format`. */
const TRANSLATED: ReadonlySet<string> = new Set(['model', 'input', 'encoding_format', 'dimensions', 'input_type']);

function readTexts({ input }: EmbeddingsRequest): string[] {
  const texts: unknown[] = Array.isArray(input) ? input : [input];
  if (texts.every((text): text is string => typeof text === 'string')) return texts;
  throw createUnsupportedError('input', 'Bedrock’s models use other tokens: send text.');
}

function buildTitanBody(
  embeddings: EmbeddingsRequest,
  texts: readonly string[],
  { model }: TranslationContext,
): JsonObject {
  const [text] = texts;
  if (texts.length !== 1 || text === undefined)
    throw createUnsupportedError('input', `${model} accepts one text per call: send each text in a separate call.`);
  const { dimensions } = embeddings;
  return { inputText: text, ...(typeof dimensions === 'number' ? { dimensions } : {}) };
}

function buildCohereBody(
  embeddings: EmbeddingsRequest,
  texts: readonly string[],
  { model }: TranslationContext,
  dropped: string[],
): JsonObject {
  const { dimensions } = embeddings;
  const inputType = embeddings['input_type'];
  if (!isAbsent(inputType) && !COHERE_INPUT_TYPES.has(inputType)) dropped.push('input_type');
  if (typeof dimensions === 'number' && !COHERE_WITH_DIMENSIONS.test(model))
    throw createUnsupportedError('dimensions', `The embeddings of ${model} have a fixed length: leave it out.`);
  return {
    texts,
    input_type: COHERE_INPUT_TYPES.has(inputType) ? inputType : 'search_document',
    embedding_types: ['float'],
    ...(typeof dimensions === 'number' ? { output_dimension: dimensions } : {}),
  };
}

interface VendorEmbeddings {
  embedding?: number[];
  inputTextTokenCount?: number;
  embeddings?: number[][] | { float?: number[][] };
}

/** Converts a response. Cohere reports usage only in a header, which is metered but not repeated here. */
function toEmbeddingsResponse(vendor: VendorEmbeddings, { model }: TranslationContext): EmbeddingsResponse {
  const { embedding, embeddings, inputTextTokenCount: tokens = 0 } = vendor;
  const rows = embedding ? [embedding] : Array.isArray(embeddings) ? embeddings : embeddings?.float;
  if (!rows) throw new TypeError('the response has no embeddings');
  return {
    object: 'list',
    data: rows.map((row, index) => ({ object: 'embedding', index, embedding: row })),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}
