/**
 * Embeddings of Vertex AI, through `predict`
 * (cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api).
 */
import type { EmbeddingsTranslator } from '../../../pivot/translator.js';
import { droppedOf, embeddingsAnswer, textsOf } from './ai-studio.js';
import { modelPath } from '../request/from-chat-request.js';

interface Answer {
  predictions?: { embeddings: { values: number[]; statistics?: { token_count?: number } } }[];
}

export const vertexEmbeddings: EmbeddingsTranslator = {
  request(embeddings, { model }) {
    const { dimensions } = embeddings;
    const instances = textsOf(embeddings).map((content) => ({ content }));
    return {
      path: `publishers/google/${modelPath(model)}:predict`,
      headers: [],
      body: { instances, ...(dimensions && { parameters: { outputDimensionality: dimensions } }) },
      dropped: droppedOf(embeddings),
    };
  },
  answer(body, context) {
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
    const { predictions } = JSON.parse(text) as Answer;
    if (!predictions) throw new TypeError('there are no predictions in it');
    const vectors = predictions.map(({ embeddings }) => embeddings.values);
    const tokens = predictions.reduce((sum, { embeddings }) => sum + (embeddings.statistics?.token_count ?? 0), 0);
    return embeddingsAnswer(vectors, tokens, context);
  },
};
