/**
 * A dialect is the wire format of an API: it finds the model in a request, counts the usage of a response, and renders
 * errors. Pure functions over bytes: no I/O, no Nest, no knowledge of providers.
 */
import type { GatewayError } from '../../../platform/errors/gateway-error.js';
import type { StreamForm } from '../../wire/stream-form.js';
import type { ToolCallGrammar } from '../tool-calls/grammar.js';
import type { ModelListFormat } from './model-list.js';
import type { RateLimitState } from './rate-limit-headers.js';
import type { TextReading } from './text-deltas.js';
import type { Fields } from './token-counts.js';

export type DialectId = 'openai' | 'anthropic' | 'gemini' | 'cohere' | 'bedrock' | 'ollama';

/** Operation that a client of the Model Router requests. `chat` and `responses` are OpenAI's, `messages` Anthropic's. */
export type ClientOperation = 'chat' | 'responses' | 'embeddings' | 'messages' | 'count_tokens';

/** Facts of a request that the gateway needs. `null`: the body does not state it. */
export interface RequestInfo {
  model: string | null;
  streaming: boolean;
  /** The client's own maximum of generated tokens. */
  maxOutputTokens: number | null;
  /**
   * Whether the gateway must request usage on the client's behalf: the body to forward is then `requestStreamUsage(body)`.
   * The dialect does not know the provider: use it only if the adapter's `takesStreamOptions` is true as well.
   */
  usageToInject: boolean;
  /** Models that the vendor may use instead (OpenRouter's `models`): each must pass the same policy as `model`. */
  otherModels: readonly string[];
  /** Session that the body names: a label, never proof. */
  claimedSession: string | null;
}

/** Facts of a request that states none: a GET, an upload. */
export const NO_REQUEST_INFO: Readonly<RequestInfo> = Object.freeze({
  model: null,
  streaming: false,
  maxOutputTokens: null,
  usageToInject: false,
  otherModels: Object.freeze([]),
  claimedSession: null,
});

/**
 * Tokens of one call, separated by price. `inputTokens` is the whole input, including cached and cache-writing tokens;
 * `outputTokens` is the whole output, including reasoning.
 */
export interface TokenUsage {
  inputTokens: number;
  cachedInputTokens: number;
  cacheWriteTokens: number;
  /** Part of `cacheWriteTokens` that is kept for an hour, which costs more; absent if the vendor has only one kind. */
  longCacheWriteTokens?: number;
  outputTokens: number;
  reasoningTokens: number;
}

/** Reading of a meter so far. `usage` is null until the response has stated it. */
export interface MeterReading {
  usage: TokenUsage | null;
  servedModel: string | null;
  /** The vendor's id of the response; null if it gives none. */
  responseId: string | null;
  /** Finish reason of each choice, in the vendor's words and in the order of the choices; empty before the end. */
  finishReasons: readonly string[];
  /**
   * The vendor's name of an error in the response, also with a status of success (a stream's error event, MiniMax's
   * `base_resp`).
   */
  errorInBody: string | null;
  /** Characters of generated text seen in a stream, for an estimate if the stream is cut before it reports usage. */
  outputChars: number;
}

/** Reads the bytes of a response as they pass, without holding back or changing any. One meter per response. */
export interface UsageMeter {
  push(chunk: Uint8Array): void;
  read(): MeterReading;
}

/** Removes the usage event that the gateway, not the client, requested from a stream. One filter per response. */
export interface StreamFilter {
  /** Returns the bytes to pass on now: whole events as they complete; possibly empty. */
  push(chunk: Uint8Array): Uint8Array;
  /** Returns the rest at the end of the stream. */
  end(): Uint8Array;
}

