import type { Secret } from '../../../platform/crypto/secret.js';
import type { OpenAiCompatibility } from '../../contract/openai-compatibility.js';
import type { ProviderAdapter, RouteRule, UpstreamRequest } from '../../contract/provider-adapter.js';
import { defineClosed, defineInference, defineModelListing, defineTokenCounting } from '../../routes/rules.js';

/** Settings of an OpenAI-compatible provider; everything else is as with OpenAI. */
export interface OpenAiCompatible {
  id: string;
  displayName: string;
  semanticName?: string;
  baseUrl: string | null;
  priceProviderId: string | null;
  /** Default false. */
  keyOptional?: boolean;
  servers?: ProviderAdapter['servers'];
  /** Default false. */
  speaksResponses?: boolean;
  /** Default: as most servers that imitate OpenAI. */
  compatibility?: OpenAiCompatibility;
  replay?: ProviderAdapter['replay'];
  /** Default `models`. */
  testPath?: string;
  /** Path of the list of models; null: the provider has none. Default: `testPath`. */
  modelListPath?: string | null;
  /** Prefixes that clients may add to the vendor's paths, and which are dropped; default `v1/`. */
  droppedPrefixes?: readonly string[];
  /** Rules tried before OpenAI's own. */
  routes?: readonly RouteRule[];
}

/** OpenAI's paths below `…/v1`. The first rule that matches decides. */
export const OPENAI_ROUTES: readonly RouteRule[] = [
  defineInference(/^chat\/completions$/, 'chat'),
  defineInference(/^completions$/, 'text_completion'),
  defineInference(/^responses(?:\/compact)?$/, 'chat'),
  defineInference(/^embeddings$/, 'embeddings'),
  defineInference(/^moderations$/, 'moderations'),
  defineInference(/^rerank$/, 'rerank'),
  defineTokenCounting(/^responses\/input_tokens$/),
  defineModelListing(/^models$/),
  defineModelListing(/^models\/(?<model>.+)$/),
  defineClosed('administration', 'organization', 'organizations', 'projects', 'admin'),
  defineClosed('responses_state', 'responses', 'conversations', 'chat/completions'),
  defineClosed('files', 'files', 'uploads'),
  defineClosed('batches', 'batches'),
  defineClosed('images', 'images'),
  defineClosed('audio', 'audio'),
  defineClosed('fine_tuning', 'fine_tuning', 'fine-tunes', 'models'),
  defineClosed('vector_stores', 'vector_stores'),
  defineClosed('assistants', 'assistants', 'threads'),
];

export function createOpenAiCompatible(provider: OpenAiCompatible): ProviderAdapter {
  const dropped = provider.droppedPrefixes ?? ['v1/'];
  const compatibility = provider.compatibility ?? {};
  return {
    id: provider.id,
    displayName: provider.displayName,
    ...(provider.semanticName !== undefined && { semanticName: provider.semanticName }),
    dialect: 'openai',
    baseUrl: provider.baseUrl,
    keyOptional: provider.keyOptional ?? false,
    ...(provider.servers && { servers: provider.servers }),
    ...(provider.replay && { replay: provider.replay }),
    takesStreamOptions: !compatibility.refusesStreamOptions,
    speaksResponses: provider.speaksResponses ?? false,
    compatibility,
    routes: [...(provider.routes ?? []), ...OPENAI_ROUTES],
    priceProviderId: provider.priceProviderId,
    testPath: provider.testPath ?? 'models',
    ...(provider.modelListPath === undefined ? {} : { modelListPath: provider.modelListPath }),
    normalizePath: (path) => dropPrefix(path, dropped),
    authorize: authorizeBearer,
  };
}

/** Adds `Authorization: Bearer`; a keyless server (ollama, vllm) gets no header at all. */
export function authorizeBearer(request: UpstreamRequest, secret: Secret): void {
  const value = secret.expose();
  if (value !== '') request.headers.push('authorization', `Bearer ${value}`);
}

/** Returns the path without the first of these prefixes that matches. */
export function dropPrefix(path: string, prefixes: readonly string[]): string {
  for (const prefix of prefixes) if (path.startsWith(prefix)) return path.slice(prefix.length);
  return path;
}
