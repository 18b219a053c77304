import { authoriseBearer } from './openai-compatible/adapter.js';
import type { ProviderAdapter } from '../contract/provider-adapter.js';
import { closed, inference, modelListing, tokenCounting } from '../routes/rules.js';

/** Paths that some clients send without a version. */
const UNVERSIONED = new Set(['chat', 'embed', 'rerank']);

export const cohere: ProviderAdapter = {
  id: 'cohere',
  displayName: 'Cohere',
  dialect: 'cohere',
  baseUrl: 'https://api.cohere.com',
  keyOptional: false,
  takesStreamOptions: false,
  /**
   * The API's own error allows `A-Za-z0-9_` without a digit at the beginning. The API documents no maximum length; 64
   * is the limit of other vendors.
   */
  toolNames: { maxChars: 64, refused: /[^A-Za-z0-9_]/g, start: /^[A-Za-z_]/ },
  priceProviderId: 'cohere',
  testPath: 'v1/models',
  routes: [
    inference(/^v2\/chat$/, 'chat'),
    inference(/^v2\/embed$/, 'embeddings'),
    // billed per search; the response states no tokens
    { ...inference(/^v2\/rerank$/, 'rerank'), metered: false },
    inference(/^v1\/chat$/, 'chat'),
    inference(/^v1\/embed$/, 'embeddings'),
    { ...inference(/^v1\/rerank$/, 'rerank'), metered: false },
    tokenCounting(/^v1\/(?:de)?tokenize$/),
    modelListing(/^v1\/models$/),
    modelListing(/^v1\/models\/(?<model>[^/]+)$/),
    closed('batches', 'v1/embed-jobs', 'v2/batches'),
    closed('files', 'v1/datasets'),
    closed('fine_tuning', 'v1/finetuning'),
    closed('audio', 'v2/audio'),
  ],
  normalisePath: (path) => (UNVERSIONED.has(withoutQuery(path)) ? `v2/${path}` : path),
  authorise: authoriseBearer,
};

function withoutQuery(path: string): string {
  const query = path.indexOf('?');
  return query < 0 ? path : path.slice(0, query);
}
