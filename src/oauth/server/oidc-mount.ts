/** Mounts oidc-provider in the outer server, only on the paths that the public API fixes. It reads bodies itself. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { getTargetPath } from '../../platform/http/request-target.js';
import { isProtocolPath, NO_ENDPOINT, PROTOCOL_URLS } from '../protocol/paths.js';
import type { OAuthServer } from './oauth-server.js';
import { attachRequestContext } from '../oidc-library/request-context.js';

const NO_FRAME = {
  'x-frame-options': 'DENY',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
};
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'] as const;

export function mountOidc(fastify: FastifyInstance, server: OAuthServer, publicUrl: string): void {
  const issuer = new URL(publicUrl);
  const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (!isProtocolPath(getTargetPath(request.raw.url!)))
      return void reply.status(404).headers(NO_FRAME).send(NO_ENDPOINT);
    attachRequestContext(request.raw, request.id, request.ip);
    pinOrigin(request.raw, issuer);
    reply.hijack();
    await server.provider.callback()(request.raw, reply.raw);
  };
  for (const url of PROTOCOL_URLS) fastify.route({ method: [...METHODS], url, handler });
}

/**
 * Sets the headers from which the library builds all its URLs. A request must not influence them by the host that it
 * states.
 */
function pinOrigin(request: IncomingMessage, issuer: URL): void {
  const { headers } = request;
  // The library prefers `originalUrl`, which could hold the URL from before it was normalized.
  (request as IncomingMessage & { originalUrl?: string }).originalUrl = request.url!;
  headers.host = issuer.host;
  headers['x-forwarded-proto'] = issuer.protocol.slice(0, -1);
  for (const name of ['x-forwarded-host', 'x-forwarded-for', 'x-forwarded-port', ':authority', 'forwarded']) {
    delete headers[name];
  }
}
