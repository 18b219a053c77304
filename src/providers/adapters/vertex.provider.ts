import type { Secret } from '../../platform/crypto/secret.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import {
  readCredentialsLast4,
  findCredentialsProblem,
  googleTokenGrant,
  isCredentialsFile,
} from '../credentials/google-token-grant.js';
import type { ProviderAdapter, UpstreamRequest } from '../contract/provider-adapter.js';
import { GOOGLE_TOOL_NAMES } from '../contract/tool-name-rule.js';
import { defineClosed, defineInference, defineModelListing, defineTokenCounting } from '../routes/rules.js';

const GOOGLE = '^publishers/google/models/(?<model>[^/:]+):';
const CLAUDE = '^publishers/anthropic/models/(?<model>[^/:]+):';

/**
 * Prefixes that clients add before the publisher: the version, and a project and location, which those of the key
 * replace.
 */
const BEFORE_PUBLISHER = /^(?:v1(?:beta1)?\/)?(?:projects\/[^/]+\/locations\/[^/]+\/)?(?=publishers\/)/;

/** Decides by the model's name alone. */
export const isClaudeOnVertex = (model: string): boolean => model.startsWith('claude-');

/** Keys of Vertex AI in express mode. */
const API_KEY = /^(?:AIza|AQ\.)/;

/**
 * Vertex AI. The address comes from the key:
 * `https://{location}-aiplatform.googleapis.com/v1/projects/{p}/locations/{location}`. It serves models of several
 * vendors, each in the vendor's own dialect.
 */
export const vertex: ProviderAdapter = {
  id: 'vertex',
  displayName: 'Google Vertex AI',
  semanticName: 'gcp.vertex_ai',
  dialect: 'gemini',
  findDialectId: (path) => (/(?:^|\/)publishers\/anthropic\//.test(path) ? 'anthropic' : 'gemini'),
  baseUrl: null,
  keyOptional: false,
  takesStreamOptions: false,
  /** Names that both Gemini and Claude accept on Vertex AI. */
  toolNames: { ...GOOGLE_TOOL_NAMES, refused: /[^A-Za-z0-9_-]/g },
  // platform.claude.com/docs/en/build-with-claude/extended-thinking: Claude's signatures are compatible across platforms
  replay: { thoughtSignatures: true, isClaude: isClaudeOnVertex },
  priceProviderId: 'google',
  testPath: 'models',
  modelListPath: null,
  routes: [
    defineClosed('images', 'publishers/google/models/(?:imagen|imagegeneration|virtual-try-on|veo)[^/]*'),
    defineInference(new RegExp(`${GOOGLE}(?:generateContent|streamGenerateContent)$`), 'generate_content'),
    defineInference(new RegExp(`${GOOGLE}(?:predict|embedContent)$`), 'embeddings'),
    defineTokenCounting(new RegExp(`${GOOGLE}countTokens$`)),
    defineTokenCounting(/^publishers\/anthropic\/models\/count-tokens:rawPredict$/),
    defineInference(new RegExp(`${CLAUDE}(?:rawPredict|streamRawPredict)$`), 'chat'),
    // Lists the project's own models; no path below a project lists those of Google and its partners.
    defineModelListing(/^models$/),
    defineClosed('batches', 'batchPredictionJobs'),
    defineClosed('fine_tuning', 'tuningJobs'),
    defineClosed('files', 'cachedContents'),
    // A service account may have access to much more of the project than its models.
    defineClosed('administration', '(?!publishers/)[^/]+'),
  ],
  normalizePath: (path) => path.replace(BEFORE_PUBLISHER, ''),
  /** Removes the publisher, which other gateways and clients require in the address. */
  normalizeBaseUrl: (url) => url.replace(/\/publishers(?:\/[^/]*)?\/?$/, ''),
  tokenGrant: googleTokenGrant,
  findSecretProblem(secret: Secret): string | null {
    if (isCredentialsFile(secret)) return findCredentialsProblem(secret);
    if (/^[\x21-\x7e]+$/.test(secret.expose())) return null;
    return 'apiKey must be the JSON key file of a service account, or a key without white space.';
  },
  readLast4: (secret) => (isCredentialsFile(secret) ? readCredentialsLast4(secret) : secret.last4),
  authorize(request: UpstreamRequest, secret: Secret): void {
    if (isCredentialsFile(secret)) {
      throw new GatewayError('provider_key_unavailable', 'The stored provider key cannot be used as it is.', {
        internal: 'a credentials file was passed where only a token is allowed',
      });
    }
    const value = secret.expose();
    if (API_KEY.test(value)) request.headers.push('x-goog-api-key', value);
    else request.headers.push('authorization', `Bearer ${value}`);
  },
};
