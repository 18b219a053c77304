/**
 * The two halves of a translation, with Chat Completions between them. A *translator* is the vendor's side: Chat request to
 * vendor request, vendor answer to Chat. A *front* is the client's side: Responses, Messages or Chat itself. Both are pure:
 * no I/O, no clock, no randomness but what the context brings.
 */
import type { ChatChunk, ChatCompletion, ChatRequest, JsonObject } from './chat.js';

/** What a translator has to be told, as it cannot know it by itself. */
export interface TranslationContext {
  /** The vendor's model id, without the provider before it. */
  model: string;
  /** For answers whose vendor gives no id: `chatcmpl-…`, unique to the call. */
  id: string;
  /** Unix seconds. */
  created: number;
  /** Whether the client asked for a stream. */
  streaming: boolean;
  /**
   * Set by `request` where the answer has to come as the input of a tool of this name, made up to hold it to a schema:
   * `answer` and `stream`, which are given the same context, turn it back into content.
   */
  jsonTool?: string;
  /** Set by `answer` and `stream`: parts of the response that Chat cannot hold. A whole response names them in `x-gateway-dropped`. */
  lost?: Set<string>;
}

/** A request in the vendor's language. */
export interface VendorRequest {
  /** Below the provider's base URL: no leading slash, the query included. Model ids percent-encoded. */
  path: string;
  /** Flat name, value …; lower-case names. `content-type: application/json` is added by whoever sends it. */
  headers: string[];
  body: JsonObject;
  /** Members of the Chat request that this vendor cannot honour and that were left out (`seed`, `logit_bias`): they are named in `x-gateway-dropped`. */
  dropped: string[];
  /** True where the client asks for a stream and the vendor responds whole, as it has no stream for this request. */
  isWhole?: boolean;
}

/** An error as OpenAI words it: `{"error": ChatError}`. */
export interface ChatError {
  message: string;
  type: string;
  param: string | null;
  code: string | null;
}

/**
 * Where a translated stream goes. First a chunk with `delta.role`, then deltas, then one chunk with the finish reason, then
 * always one with empty `choices` and the usage (if the vendor told it); or an error, after which nothing follows.
 */
export interface ChatSink {
  chunk(chunk: ChatChunk): void;
  error(error: ChatError): void;
}

/** The vendor's stream as its bytes come, cut anywhere. Calls its sink as soon as an event is complete. */
export interface VendorStream {
  push(bytes: Uint8Array): void;
  /** No more bytes will come. False when the vendor's stream had not reached its end: it was cut. */
  end(): boolean;
}

export interface Translator {
  /**
   * Throws GatewayError `invalid_body` for what is wrong in any language (a tool call whose arguments are no JSON), with the
   * member's path in the text, and `unsupported_parameter` for what this vendor cannot do and what would change the answer's
   * meaning if it were left out.
   */
  request(chat: ChatRequest, context: TranslationContext): VendorRequest;
  /** The whole answer. Throws SyntaxError or TypeError for what is no answer of this vendor's. */
  answer(body: Uint8Array, context: TranslationContext): ChatCompletion;
  stream(context: TranslationContext, sink: ChatSink): VendorStream;
  /** An error answer of the vendor's: its own words kept; `code` is the vendor's name for it. Never throws. */
  error(status: number, body: Uint8Array, header: (name: string) => string | undefined): ChatError;
  /**
   * True where images and files named by address must reach the vendor as bytes: whoever calls has then replaced them by
   * data URLs. False: the vendor fetches them itself.
   */
  readonly wantsBytes: boolean;
  readonly embeddings?: EmbeddingsTranslator;
  /** Of a vendor that serves some models in Messages, under other addresses than Anthropic's. Null: this request has to be translated. */
  ownMessages?(model: string, body: Buffer): OwnMessages | null;
}

/** How a Messages request has to change for a vendor with another address for it. The model stands in the path alone. */
export interface OwnMessages {
  path: string;
  /** What is set in the body. */
  members: Readonly<Record<string, string>>;
  /** The vendor's name for a value of `anthropic-beta`; null: it does not take it. */
  readonly beta: (name: string) => string | null;
}

/** OpenAI's embeddings request: `input` as texts (token arrays are refused, as no other vendor shares the tokenizer). */
export interface EmbeddingsRequest {
  model: string;
  input: string | string[];
  encoding_format?: 'float' | 'base64' | null;
  dimensions?: number | null;
  user?: string | null;
  [other: string]: unknown;
}

export interface EmbeddingsAnswer {
  object: 'list';
  data: { object: 'embedding'; index: number; embedding: number[] }[];
  model: string;
  usage: { prompt_tokens: number; total_tokens: number };
}

export interface EmbeddingsTranslator {
  request(embeddings: EmbeddingsRequest, context: TranslationContext): VendorRequest;
  /** Floats; whoever calls packs them as base64 where that was asked for. */
  answer(body: Uint8Array, context: TranslationContext): EmbeddingsAnswer;
}

/** What a client speaks to the router. One front object per call: it remembers what the answer depends on. */
export interface Front {
  /** The call as the pivot has it. Throws as `Translator.request` does. */
  readonly chat: ChatRequest;
  /** Members of the client's request that were left out on the way to Chat. */
  readonly dropped: readonly string[];
  /** The whole answer in the client's language, as a JSON text. `lost` gets the names of what that language cannot hold. */
  answer(completion: ChatCompletion, lost?: Set<string>): string;
  /** The stream in the client's language. `write` gets whole events, ready for the wire. */
  stream(write: (events: string) => void): FrontStream;
  /** The body of an error answer; `status` is the vendor's, and stays. */
  error(error: ChatError, status: number, requestId: string): string;
}

export interface FrontStream extends ChatSink {
  /** The vendor's stream ended as it should: writes what closes this one (`[DONE]`, `message_stop`). Not called after an error. */
  end(): void;
}
