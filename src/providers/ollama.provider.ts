import { OPENAI_ROUTES, openAiCompatible } from './openai-compatible.js';
import type { ProviderAdapter } from './provider-adapter.js';
import { below, closed, inference, modelListing } from './route-rules.js';
import { COMPATIBILITY } from './vendor-compatibility.js';

/** Its own API (docs.ollama.com/api). What changes the server's models is administration. */
const NATIVE = [
  inference(/^api\/chat$/, 'chat'),
  inference(/^api\/generate$/, 'text_completion'),
  inference(/^api\/embed(?:dings)?$/, 'embeddings'),
  modelListing(/^api\/tags$/),
  { ...modelListing(/^api\/show$/), method: 'POST', operation: 'show_model' },
  { ...modelListing(/^api\/version$/), operation: 'show_version' },
  closed('administration', 'api'),
] as const;

/** A path of the own API, with the gateway's base URL before it or without. */
const NATIVE_PATH = /^(?:\/v1\/ollama\/(?:[0-9a-f-]{36}\/)?)?api(?:\/|$)/i;

/** A model's name without what the server adds by itself: registry, namespace and tag (`ParseName` in github.com/ollama/ollama). */
const SHORT_NAME = /^(?:https?:\/\/)?(?:registry\.ollama\.ai\/)?(?:library\/)?(.*?)(?::latest)?$/is;

function spellingsOf(model: string): readonly string[] {
  const short = SHORT_NAME.exec(model)![1]!;
  const names = /:[^/]*$/.test(short) ? [short] : [short, `${short}:latest`];
  return names.includes(model) ? names : [model, ...names];
}

/**
 * On one's own machine, without a key; its cloud takes one. The address is reachable only where the operator allows that host.
 * It has OpenAI's paths below `v1/` and its own below `api/`, so that the address is the one before both.
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
  /** Clients of OpenAI's paths are given the address with `/v1`, those of its own without. */
  normaliseBaseUrl: (url) => url.replace(/\/v1\/*$/, ''),
};
