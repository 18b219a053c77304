/**
 * A provider is an address, a way of presenting a key and a list of routes; it speaks one dialect. Plain objects: no
 * Nest, no I/O. To add one, write `<name>.provider.ts` and add one line to `registry.ts`.
 */
import type { Secret } from '../platform/crypto/secret.js';
import type { DialectId } from './dialects/dialect.js';
import type { OpenAiCompatibility } from './openai-compatibility.js';
import type { ToolNameRule } from './tool-name-rule.js';

/** The registered id of a provider: text, never an enum of the database. */
export type ProviderId = string;

/**
 * What a path does. `inference`, `token_counting` and `model_listing` are open to stored keys; every other class is
 * closed to them unless the LLM proxy's `policy.allowedOperations` names it, and `administration` always is.
 */
export type OperationClass =
  | 'inference'
  | 'token_counting'
  | 'model_listing'
  | 'files'
  | 'batches'
  | 'images'
  | 'audio'
  | 'fine_tuning'
  | 'responses_state'
  | 'vector_stores'
  | 'assistants'
  | 'administration'
  | 'other';

/**
 * One rule of a provider's route table, tried in order against method and the path below the provider's base
 * (no leading slash, no query). `operation` is the GenAI semantic-convention operation name where there is one
 * (`chat`, `text_completion`, `embeddings`, `generate_content`), else a short name of ours (`list_models`).
 */
export interface RouteRule {
  method: 'GET' | 'POST' | 'DELETE' | 'PUT' | 'PATCH' | '*';
  path: RegExp;
  operation: string;
  class: OperationClass;
  /** An escaped slash may stand in the model (an ARN): nothing behind this rule reads it as the end of a segment. */
  slashInModel?: boolean;
  /** False where no usage can be read from the answer: refused while a cost or token limit applies. */
  metered: boolean;
}

/**
 * The request as it will leave for the provider. The adapter may set headers and change the path, and the origin to
 * another of the same vendor's hosts; the URL never holds a secret.
 */
export interface UpstreamRequest {
  /** As URL.origin writes it. */
  origin: string;
  readonly method: string;
  /** Below the base URL, leading slash, query included. */
  path: string;
  /** Flat name, value, name, value …; names lower-case. Inbound credential and hop-by-hop headers are gone already. */
  readonly headers: string[];
  /** What will be sent, for adapters that sign it; empty: nothing. Null: an upload on its way through, not known before. */
  readonly body: Buffer | null;
}

/** What a vendor can read of replay data that no mark says to be its own. Every member is optional. */
export interface ReplayReading {
  /** Google's thought signatures. */
  thoughtSignatures?: boolean;
  /** `reasoning_details` of the models of many vendors: they are its own form. */
  anyDetails?: boolean;
  /** Encrypted reasoning items of Responses: OpenAI's alone, or those of all models it serves. Absent: its own alone. */
  encryptedReasoning?: 'openai' | 'any';
  /** Whether Anthropic's own API can read the replay data of this model, and the other way round. */
  isClaude?(model: string): boolean;
}

/** Where a call goes and under what name it is recorded. */
export interface RoutedOperation {
  rule: RouteRule;
  /** The model named in the path (Gemini, Bedrock, Azure deployments), else null: it stands in the body. */
  pathModel: string | null;
}

/** How an access token is got for a stored key. Pure: whoever calls does the fetching, and keeps the token. */
export interface TokenGrant {
  /** False for a secret that goes out as it is. */
  isNeededFor(secret: Secret): boolean;
  /** @throws GatewayError `provider_key_unavailable` for a secret that cannot be used */
  request(secret: Secret, nowSeconds: number): Promise<TokenRequest>;
}

/** A POST to a token endpoint (RFC 6749 §3.2). */
export interface TokenRequest {
  url: string;
  /** `application/x-www-form-urlencoded`. Holds a secret. */
  form: string;
  /** What has to go with the token wherever it is used: flat name, value …; lower-case names. */
  headers: readonly string[];
}

export interface ProviderAdapter {
  readonly id: ProviderId;
  readonly displayName: string;
  readonly dialect: DialectId;
  /**
   * For a provider that speaks several, by path: the language spoken there. Something may stand before the vendor's path.
   * Absent: `dialect` everywhere.
   */
  dialectOfPath?(path: string): DialectId;
  /** The vendor's public address, without a trailing slash; null where there is none (azure, vertex, vllm): the key or `LLM_<PROVIDER>_BASE_URL` must say. */
  readonly baseUrl: string | null;
  /**
   * Whether one key may name several servers, and what a call is directed by: the model's id, or the name of a deployment, which
   * lists of models do not tell. Absent: one server.
   */
  readonly servers?: 'by-model' | 'by-deployment';
  /** Whether a stored key may have no secret (ollama, vllm). */
  readonly keyOptional: boolean;
  readonly routes: readonly RouteRule[];
  /** The id under which `@pydantic/genai-prices` knows this provider; null where calls are free of charge or unknown. */
  readonly priceProviderId: string | null;
  /** Whether this vendor takes `stream_options.include_usage`; false where it refuses it and always tells usage unasked (mistral). */
  readonly takesStreamOptions: boolean;
  /** Of providers that speak OpenAI's dialect. */
  readonly compatibility?: OpenAiCompatibility;
  /** The names that it takes for tools. Absent: as OpenAI does. */
  readonly toolNames?: ToolNameRule;
  /** Whether this vendor has OpenAI's Responses API as well as Chat Completions. Absent: no. */
  readonly speaksResponses?: boolean;
  /** Absent: what is marked as its own alone. */
  readonly replay?: ReplayReading;
  /** A GET below the base URL that a key's test calls and that costs nothing. */
  readonly testPath: string;
  /** A GET below the base URL that lists the models that a key reaches, in the dialect's form; null: there is none. Absent: `testPath`. */
  readonly modelListPath?: string | null;
  /**
   * Brings the client's path (below the provider segment, no leading slash) to the vendor's: drops a doubled `v1/`,
   * groq's `openai/v1/` and the like. Pure.
   */
  normalisePath(path: string): string;
  /** Brings a configured address to the form that `normalisePath` expects (Azure's `…/openai/v1`); absent: as it is. */
  normaliseBaseUrl?(url: string): string;
  /**
   * Every spelling under which the vendor takes the same model, `model` included. Patterns of policies, limits and servers match
   * a model if they match one of them. Absent: a model has one name. Pure.
   */
  spellingsOf?(model: string): readonly string[];
  /**
   * Whether the vendor's seat covers what this credential uses (a sign-in of a Claude or ChatGPT plan), so that no call is
   * billed by itself. Absent: no credential of this vendor.
   */
  isSubscription?(secret: Secret): boolean;
  /**
   * For whoever stores or tests a secret: what is wrong with it, in words that do not quote it, or null. Absent: a secret
   * is a text that goes into a header as it is.
   */
  problemWith?(secret: Secret): string | null;
  /** Where some stored keys are not what the vendor takes, but what a token is fetched with. */
  readonly tokenGrant?: TokenGrant;
  /** The characters that a stored secret is known by; absent: its last four. */
  last4Of?(secret: Secret): string;
  /** Adds the key in the header this vendor wants. */
  authorise(request: UpstreamRequest, secret: Secret): void | Promise<void>;
}
