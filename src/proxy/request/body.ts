/**
 * Reads and decompresses a request's body once its caller is known. Both the single body and the sum of all bodies are
 * limited.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config.js';
import { formatByteSize } from '../../platform/config/byte-size.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';

export const EMPTY_BODY = Buffer.alloc(0);

/** Seconds after which a client may retry when the memory for bodies was in use. */
const RETRY_AFTER_SECONDS = 1;

const DECOMPRESSORS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** Call whose body is held in memory. */
export interface BodyHolder {
  /** Bytes that the call uses of `MAX_BUFFERED_BYTES`. */
  bufferedBytes: number;
}

/** Whether the request declares a body. */
export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined ||
  (headers['content-length'] !== undefined && Number(headers['content-length']) !== 0);

/**
 * Whether the body is an upload, which is streamed through; every other body is collected, because it is inspected
 * first.
 */
export const isUpload = ({ headers }: IncomingMessage): boolean => {
  const type = headers['content-type'];
  return type !== undefined && !type.includes('json') && !type.startsWith('text/');
};

@Injectable()
export class RequestBodies {
  readonly #maxBytes: number;
  readonly #maxBufferedBytes: number;
  #bufferedBytes = 0;

  constructor({ requests }: AppConfig) {
    this.#maxBytes = requests.maxBytes;
    this.#maxBufferedBytes = requests.maxBufferedBytes;
  }

  /** Bytes of bodies that this process holds now. */
  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /**
   * Returns the whole body, decompressed; `release` must follow once the call is over. Throws `body_too_large` (before
   * reading when the length is declared), `temporarily_unavailable` when all bodies together would exceed
   * `MAX_BUFFERED_BYTES`, `unsupported_media_type` for an encoding that is not supported, and `invalid_body` for bytes
   * that are not so encoded.
   */
  read(request: IncomingMessage, response: ServerResponse, holder: BodyHolder): Buffer | Promise<Buffer> {
    if (!hasBody(request)) return EMPTY_BODY;
    this.checkDeclaredLength(request);
    const encoding = request.headers['content-encoding']?.trim().toLowerCase();
    const isPacked = encoding !== undefined && encoding !== '' && encoding !== 'identity';
    const unpack = isPacked ? DECOMPRESSORS[encoding] : undefined;
    if (isPacked && !unpack) {
      throw new GatewayError(
        'unsupported_media_type',
        `A body with content-encoding "${encoding.slice(0, 40)}" cannot be read. Send gzip, deflate, br or none.`,
      );
    }
    // The declared length of a compressed body is not that of its content; a chunked body declares none.
    const declared = unpack ? 0 : Number(request.headers['content-length'] ?? 0);
    this.#reserveBytes(declared, holder);
    sendContinueIfExpected(request, response);
    if (!unpack) return this.#collect(request, request, declared, holder);
    const unpacked = unpack();
    request.pipe(unpacked);
    return this.#collect(request, unpacked, 0, holder).finally(() => {
      request.unpipe(unpacked);
      unpacked.destroy();
    });
  }

  /** Releases the memory that the call held; further calls do nothing. */
  release(holder: BodyHolder): void {
    this.#bufferedBytes -= holder.bufferedBytes;
    holder.bufferedBytes = 0;
  }

  /** Throws `body_too_large` for a declared length beyond the limit. */
  checkDeclaredLength(request: IncomingMessage): void {
    if (Number(request.headers['content-length'] ?? 0) > this.#maxBytes) throw createBodyTooLargeError(this.#maxBytes);
  }

  /** Maximum bytes of a body that is streamed through. */
  get maxBytes(): number {
    return this.#maxBytes;
  }

  #reserveBytes(bytes: number, holder: BodyHolder): void {
    if (this.#bufferedBytes + bytes > this.#maxBufferedBytes) {
      throw new GatewayError(
        'temporarily_unavailable',
        'The gateway has no memory left for request bodies at the moment. Send the request again in a second.',
        { retryAfterSeconds: RETRY_AFTER_SECONDS, reason: 'buffers_full' },
      );
    }
    this.#bufferedBytes += bytes;
    holder.bufferedBytes += bytes;
  }

  /** `reserved`: bytes already reserved for this body. */
  #collect(request: IncomingMessage, source: Readable, reserved: number, holder: BodyHolder): Promise<Buffer> {
    return collectBody(request, this.#maxBytes, source, (total) => {
      if (total <= reserved) return;
      this.#reserveBytes(total - reserved, holder);
      reserved = total;
    });
  }
}

/** Answers `Expect: 100-continue` once the body is about to be read (RFC 9110 §10.1.1). */
export function sendContinueIfExpected(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers.expect !== undefined) response.writeContinue();
}

/**
 * Resolves with the bytes that `source` yields, at most `limit`. `source` is the request itself, or its decompressor.
 * `onBytes` receives the total so far and may throw. Rejects with `body_too_large`, with `bad_request` if the body was
 * cut off, and with `invalid_body` if it cannot be decompressed.
 */
export function collectBody(
  request: IncomingMessage,
  limit: number,
  source: Readable = request,
  onBytes: (total: number) => void = () => {},
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const stop = (error: Error): void => {
      source.off('data', onData);
      request.pause();
      reject(error);
    };
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > limit) return stop(createBodyTooLargeError(limit));
      try {
        onBytes(bytes);
      } catch (error) {
        return stop(error as Error);
      }
      chunks.push(chunk);
    };
    source.on('data', onData);
    source.once('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes)));
    if (source !== request) source.once('error', (cause) => stop(createUnpackError(cause)));
    request.once('error', reject);
    request.once('close', () => {
      if (!request.complete)
        reject(new GatewayError('bad_request', 'The request body was cut off.', { reason: 'client_aborted' }));
    });
  });
}

/** Error for a body of more than `limit` bytes. */
export const createBodyTooLargeError = (limit: number): GatewayError =>
  new GatewayError('body_too_large', `The request body is larger than ${formatByteSize(limit)}. Send less.`);

const createUnpackError = (cause: Error): GatewayError =>
  new GatewayError(
    'invalid_body',
    'The body does not match its content-encoding. Send it uncompressed, or compress it again.',
    { cause },
  );
