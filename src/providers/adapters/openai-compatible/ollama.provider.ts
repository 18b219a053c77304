import { OPENAI_ROUTES, createOpenAiCompatible } from './adapter.js';
import type { ProviderAdapter } from '../../contract/provider-adapter.js';
import { definePrefixed, defineClosed, defineInference, defineModelListing } from '../../routes/rules.js';
import { COMPATIBILITY } from './vendor-compatibility.js';

/** Routes of Ollama's own API (docs.ollama.com/api). Operations that change the server's models are administration. */
const NATIVE = [
  defineInference(/^api\/chat$/, 'chat'),
  defineInference(/^api\/generate$/, 'text_completion'),
  defineInference(/^api\/embed(?:dings)?$/, 'embeddings'),
  defineModelListing(/^api\/tags$/),
  { ...defineModelListing(/^api\/show$/), method: 'POST', operation: 'show_model' },
  { ...defineModelListing(/^api\/version$/), operation: 'show_version' },
  defineClosed('administration', 'api'),
] as const;

/** Path of Ollama's own API, with or without the gateway's base URL before it. */
const NATIVE_PATH = /^(?:\/v1\/ollama\/(?:[0-9a-f-]{36}\/)?)?api(?:\/|$)/i;

/**
 * A model's name without the parts that the server adds: registry, namespace and tag (`ParseName` in
 * github.com/ollama/ollama).
 */
const SHORT_NAME = /^(?:https?:\/\/)?(?:registry\.ollama\.ai\/)?(?:library\/)?(.*?)(?::latest)?$/is;

function listModelSpellings(model: string): readonly string[] {
  const short = SHORT_NAME.exec(model)![1]!;
  const names = /:[^/]*$/.test(short) ? [short] : [short, `${short}:latest`];
  return names.includes(model) ? names : [model, ...names];
}

/**
 * Ollama: local without a key, or its cloud with one. The address is reachable only if the operator allows its host.
 * OpenAI's paths are below `v1/` and its own below `api/`, so the base URL precedes both.
 */
export const ollama: ProviderAdapter = {
  ...createOpenAiCompatible({
    id: 'ollama',
    displayName: 'Ollama',
    baseUrl: 'http://localhost:11434',
    priceProviderId: null,
    compatibility: COMPATIBILITY.ollama,
    speaksResponses: true,
    keyOptional: true,
    servers: 'by-model',
    testPath: 'v1/models',
  }),
  findDialectId: (path) => (NATIVE_PATH.test(path) ? 'ollama' : 'openai'),
  listSpellings: listModelSpellings,
  routes: [...NATIVE, ...definePrefixed('v1/', OPENAI_ROUTES)],
  normalizePath: (path) => (/^(?:api|v1)(?:\/|$)/.test(path) ? path : `v1/${path}`),
  /** Clients of OpenAI's paths use the address with `/v1`, clients of Ollama's own paths without. */
  normalizeBaseUrl: (url) => url.replace(/\/v1\/*$/, ''),
};
