import type { Secret } from '../../platform/crypto/secret.js';
import type { ProviderAdapter, UpstreamRequest } from '../contract/provider-adapter.js';
import { GOOGLE_TOOL_NAMES } from '../contract/tool-name-rule.js';
import { defineClosed, defineInference, defineModelListing, defineTokenCounting } from '../routes/rules.js';

/**
 * The group `model` is the bare name of a model, or a tuned one with its collection, as the dialect and policies name
 * them.
 */
const METHODS = 'v1(?:beta)?/(?:models/)?(?<model>(?<=models/)[^/:]+|(?<!models/)tunedModels/[^/:]+):';

export const gemini: ProviderAdapter = {
  id: 'gemini',
  displayName: 'Google Gemini',
  semanticName: 'gcp.gemini',
  dialect: 'gemini',
  baseUrl: 'https://generativelanguage.googleapis.com',
  keyOptional: false,
  takesStreamOptions: false,
  toolNames: GOOGLE_TOOL_NAMES,
  replay: { thoughtSignatures: true },
  priceProviderId: 'google',
  testPath: 'v1beta/models',
  routes: [
    defineInference(new RegExp(`^${METHODS}(?:generateContent|streamGenerateContent)$`), 'generate_content'),
    defineInference(new RegExp(`^${METHODS}(?:embedContent|batchEmbedContents)$`), 'embeddings'),
    defineTokenCounting(new RegExp(`^${METHODS}countTokens$`)),
    defineModelListing(/^v1(?:beta)?\/models$/),
    defineModelListing(/^v1(?:beta)?\/models\/(?<model>[^/:]+)$/),
    defineClosed(
      'files',
      'v1(?:beta)?/files',
      'upload/v1(?:beta)?/files',
      'download/v1(?:beta)?/files',
      'v1(?:beta)?/files:register',
    ),
    defineClosed('batches', 'v1(?:beta)?/batches', 'v1(?:beta)?/models/[^/]+:(?:asyncB|b)atch[A-Za-z]*'),
    defineClosed('images', 'v1(?:beta)?/models/[^/]+:predict'),
    defineClosed('fine_tuning', 'v1(?:beta)?/tunedModels'),
    defineClosed('vector_stores', 'v1beta/(?:corpora|fileSearchStores)', 'upload/v1beta/fileSearchStores'),
  ],
  normalizePath: (path) => path,
  authorize(request: UpstreamRequest, secret: Secret): void {
    request.headers.push('x-goog-api-key', secret.expose());
  },
};
