import type { Secret } from '../../platform/crypto/secret.js';
import { OPENAI_ROUTES } from './openai-compatible/adapter.js';
import type { ProviderAdapter, UpstreamRequest } from '../contract/provider-adapter.js';
import { definePrefixed, defineClosed, defineInference, defineModelListing } from '../routes/rules.js';
import { COMPATIBILITY } from './openai-compatible/vendor-compatibility.js';

const DEPLOYMENT = '^openai/deployments/(?<model>[^/]+)/';

/** Paths that exist in Azure only below a deployment or a version. */
const BARE = /^openai\/(?:chat\/completions|completions|embeddings)(?:\?|$)/;

/** Paths of the versionless API: OpenAI's paths below `openai/v1/`. */
const VERSIONLESS = definePrefixed('openai/v1/', OPENAI_ROUTES);

export const azure: ProviderAdapter = {
  id: 'azure',
  displayName: 'Azure OpenAI',
  semanticName: 'azure.ai.openai',
  dialect: 'openai',
  baseUrl: null,
  keyOptional: false,
  servers: 'by-deployment',
  takesStreamOptions: true,
  speaksResponses: true,
  replay: { encryptedReasoning: 'openai' },
  compatibility: COMPATIBILITY.azure,
  priceProviderId: 'azure',
  testPath: 'openai/v1/models',
  routes: [
    defineInference(new RegExp(`${DEPLOYMENT}chat/completions$`), 'chat'),
    defineInference(new RegExp(`${DEPLOYMENT}completions$`), 'text_completion'),
    defineInference(new RegExp(`${DEPLOYMENT}embeddings$`), 'embeddings'),
    defineClosed('images', 'openai/deployments/[^/]+/images'),
    defineClosed('audio', 'openai/deployments/[^/]+/audio'),
    defineClosed('administration', 'openai/deployments'),
    ...VERSIONLESS,
    defineInference(/^openai\/responses(?:\/compact)?$/, 'chat'),
    defineModelListing(/^openai\/models$/),
    defineModelListing(/^openai\/models\/(?<model>[^/]+)$/),
    defineClosed('responses_state', 'openai/responses'),
    defineClosed('files', 'openai/files', 'openai/uploads'),
    defineClosed('batches', 'openai/batches'),
    defineClosed('fine_tuning', 'openai/fine_tuning', 'openai/fine-tunes'),
    defineClosed('assistants', 'openai/assistants', 'openai/threads'),
    defineClosed('vector_stores', 'openai/vector_stores'),
  ],
  /**
   * Maps OpenAI's short paths, and paths below `openai/` that name neither a deployment nor a version, to the
   * versionless API, where the body names the deployment. Other paths that begin with `openai/` stay unchanged.
   */
  normalizePath(path) {
    if (BARE.test(path)) return path.replace('openai/', 'openai/v1/');
    if (path.startsWith('openai/')) return path;
    return path.startsWith('v1/') ? `openai/${path}` : `openai/v1/${path}`;
  },
  /** The Azure portal shows the address with or without the path of the versionless API. */
  normalizeBaseUrl: (url) => url.replace(/\/openai(?:\/v1)?\/?$/, ''),
  authorize(request: UpstreamRequest, secret: Secret): void {
    request.headers.push('api-key', secret.expose());
  },
};
