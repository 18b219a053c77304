import type { Dispatcher } from 'undici';

/**
 * Request on the hot path, without its origin. `path` begins with `/`. Do not pass `host`: it would decide the TLS
 * name.
 */
export type EgressRequest = Omit<Dispatcher.DispatchOptions, 'origin' | 'upgrade'>;

/**
 * The raw handler of undici 7, which its HTTP/1.1 client calls directly. The newer `onRequestStart` form is wrapped by
 * it, with a controller object and parsed headers per request.
 *
 * `onConnect` comes just before sending, so a caller that gave up while the request was queued aborts there.
 * `onHeaders` also comes for 1xx responses. `rawHeaders` alternates names and values. `false` from `onHeaders` or
 * `onData` pauses until `resume()`. A chunk belongs to the handler until it returns; copy to keep. `onError` is the
 * last call; see toUpstreamError.
 */
export interface EgressHandler {
  onConnect(abort: (reason?: Error) => void): void;
  onHeaders(status: number, rawHeaders: Buffer[], resume: () => void, statusText: string): boolean;
  onData(chunk: Buffer): boolean;
  onComplete(rawTrailers: string[] | null): void;
  onError(error: Error): void;
  onBodySent?(chunkBytes: number, totalBytes: number): void;
  onResponseStarted?(): void;
}

/** Sends requests on the hot path. */
export interface EgressDispatcher {
  dispatch(origin: string, request: EgressRequest, handler: EgressHandler): boolean;
}
