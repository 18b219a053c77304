/**
 * Embeddings of Vertex AI, through `predict`
 * (cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api).
 */
import type { EmbeddingsTranslator } from '../../../pivot/translator.js';
import { listDropped, createEmbeddingsResponse, readTexts } from './ai-studio.js';
import { buildModelPath } from '../request/from-chat-request.js';

interface VertexEmbeddings {
  predictions?: { embeddings: { values: number[]; statistics?: { token_count?: number } } }[];
}

export const vertexEmbeddings: EmbeddingsTranslator = {
  translateRequest(embeddings, { model }) {
    const { dimensions } = embeddings;
    const instances = readTexts(embeddings).map((content) => ({ content }));
    return {
      path: `publishers/google/${buildModelPath(model)}:predict`,
      headers: [],
      body: { instances, ...(dimensions && { parameters: { outputDimensionality: dimensions } }) },
      dropped: listDropped(embeddings),
    };
  },
  translateResponse(body, context) {
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
    const { predictions } = JSON.parse(text) as VertexEmbeddings;
    if (!predictions) throw new TypeError('it has no predictions');
    const vectors = predictions.map(({ embeddings }) => embeddings.values);
    const tokens = predictions.reduce((sum, { embeddings }) => sum + (embeddings.statistics?.token_count ?? 0), 0);
    return createEmbeddingsResponse(vectors, tokens, context);
  },
};