/** Error in this dialect's format. Header names are in lower case. */
export interface RenderedError {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Position in the client's stream at which an error event is written. */
export interface StreamPosition {
  /** Part of the stream that the client has received. */
  before: 'nothing' | 'whole events' | 'part of an event';
  /** Whether the response is complete after the event; false: the connection is broken. */
  isComplete: boolean;
  /** Form of the stream, for dialects with several; absent: unknown. */
  form?: StreamForm | null;
}

/** Position in an unknown stream: an event before it is ended first. */
export const UNKNOWN_POSITION: Readonly<StreamPosition> = Object.freeze({
  before: 'part of an event',
  isComplete: false,
});

export interface Dialect {
  readonly id: DialectId;
  /** Forms of this dialect's streams; absent: only events. */
  readonly streamForms?: readonly StreamForm[];
  /** Whether a stream is one JSON array unless the client asks for another form. Absent: no. */
  readonly hasArrayStreams?: boolean;
  /**
   * Matches the event that announces the end of a text stream to its client, events that the client might take for it,
   * and usage, which comes in between. May match earlier events. Absent: no text streams.
   */
  readonly finalEvent?: RegExp;
  /**
   * Where clients put credentials besides the usual headers: whether `x-api-key` wins over `Authorization`, and whether
   * `?key=` is read. Absent: neither.
   */
  readonly credentialSources?: { readonly apiKeyWins: boolean; readonly queryKey: boolean };
  /** Headers that every request needs besides the key: flat name, value …; names in lower case. Absent: none. */
  readonly requiredHeaders?: readonly string[];
  /** Format of the list of models. Absent: none that the gateway reads. */
  readonly modelList?: ModelListFormat;
  /** Paths below the base URL that accept what the client sends as it is. Absent: the request is translated. */
  readonly nativePaths?: Readonly<Partial<Record<ClientOperation, string>>>;
  /** Grammar of offers, calls and results of tools. */
  readonly toolCalls: ToolCallGrammar;
  /** Locates the text in an event of a stream. The deltas refer to members of the event itself. */
  readText(this: void, event: Fields): TextReading;
  /**
   * Reads the facts of a request. `path` is the vendor path below the base (without leading slash). Throws GatewayError
   * `invalid_body` for invalid JSON.
   */
  inspect(body: Buffer, path: string): RequestInfo;
  /**
   * Returns the body with the model that the vendor uses if a request names none, so that rules and limits see the
   * model that is called. Absent: the vendor refuses a request without a model.
   */
  addDefaultModel?(body: Buffer, path: string): Buffer;
  /** Returns the name under which policies, limits and prices know a model. Absent: the name that the client sends. */
  normalizeModel?(this: void, model: string): string;
  /** Returns the body with a request for usage in the stream; only called if `usageToInject`. */
  requestStreamUsage(body: Buffer): Buffer;
  /**
   * Returns a meter. The content type of the response determines whether it is a stream, and `path` which of the
   * dialect's responses to expect. A free call (token counting, moderation) reads as usage of zero, in some dialects
   * unless it states usage; a response that repeats an earlier call's usage reads as null. `header` reads the head of
   * the response by a lower-case name, for vendors that report usage there.
   */
  createMeter(contentType: string, path: string, header?: (name: string) => string | null): UsageMeter;
  /**
   * Returns the status that a whole response's body means if it is an error with a status of success; null for a
   * response, and for a body that cannot be read. `header` as for `meter`.
   */
  readFailedStatus(body: Buffer, header: (name: string) => string | null): number | null;
  /** Returns a filter; only called if usage was injected. */
  createStreamFilter(): StreamFilter;
  /**
   * Renders an error. `requestId` is the gateway's; every rendered error carries the error's code in its body or in
   * `x-gateway-error`. `path` as for `inspect`, if it is known: OpenAI's `responses` has a different error for an
   * exhausted budget, where `retryAfterSeconds` of a `budget_exceeded` is the time until the window ends (never sent as
   * `retry-after`).
   */
  renderError(error: GatewayError, requestId: string, path?: string): RenderedError;
  /**
   * Renders a rate limit of the gateway as response headers. Flat; lower-case names. `now` in Unix milliseconds.
   */
  renderRateLimit(this: void, state: RateLimitState, now: number): Record<string, string>;
  /** Renders one error event in the grammar of this dialect's stream, after which no end mark follows. */
  renderStreamError(error: GatewayError, requestId: string, path: string, position?: StreamPosition): Buffer;
}
