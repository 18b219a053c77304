/** Reads a request's body once its caller is known: bounded, and unpacked where it came packed. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { GatewayError } from '../platform/errors/gateway-error.js';

/** Anthropic's own limit on a request, the largest among the vendors. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;

export const EMPTY_BODY = Buffer.alloc(0);

const UNPACK: Readonly<Record<string, (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/** Whether the request says it has a body. */
export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined ||
  (headers['content-length'] !== undefined && headers['content-length'] !== '0');

/** Uploads go through as they come; everything else is looked at first, and so collected. */
export const isUpload = ({ headers }: IncomingMessage): boolean => {
  const type = headers['content-type'];
  return type !== undefined && !type.includes('json') && !type.startsWith('text/');
};

/**
 * The whole body, unpacked. Throws `body_too_large` (before reading when the length is declared) or
 * `unsupported_media_type` for an encoding that cannot be undone.
 */
export function readBody(request: IncomingMessage, response: ServerResponse): Buffer | Promise<Buffer> {
  if (!hasBody(request)) return EMPTY_BODY;
  checkDeclaredLength(request);
  const encoding = request.headers['content-encoding'];
  continueIfAsked(request, response);
  if (encoding === undefined || encoding === 'identity') return collectBody(request, MAX_BODY_BYTES);
  const unpack = UNPACK[encoding.toLowerCase()];
  if (!unpack) {
    throw new GatewayError(
      'unsupported_media_type',
      `A body with content-encoding "${encoding.slice(0, 40)}" cannot be read. Send gzip, deflate, br or none.`,
    );
  }
  return collectBody(request, MAX_BODY_BYTES).then((packed) => unpacked(packed, unpack));
}

/** Throws `body_too_large` for a declared length beyond the limit. */
export function checkDeclaredLength(request: IncomingMessage): void {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge(MAX_BODY_BYTES);
}

/** Answers `Expect: 100-continue`, now that somebody is going to read (RFC 9110 §10.1.1). */
export function continueIfAsked(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers.expect !== undefined) response.writeContinue();
}

/** The bytes of a request, at most `limit` of them. Throws `body_too_large`. */
export function collectBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes <= limit) {
        chunks.push(chunk);
        return;
      }
      request.off('data', onData);
      request.pause();
      reject(tooLarge(limit));
    };
    request.on('data', onData);
    request.once('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes)));
    request.once('error', reject);
    request.once('close', () => {
      if (!request.complete)
        reject(new GatewayError('bad_request', 'The request body was cut off.', { reason: 'client_aborted' }));
    });
  });
}

async function unpacked(packed: Buffer, unpack: (typeof UNPACK)[string]): Promise<Buffer> {
  try {
    return await unpack(packed, { maxOutputLength: MAX_BODY_BYTES });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(MAX_BODY_BYTES);
    throw new GatewayError(
      'invalid_body',
      'The body is not what its content-encoding says. Send it unpacked, or pack it again.',
      { cause },
    );
  }
}

const tooLarge = (limit: number): GatewayError =>
  new GatewayError('body_too_large', `The request body is larger than ${limit / 1024 / 1024} MiB. Send less.`);
