/**
 * The two halves of a translation, with Chat Completions between them. A *translator* is the vendor's side: it
 * translates a Chat request to a vendor request, and a vendor response to Chat. A *client format* is the client's format:
 * Responses, Messages or Chat itself. Both are pure: no I/O, no clock, and no randomness except what the context
 * provides.
 */
import type { ChatChunk, ChatCompletion, ChatRequest, JsonObject } from './chat.js';

/** Data of a call that a translator cannot derive itself. */
export interface TranslationContext {
  /** The vendor's model id, without the provider's prefix. */
  model: string;
  /** Id for responses whose vendor sends none: `chatcmpl-…`, unique to the call. */
  id: string;
  /** Unix seconds. */
  created: number;
  /** Whether the client asked for a stream. */
  streaming: boolean;
  /**
   * Set by `request` where the response must come as the input of a tool of this name, which was added to make it
   * follow a schema. `response` and `stream`, which get the same context, turn it back into content.
   */
  jsonTool?: string;
  /**
   * Set by `response` and `stream`: parts of the response that Chat cannot hold. `x-gateway-dropped` of a whole response
   * names them.
   */
  lost?: Set<string>;
}

/** A request in the vendor's format. */
export interface VendorRequest {
  /** Path below the provider's base URL: no leading slash, the query included. Model ids are percent-encoded. */
  path: string;
  /** Flat list of names and values; names in lower case. The sender adds `content-type: application/json`. */
  headers: string[];
  body: JsonObject;
  /**
   * Members of the Chat request that were left out because this vendor cannot honor them (`seed`, `logit_bias`).
   * `x-gateway-dropped` names them.
   */
  dropped: string[];
  /**
   * True where the client asks for a stream and the vendor responds whole, because it has no stream for this request.
   */
  isWhole?: boolean;
}

/** An error in OpenAI's format: `{"error": ChatError}`. */
export interface ChatError {
  message: string;
  type: string;
  param: string | null;
  code: string | null;
}

/**
 * Destination of a translated stream. The order is: a chunk with `delta.role`, then deltas, then one chunk with the
 * finish reason, then always one with empty `choices` and the usage (if the vendor sent it). An error may come instead,
 * after which nothing follows.
 */
export interface ChatSink {
  writeChunk(chunk: ChatChunk): void;
  writeError(error: ChatError): void;
}

/** Reads the vendor's stream from bytes that may be cut anywhere. Calls its sink as soon as an event is complete. */
export interface VendorStream {
  push(bytes: Uint8Array): void;
  /** Ends the input. Returns false when the vendor's stream had not reached its end: it was cut. */
  end(): boolean;
}

export interface Translator {
  /**
   * Translates a request. Throws GatewayError `invalid_body` for a body that is wrong in any format (a tool call whose
   * arguments are not JSON), with the member's path in the text. Throws `unsupported_parameter` for a member that this
   * vendor cannot honor and that would change the meaning of the response if it were left out.
   */
  translateRequest(chat: ChatRequest, context: TranslationContext): VendorRequest;
  /** Translates a whole response. Throws SyntaxError or TypeError for a body that is not a response of this vendor. */
  translateResponse(body: Uint8Array, context: TranslationContext): ChatCompletion;
  createStream(context: TranslationContext, sink: ChatSink): VendorStream;
  /**
   * Translates an error response of the vendor. Keeps its message; `code` is the vendor's name for the error. Never
   * throws.
   */
  translateError(status: number, body: Uint8Array, header: (name: string) => string | undefined): ChatError;
  /**
   * True where images and files named by address must reach the vendor as bytes: the caller of `request` has then
   * replaced them by data URLs. False: the vendor fetches them itself.
   */
  readonly wantsBytes: boolean;
  readonly embeddings?: EmbeddingsTranslator;
  /**
   * Returns the changes for a vendor that serves some models in Messages, under other paths than Anthropic's. Null:
   * this request has to be translated.
   */
  toNativeMessages?(model: string, body: Buffer): NativeMessages | null;
}

/** Changes to a Messages request for a vendor that has another path for it. The path alone names the model. */
export interface NativeMessages {
  path: string;
  /** Members that are set in the body. */
  members: Readonly<Record<string, string>>;
  /** Returns the vendor's name for a value of `anthropic-beta`. Null: the vendor does not accept it. */
  readonly findBeta: (name: string) => string | null;
}

/**
 * OpenAI's embeddings request: `input` as texts (token arrays are refused, as no other vendor shares the tokenizer).
 */
export interface EmbeddingsRequest {
  model: string;
  input: string | string[];
  encoding_format?: 'float' | 'base64' | null;
  dimensions?: number | null;
  user?: string | null;
  [other: string]: unknown;
}

export interface EmbeddingsResponse {
  object: 'list';
  data: { object: 'embedding'; index: number; embedding: number[] }[];
  model: string;
  usage: { prompt_tokens: number; total_tokens: number };
}

export interface EmbeddingsTranslator {
  translateRequest(embeddings: EmbeddingsRequest, context: TranslationContext): VendorRequest;
  /** Translates the response to floats. The caller packs them as base64 where the client asked for that. */
  translateResponse(body: Uint8Array, context: TranslationContext): EmbeddingsResponse;
}

/** A client's format. One object per call: it keeps the members of the request on which the response depends. */
export interface ClientFormat {
  /** Call in the pivot's format. Throws as `Translator.request` does. */
  readonly chat: ChatRequest;
  /** Members of the client's request that were left out on the way to Chat. */
  readonly dropped: readonly string[];
  /**
   * Translates a whole response to the client's format, as a JSON text. Adds the names of members that the format
   * cannot hold to `lost`.
   */
  renderResponse(completion: ChatCompletion, lost?: Set<string>): string;
  /** Translates a stream to the client's format. `write` gets whole events, ready for the wire. */
  createStream(write: (events: string) => void): ClientStream;
  /** Returns the body of an error response. `status` is the vendor's, and stays unchanged. */
  renderError(error: ChatError, status: number, requestId: string): string;
}

export interface ClientStream extends ChatSink {
  /**
   * Ends the stream after the vendor's ended regularly: writes the events that close it (`[DONE]`, `message_stop`). Not
   * called after an error.
   */
  end(): void;
}
