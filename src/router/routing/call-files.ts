/**
 * Fetches the files that one call names by address: each once, for all its occurrences and for every vendor that is
 * tried.
 */
import type { ServerResponse } from 'node:http';
import type { BoundedResponse } from '../../platform/egress/bounded-fetch.js';
import type { Egress } from '../../platform/egress/egress.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { onceClosed } from '../../proxy/client/response-closed.js';
import type { ChatRequest } from '../../translation/pivot/chat.js';
import { type FileReference, findFileReferences } from './file-references.js';

const MIB = 1024 * 1024;
/** Anthropic's and Gemini's own bounds on an inline file are of this order. */
const MAX_FILE_BYTES = 20 * MIB;
/** Bytes of all files together: as large as a request may be that contains the files itself. */
const MAX_CALL_BYTES = 32 * MIB;
const MAX_FILES = 20;
const FETCH_MS = 20_000;

const MEDIA_TYPE = /^[\w.+-]+\/[\w.+-]+$/;

/** Counts the bytes that all calls hold. */
export interface FileBudget {
  hold(bytes: number): boolean;
  release(bytes: number): void;
}

export class CallFiles {
  /** Data URLs by address. */
  readonly #fetched = new Map<string, Promise<string>>();
  #abortController: AbortController | null = null;
  #bytes = 0;
  #isTooMuch = false;
  #isSaturated = false;

  constructor(
    private readonly egress: Egress,
    private readonly budget: FileBudget,
    private readonly response: ServerResponse,
  ) {}

  /**
   * Replaces each address by a data URL. Throws `invalid_body` for an address that cannot be fetched and for too many
   * or too large files, and `temporarily_unavailable` where other calls hold too much.
   */
  async inline(chat: ChatRequest): Promise<void> {
    const references = [...findFileReferences(chat)];
    if (references.length === 0) return;
    if (references.length > MAX_FILES) throw createTooMuchError(`${MAX_FILES} files`);
    const dataUrls = await Promise.all(references.map((reference) => this.#getDataUrl(reference)));
    const chars = dataUrls.reduce((sum, { length }) => sum + length, 0);
    // Base64 has four characters for three bytes. A file that is named twice is sent twice.
    if (chars > (MAX_CALL_BYTES / 3) * 4) throw createTooMuchError(`${MAX_CALL_BYTES / MIB} MiB`);
    references.forEach((reference, i) => reference.set(dataUrls[i]!));
  }

  #getDataUrl({ url, path }: FileReference): Promise<string> {
    const known = this.#fetched.get(url);
    if (known) return known;
    const fetched = this.#fetch(url, path).then(toDataUrl);
    this.#fetched.set(url, fetched);
    return fetched;
  }

  async #fetch(url: string, path: string): Promise<BoundedResponse> {
    const signal = this.#getSignal();
    const response = await this.egress
      .fetchBounded(url, {
        timeoutMs: FETCH_MS,
        maxBytes: MAX_FILE_BYTES,
        accept: '*/*',
        signal,
        mayBuffer: (bytes) => this.#mayKeep(bytes),
      })
      .catch((cause: unknown) => {
        if (signal.aborted) throw cause;
        if (this.#isSaturated) throw createSaturatedError();
        if (this.#isTooMuch) throw createTooMuchError(`${MAX_CALL_BYTES / MIB} MiB`);
        throw createNotFetchedError(path, cause);
      });
    if (response.status !== 200) throw createNotFetchedError(path, new Error(`status ${response.status}`));
    return response;
  }

  #mayKeep(bytes: number): boolean {
    if (this.#abortController!.signal.aborted) return false;
    this.#isTooMuch ||= this.#bytes + bytes > MAX_CALL_BYTES;
    if (this.#isTooMuch) return false;
    this.#isSaturated = !this.budget.hold(bytes);
    if (this.#isSaturated) return false;
    this.#bytes += bytes;
    return true;
  }

  /**
   * Returns a signal that is aborted when the client disconnects. Then, or when the response is complete, all files are
   * released.
   */
  #getSignal(): AbortSignal {
    if (this.#abortController) return this.#abortController.signal;
    const controller = (this.#abortController = new AbortController());
    const release = (): void => {
      controller.abort();
      this.budget.release(this.#bytes);
      this.#bytes = 0;
      this.#fetched.clear();
    };
    if (this.response.closed) release();
    else onceClosed(this.response, release);
    return controller.signal;
  }
}

function toDataUrl({ headers, body }: BoundedResponse): string {
  const type = (headers['content-type'] ?? '').split(';')[0]!.trim();
  return `data:${MEDIA_TYPE.test(type) ? type : 'application/octet-stream'};base64,${body.toString('base64')}`;
}

const createTooMuchError = (maximum: string): GatewayError =>
  new GatewayError(
    'invalid_body',
    `At most ${maximum} can be fetched for one request. Send the others as data URLs, or fewer of them.`,
  );

const createSaturatedError = (): GatewayError =>
  new GatewayError(
    'temporarily_unavailable',
    'Too many files are being fetched for requests at the moment. Try again shortly, or send them as data URLs.',
    { reason: 'files_saturated', retryAfterSeconds: 5 },
  );

const createNotFetchedError = (path: string, cause: unknown): GatewayError =>
  new GatewayError(
    'invalid_body',
    `The file at ${path} could not be fetched: it must be on a public host, reachable over https, and at most ${MAX_FILE_BYTES / MIB} MiB large. Send it as a data URL.`,
    { internal: cause instanceof Error ? cause.message : String(cause), cause },
  );
