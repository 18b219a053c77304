/**
 * A provider is an address, a way to present a key and a list of routes; it speaks one dialect, or several by path.
 * Plain objects: no Nest, no I/O. To add one, write `<name>.provider.ts` and add one line to `provider-list.ts`.
 */
import type { Secret } from '../../platform/crypto/secret.js';
import type { DialectId } from '../dialects/base/dialect.js';
import type { OpenAiCompatibility } from './openai-compatibility.js';
import type { ToolNameRule } from './tool-name-rule.js';

/** Registered id of a provider: text, never an enum of the database. */
export type ProviderId = string;

/**
 * Class of the operation of a path. `inference`, `token_counting` and `model_listing` are open to stored keys. Every
 * other class is closed to them unless the LLM proxy's `policy.allowedOperations` names it; `administration` is always
 * closed.
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
 * One rule of a provider's route table. Rules are tried in order against the method and the path below the provider's
 * base (without leading slash and query). `operation` is the operation name of the GenAI semantic conventions if one
 * exists (`chat`, `text_completion`, `embeddings`, `generate_content`), else a short name of the gateway
 * (`list_models`).
 */
export interface RouteRule {
  method: 'GET' | 'POST' | 'DELETE' | 'PUT' | 'PATCH' | '*';
  path: RegExp;
  operation: string;
  class: OperationClass;
  /**
   * Whether the model may contain an escaped slash (an ARN): no server behind this rule reads it as the end of a
   * segment.
   */
  slashInModel?: boolean;
  /** False if no usage can be read from the response: such calls are refused while a cost or token limit applies. */
  metered: boolean;
}

/**
 * Request as it will be sent to the provider. The adapter may set headers and change the path, and the origin to
 * another host of the same vendor. The URL never holds a secret.
 */
export interface UpstreamRequest {
  /** Formatted like URL.origin. */
  origin: string;
  readonly method: string;
  /** Complete path, with the base path, leading slash and query. */
  path: string;
  /**
   * Flat name, value, name, value …; names in lower case. Inbound credentials and hop-by-hop headers are already
   * removed.
   */
  readonly headers: string[];
  /**
   * Body that will be sent, for adapters that sign it; empty if nothing is sent. Null: an upload that is streamed
   * through and not known in advance.
   */
  readonly body: Buffer | null;
}

/** Replay data that a vendor can read although no mark shows that it is its own. Every member is optional. */
export interface ReplayReading {
  /** Whether it reads Google's thought signatures. */
  thoughtSignatures?: boolean;
  /** Whether it reads `reasoning_details` of many vendors' models, because they are its own format. */
  anyDetails?: boolean;
  /**
   * Encrypted reasoning items of Responses that it reads: only OpenAI's, or those of all models it serves. Absent: only
   * its own.
   */
  encryptedReasoning?: 'openai' | 'any';
  /** Whether Anthropic's own API can read the replay data of this model, and vice versa. */
  isClaude?(model: string): boolean;
}

/** Operation of a call, and the name under which it is recorded. */
export interface RoutedOperation {
  rule: RouteRule;
  /** Model named in the path (Gemini, Bedrock, Azure deployments); null if the body names it. */
  pathModel: string | null;
}

/** Obtains an access token for a stored key. Pure: the caller sends the request and keeps the token. */
export interface TokenGrant {
  /** False for a secret that is sent as it is. */
  isNeededFor(secret: Secret): boolean;
  /** @throws GatewayError `provider_key_unavailable` for a secret that cannot be used */
  request(secret: Secret, nowSeconds: number): Promise<TokenRequest>;
}

/** A POST to a token endpoint (RFC 6749 §3.2). */
export interface TokenRequest {
  url: string;
  /** `application/x-www-form-urlencoded`. Holds a secret. */
  form: string;
  /** Headers that must accompany the token wherever it is used: flat name, value …; names in lower case. */
  headers: readonly string[];
}

export interface ProviderAdapter {
  readonly id: ProviderId;
  readonly displayName: string;
  /** `gen_ai.provider.name` of OpenTelemetry's semantic conventions. Absent: the id. */
  readonly semanticName?: string;
  readonly dialect: DialectId;
  /**
   * Dialect at a path, for a provider that speaks several. A prefix may precede the vendor's path. Absent: `dialect`
   * everywhere.
   */
  findDialectId?(path: string): DialectId;
  /**
   * The vendor's public address, without a trailing slash; null if it has none (azure, vertex, vllm): then the key or
   * `LLM_<PROVIDER>_BASE_URL` must state it.
   */
  readonly baseUrl: string | null;
  /**
   * Whether one key may name several servers, and what selects the server of a call: the model's id, or the name of a
   * deployment, which lists of models do not contain. Absent: one server.
   */
  readonly servers?: 'by-model' | 'by-deployment';
  /** Whether a stored key may have no secret (ollama, vllm). */
  readonly keyOptional: boolean;
  readonly routes: readonly RouteRule[];
  /** Id of this provider in `@pydantic/genai-prices`; null if calls are free or their price is unknown. */
  readonly priceProviderId: string | null;
  /**
   * Whether this vendor accepts `stream_options.include_usage`; false if it refuses it and always reports usage
   * unrequested (mistral).
   */
  readonly takesStreamOptions: boolean;
  /** Set for providers that speak OpenAI's dialect. */
  readonly compatibility?: OpenAiCompatibility;
  /** Tool names that it accepts. Absent: as OpenAI. */
  readonly toolNames?: ToolNameRule;
  /** Whether this vendor has OpenAI's Responses API as well as Chat Completions. Absent: no. */
  readonly speaksResponses?: boolean;
  /** Absent: only replay data that is marked as its own. */
  readonly replay?: ReplayReading;
  /** Path below the base URL of a GET that tests a key and costs nothing. */
  readonly testPath: string;
  /**
   * Path below the base URL of a GET that lists the models that a key reaches, in the dialect's format; null: the
   * provider has none. Absent: `testPath`.
   */
  readonly modelListPath?: string | null;
  /**
   * Converts the client's path (below the provider segment, without leading slash) to the vendor's: drops a doubled
   * `v1/`, groq's `openai/v1/` and the like. Pure.
   */
  normalizePath(path: string): string;
  /**
   * Converts a configured address to the form that `normalizePath` expects (Azure's `…/openai/v1`). Absent: it stays
   * unchanged.
   */
  normalizeBaseUrl?(url: string): string;
  /**
   * Returns every spelling under which the vendor accepts the same model, `model` included. Patterns of policies,
   * limits and servers match a model if they match one of them. Absent: a model has one name. Pure.
   */
  listSpellings?(model: string): readonly string[];
  /**
   * Whether a seat at the vendor covers the use of this credential (a sign-in of a Claude or ChatGPT plan), so that
   * calls are not billed individually. Absent: a seat covers no credential of this vendor.
   */
  isSubscription?(secret: Secret): boolean;
  /**
   * Returns the problem of a secret that is stored or tested, in words that do not quote it; null if it is valid.
   * Absent: a secret is a text that is sent in a header as it is.
   */
  findSecretProblem?(secret: Secret): string | null;
  /** Set if some stored keys are not sent to the vendor, but exchanged for a token. */
  readonly tokenGrant?: TokenGrant;
  /** Returns the characters that identify a stored secret. Absent: its last four. */
  readLast4?(secret: Secret): string;
  /** Adds the key in the header that this vendor requires. */
  authorize(request: UpstreamRequest, secret: Secret): void | Promise<void>;
}
