/**
 * A dialect is a wire language: how to find the model in a request, count what an answer used, and word an error.
 * Pure functions over bytes: no I/O, no Nest, nothing here knows a provider.
 */
import type { GatewayError } from '../../platform/errors/gateway-error.js';
import type { StreamForm } from '../stream-form.js';
import type { ToolCallGrammar } from './tool-calls/tool-call-grammar.js';

export type DialectId = 'openai' | 'anthropic' | 'gemini' | 'cohere' | 'bedrock' | 'ollama';

/** What a request asks for, as far as the gateway must know it. `null`: the body does not say. */
export interface RequestFacts {
  model: string | null;
  streaming: boolean;
  /** The client's own ceiling on generated tokens. */
  maxOutputTokens: number | null;
  /**
   * True when usage must be asked for on the client's behalf: the body to forward is then `withStreamUsage(body)`. The
   * dialect knows no provider: only do so where the adapter's `takesStreamOptions` is true as well.
   */
  usageToInject: boolean;
  /** Models that the vendor may use instead (OpenRouter's `models`): each must pass the same policy as `model`. */
  otherModels: readonly string[];
  /** The session that the body names: a label, never proof. */
  claimedSession: string | null;
}

/** What is known of a request that says nothing: a GET, an upload. */
export const NO_FACTS: Readonly<RequestFacts> = Object.freeze({
  model: null,
  streaming: false,
  maxOutputTokens: null,
  usageToInject: false,
  otherModels: Object.freeze([]),
  claimedSession: null,
});

/**
 * Tokens of one call, kept apart by what they cost. `inputTokens` is the whole input, cached and cache-writing tokens
 * included; `outputTokens` is the whole output, reasoning included.
 */
export interface TokenUsage {
  inputTokens: number;
  cachedInputTokens: number;
  cacheWriteTokens: number;
  /** Those of `cacheWriteTokens` that are kept for an hour, which costs more; absent where the vendor has one kind only. */
  longCacheWriteTokens?: number;
  outputTokens: number;
  reasoningTokens: number;
}

/** What a meter has seen so far. `usage` is null until the answer has told it. */
export interface MeterReading {
  usage: TokenUsage | null;
  servedModel: string | null;
  /** The vendor's id of the response; null where it gives none. */
  responseId: string | null;
  /** Why each choice ended, in the vendor's words and in the order of the choices; empty before the end. */
  finishReasons: readonly string[];
  /** The vendor's name for it when the answer holds an error, also inside a successful status (a stream's error event, MiniMax's `base_resp`). */
  errorInBody: string | null;
  /** Characters of generated text seen in a stream, for an estimate when the stream is cut before usage came. */
  outputChars: number;
}

/** Looks at an answer's bytes as they pass. It never holds back or changes a byte. One meter per answer. */
export interface UsageMeter {
  push(chunk: Uint8Array): void;
  read(): MeterReading;
}

/** Takes the usage event that we asked for, and the client did not, out of a stream again. One per answer. */
export interface StreamFilter {
  /** The bytes to hand on now: whole events as they complete; possibly empty. */
  push(chunk: Uint8Array): Uint8Array;
  /** What is left at the end of the stream. */
  end(): Uint8Array;
}

/** An error in this dialect's words. Header names lower-case. */
export interface RenderedError {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Where in the client's stream an error event is written. */
export interface StreamPosition {
  /** What the client has of the stream so far. */
  before: 'nothing' | 'whole events' | 'part of an event';
  /** Whether the response is complete after the event; false: its connection is broken. */
  isComplete: boolean;
  /** The form of the stream, for dialects with several; absent: unknown. */
  form?: StreamForm | null;
}

/** For whoever knows nothing of the stream: an event before it is ended first. */
export const UNKNOWN_POSITION: Readonly<StreamPosition> = Object.freeze({
  before: 'part of an event',
  isComplete: false,
});

export interface Dialect {
  readonly id: DialectId;
  /** The forms of this dialect's streams; absent: events alone. */
  readonly streamForms?: readonly StreamForm[];
  /** How tools are offered, called and answered. */
  readonly toolCalls: ToolCallGrammar;
  /** `path` is the vendor path below the base (no leading slash). Throws GatewayError `invalid_body` on bad JSON. */
  inspect(body: Buffer, path: string): RequestFacts;
  /**
   * The body with the model that the vendor uses where a request names none, so that the model which rules and limits see is
   * the one that is called. Absent: a request without a model is refused by the vendor.
   */
  withDefaultModel?(body: Buffer, path: string): Buffer;
  /** The body with usage asked for in the stream; only called when `usageToInject`. */
  withStreamUsage(body: Buffer): Buffer;
  /**
   * `streaming` by the answer's content type. Knows from `path` which of the dialect's answers to expect. A free call
   * (token counting, moderation) reads as usage of zero; an answer that repeats an earlier call's usage as null.
   * `header` reads the answer's head by a lower-case name, for vendors that tell usage there.
   */
  meter(contentType: string, path: string, header?: (name: string) => string | null): UsageMeter;
  /**
   * The status that a whole response's body means where it is an error that came with a status of success; null for a
   * response, and for a body that cannot be read. `header` as for `meter`.
   */
  failedStatus(body: Buffer, header: (name: string) => string | null): number | null;
  /** Only asked for when usage was injected. */
  streamFilter(): StreamFilter;
  /**
   * `requestId` is ours; every rendered error carries the error's code in its body or in `x-gateway-error`. `path` as for
   * `inspect`, where it is known: a used-up budget is told differently on OpenAI's `responses`, where
   * `retryAfterSeconds` of a `budget_exceeded` is the time until the window ends (never sent as `retry-after`).
   */
  renderError(error: GatewayError, requestId: string, path?: string): RenderedError;
  /** One error event in the grammar of this dialect's stream, after which no end mark follows. */
  renderStreamError(error: GatewayError, requestId: string, path: string, position?: StreamPosition): Buffer;
}
