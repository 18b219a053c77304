/** Translation of a provider's response to the client's format, as the relay uses it. */
import type { StreamFilter } from '../../providers/dialects/base/dialect.js';

/** Restores names that were replaced in the request. */
export interface ResponseRestoration {
  restore(body: Buffer): Buffer;
  /** Returns a new filter for one stream of server-sent events. */
  createFilter(): StreamFilter;
}

/** Translates the vendor's response into the client's dialect. One instance per attempt. */
export interface ResponseTranslation {
  /**
   * Request headers, flat name, value …; names in lower case. They are complete except for credentials and trace
   * headers.
   */
  readonly headers: readonly string[];
  /** Whether `stream` reads a whole response: the vendor has no stream for this request. */
  readonly isWhole?: boolean;
  /** Parts of the whole response that the client's dialect cannot express; known once it is translated. */
  readonly lost?: Iterable<string>;
  /** Translates a whole response. Throws for a body that is not a response of this vendor. */
  translateResponse(body: Buffer): string;
  /** Translates the body of the vendor's error. */
  translateError(status: number, body: Buffer, header: (name: string) => string | undefined): string;
  createStream(): TranslatedStream;
}

export interface TranslatedStream {
  /** Returns the client's events for these bytes: whole events; possibly empty. */
  push(chunk: Uint8Array): string;
  /** Returns the end of the stream; null if the vendor's stream did not reach its end. */
  end(): string | null;
  /** Whether the vendor sent an error, which `push` has translated: nothing may follow. */
  readonly hasFailed: boolean;
}
