/** Writes a refusal or failure to an LLM client on the raw response, in the client's dialect. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { GatewayError } from '../../platform/errors/gateway-error.js';
import type { Dialect } from '../../providers/dialects/base/dialect.js';

export function writeError(
  request: FastifyRequest,
  response: ServerResponse,
  dialect: Dialect,
  error: GatewayError,
  path?: string,
  gatewayHeaders: readonly string[] = [],
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const rendered = dialect.renderError(error, request.id, path);
  const body = Buffer.from(rendered.body);
  const headers = [
    ...Object.entries(rendered.headers).flat(),
    ...request.corsHeaders,
    ...gatewayHeaders,
    'x-request-id',
    request.id,
    'request-id',
    request.id,
    'content-length',
    String(body.length),
  ];
  if (hasUnreadBody(request.raw)) {
    if (rendered.headers['connection'] === undefined) headers.push('connection', 'close');
    lingerBeforeClosing(request.raw);
  }
  response.writeHead(rendered.status, headers);
  response.end(request.raw.method === 'HEAD' ? undefined : body);
}

const hasUnreadBody = (request: IncomingMessage): boolean =>
  !request.complete &&
  (request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0);

const LINGER_BYTES = 256 * 1024;
const LINGER_MS = 1_000;

/**
 * Delays closing the connection, because a client that is still sending would meet a reset instead of the response.
 * What it sends is discarded until it has sent everything, `LINGER_BYTES` or for `LINGER_MS`; then the connection is
 * closed.
 */
export function lingerBeforeClosing(request: IncomingMessage): void {
  const { socket } = request;
  socket.destroySoon = () => {
    if (socket.destroyed) return;
    socket.end();
    let bytes = 0;
    const close = (): void => void socket.destroy();
    const timer = setTimeout(close, LINGER_MS).unref();
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > LINGER_BYTES) close();
    });
    request.once('end', close);
    socket.once('close', () => clearTimeout(timer));
  };
}
