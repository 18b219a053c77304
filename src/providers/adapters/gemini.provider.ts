import type { Secret } from '../../platform/crypto/secret.js';
import type { ProviderAdapter, UpstreamRequest } from '../contract/provider-adapter.js';
import { GOOGLE_TOOL_NAMES } from '../contract/tool-name-rule.js';
import { closed, inference, modelListing, tokenCounting } from '../routes/rules.js';

/**
 * The group `model` is the bare name of a model, or a tuned one with its collection, as the dialect and policies name
 * them.
 */
const METHODS = 'v1(?:beta)?/(?:models/)?(?<model>(?<=models/)[^/:]+|(?<!models/)tunedModels/[^/:]+):';

export const gemini: ProviderAdapter = {
  id: 'gemini',
  displayName: 'Google Gemini',
  dialect: 'gemini',
  baseUrl: 'https://generativelanguage.googleapis.com',
  keyOptional: false,
  takesStreamOptions: false,
  toolNames: GOOGLE_TOOL_NAMES,
  replay: { thoughtSignatures: true },
  priceProviderId: 'google',
  testPath: 'v1beta/models',
  routes: [
    inference(new RegExp(`^${METHODS}(?:generateContent|streamGenerateContent)$`), 'generate_content'),
    inference(new RegExp(`^${METHODS}(?:embedContent|batchEmbedContents)$`), 'embeddings'),
    tokenCounting(new RegExp(`^${METHODS}countTokens$`)),
    modelListing(/^v1(?:beta)?\/models$/),
    modelListing(/^v1(?:beta)?\/models\/(?<model>[^/:]+)$/),
    closed(
      'files',
      'v1(?:beta)?/files',
      'upload/v1(?:beta)?/files',
      'download/v1(?:beta)?/files',
      'v1(?:beta)?/files:register',
    ),
    closed('batches', 'v1(?:beta)?/batches', 'v1(?:beta)?/models/[^/]+:(?:asyncB|b)atch[A-Za-z]*'),
    closed('images', 'v1(?:beta)?/models/[^/]+:predict'),
    closed('fine_tuning', 'v1(?:beta)?/tunedModels'),
    closed('vector_stores', 'v1beta/(?:corpora|fileSearchStores)', 'upload/v1beta/fileSearchStores'),
  ],
  normalisePath: (path) => path,
  authorise(request: UpstreamRequest, secret: Secret): void {
    request.headers.push('x-goog-api-key', secret.expose());
  },
};
