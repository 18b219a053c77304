import type { Secret } from '../../platform/crypto/secret.js';
import { OPENAI_ROUTES } from './openai-compatible/adapter.js';
import type { ProviderAdapter, UpstreamRequest } from '../contract/provider-adapter.js';
import { below, closed, inference, modelListing } from '../routes/rules.js';
import { COMPATIBILITY } from './openai-compatible/vendor-compatibility.js';

const DEPLOYMENT = '^openai/deployments/(?<model>[^/]+)/';

/** Paths that exist in Azure only below a deployment or a version. */
const BARE = /^openai\/(?:chat\/completions|completions|embeddings)(?:\?|$)/;

/** Paths of the versionless API: OpenAI's paths below `openai/v1/`. */
const VERSIONLESS = below('openai/v1/', OPENAI_ROUTES);

export const azure: ProviderAdapter = {
  id: 'azure',
  displayName: 'Azure OpenAI',
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
    inference(new RegExp(`${DEPLOYMENT}chat/completions$`), 'chat'),
    inference(new RegExp(`${DEPLOYMENT}completions$`), 'text_completion'),
    inference(new RegExp(`${DEPLOYMENT}embeddings$`), 'embeddings'),
    closed('images', 'openai/deployments/[^/]+/images'),
    closed('audio', 'openai/deployments/[^/]+/audio'),
    closed('administration', 'openai/deployments'),
    ...VERSIONLESS,
    inference(/^openai\/responses(?:\/compact)?$/, 'chat'),
    modelListing(/^openai\/models$/),
    modelListing(/^openai\/models\/(?<model>[^/]+)$/),
    closed('responses_state', 'openai/responses'),
    closed('files', 'openai/files', 'openai/uploads'),
    closed('batches', 'openai/batches'),
    closed('fine_tuning', 'openai/fine_tuning', 'openai/fine-tunes'),
    closed('assistants', 'openai/assistants', 'openai/threads'),
    closed('vector_stores', 'openai/vector_stores'),
  ],
  /**
   * Maps OpenAI's short paths, and paths below `openai/` that name neither a deployment nor a version, to the
   * versionless API, where the body names the deployment. Other paths that begin with `openai/` stay unchanged.
   */
  normalisePath(path) {
    if (BARE.test(path)) return path.replace('openai/', 'openai/v1/');
    if (path.startsWith('openai/')) return path;
    return path.startsWith('v1/') ? `openai/${path}` : `openai/v1/${path}`;
  },
  /** The Azure portal shows the address with or without the path of the versionless API. */
  normaliseBaseUrl: (url) => url.replace(/\/openai(?:\/v1)?\/?$/, ''),
  authorise(request: UpstreamRequest, secret: Secret): void {
    request.headers.push('api-key', secret.expose());
  },
};
