import { authorizeBearer } from './openai-compatible/adapter.js';
import type { ProviderAdapter } from '../contract/provider-adapter.js';
import { defineClosed, defineInference, defineModelListing, defineTokenCounting } from '../routes/rules.js';

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
    defineInference(/^v2\/chat$/, 'chat'),
    defineInference(/^v2\/embed$/, 'embeddings'),
    // billed per search; the response states no tokens
    { ...defineInference(/^v2\/rerank$/, 'rerank'), metered: false },
    defineInference(/^v1\/chat$/, 'chat'),
    defineInference(/^v1\/embed$/, 'embeddings'),
    { ...defineInference(/^v1\/rerank$/, 'rerank'), metered: false },
    defineTokenCounting(/^v1\/(?:de)?tokenize$/),
    defineModelListing(/^v1\/models$/),
    defineModelListing(/^v1\/models\/(?<model>[^/]+)$/),
    defineClosed('batches', 'v1/embed-jobs', 'v2/batches'),
    defineClosed('files', 'v1/datasets'),
    defineClosed('fine_tuning', 'v1/finetuning'),
    defineClosed('audio', 'v2/audio'),
  ],
  normalizePath: (path) => (UNVERSIONED.has(removeQuery(path)) ? `v2/${path}` : path),
  authorize: authorizeBearer,
};

function removeQuery(path: string): string {
  const query = path.indexOf('?');
  return query < 0 ? path : path.slice(0, query);
}
