import type { Secret } from '../../platform/crypto/secret.js';
import { dropPrefix } from './openai-compatible/adapter.js';
import type { ProviderAdapter, UpstreamRequest } from '../contract/provider-adapter.js';
import { defineClosed, defineInference, defineModelListing, defineTokenCounting } from '../routes/rules.js';

/** Subscription tokens are accepted only as a bearer token; API keys in either header, in both versions of the API. */
const OAUTH_TOKEN_PREFIX = 'sk-ant-oat';

export const anthropic: ProviderAdapter = {
  id: 'anthropic',
  displayName: 'Anthropic',
  dialect: 'anthropic',
  baseUrl: 'https://api.anthropic.com',
  keyOptional: false,
  takesStreamOptions: false,
  /** The API's own error names the pattern `^[a-zA-Z0-9_-]{1,128}$`. */
  toolNames: { maxChars: 128, refused: /[^A-Za-z0-9_-]/g },
  priceProviderId: 'anthropic',
  testPath: 'v1/models',
  routes: [
    defineInference(/^v1\/messages$/, 'chat'),
    defineTokenCounting(/^v1\/messages\/count_tokens$/),
    defineModelListing(/^v1\/models$/),
    defineModelListing(/^v1\/models\/(?<model>[^/]+)$/),
    defineClosed('administration', 'v1/organizations'),
    defineClosed('batches', 'v1/messages/batches'),
    defineClosed('files', 'v1/files'),
  ],
  /** Removes the second `v1/` that clients add whose base URL already ends in `/v1`. */
  normalizePath: (path) => (path.startsWith('v1/v1/') ? dropPrefix(path, ['v1/']) : path),
  isSubscription: (secret) => secret.expose().startsWith(OAUTH_TOKEN_PREFIX),
  authorize(request: UpstreamRequest, secret: Secret): void {
    const value = secret.expose();
    if (value.startsWith(OAUTH_TOKEN_PREFIX)) request.headers.push('authorization', `Bearer ${value}`);
    else request.headers.push('x-api-key', value);
  },
};
