import { OPENAI_ROUTES, openAiCompatible } from './adapter.js';
import type { ProviderAdapter } from '../../contract/provider-adapter.js';
import { below, closed, inference, modelListing } from '../../routes/rules.js';
import { COMPATIBILITY } from './vendor-compatibility.js';

/** Routes of Ollama's own API (docs.ollama.com/api). Operations that change the server's models are administration. */
const NATIVE = [
  inference(/^api\/chat$/, 'chat'),
  inference(/^api\/generate$/, 'text_completion'),
  inference(/^api\/embed(?:dings)?$/, 'embeddings'),
  modelListing(/^api\/tags$/),
  { ...modelListing(/^api\/show$/), method: 'POST', operation: 'show_model' },
  { ...modelListing(/^api\/version$/), operation: 'show_version' },
  closed('administration', 'api'),
] as const;

/** Path of Ollama's own API, with or without the gateway's base URL before it. */
const NATIVE_PATH = /^(?:\/v1\/ollama\/(?:[0-9a-f-]{36}\/)?)?api(?:\/|$)/i;

/**
 * A model's name without the parts that the server adds: registry, namespace and tag (`ParseName` in
 * github.com/ollama/ollama).
 */
const SHORT_NAME = /^(?:https?:\/\/)?(?:registry\.ollama\.ai\/)?(?:library\/)?(.*?)(?::latest)?$/is;

function spellingsOf(model: string): readonly string[] {
  const short = SHORT_NAME.exec(model)![1]!;
  const names = /:[^/]*$/.test(short) ? [short] : [short, `${short}:latest`];
  return names.includes(model) ? names : [model, ...names];
}

/**
 * Ollama: local without a key, or its cloud with one. The address is reachable only if the operator allows its host.
 * OpenAI's paths are below `v1/` and its own below `api/`, so the base URL precedes both.
 */
export const ollama: ProviderAdapter = {
  ...openAiCompatible({
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
  dialectOfPath: (path) => (NATIVE_PATH.test(path) ? 'ollama' : 'openai'),
  spellingsOf,
  routes: [...NATIVE, ...below('v1/', OPENAI_ROUTES)],
  normalisePath: (path) => (/^(?:api|v1)(?:\/|$)/.test(path) ? path : `v1/${path}`),
  /** Clients of OpenAI's paths use the address with `/v1`, clients of Ollama's own paths without. */
  normaliseBaseUrl: (url) => url.replace(/\/v1\/*$/, ''),
};
