/** Responses of the LLM routes before authentication: CORS preflights, `HEAD` on a base, upgrades. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GatewayError } from '../platform/errors/gateway-error.js';
import { findHttpSurface, LLM_SURFACE } from '../platform/http/http-surfaces.js';
import { buildCorsHeaders, buildPreflightHeaders } from './headers/cors.js';
import { findDialectByUrl } from './call/dialect-by-url.js';
import { writeError } from './client/error-response.js';

const BASE_PATH = /^\/v1\/[a-z0-9-]+(?:\/[0-9a-f-]{36})?\/?(?:\?|$)/i;

export function installPreAuthResponses(fastify: FastifyInstance, allowedOrigins: readonly string[]): void {
  fastify.decorateRequest('corsHeaders', null as never);
  fastify.addHook('onRequest', (request, reply, done) => {
    request.corsHeaders = buildCorsHeaders(request.raw.headers.origin, allowedOrigins);
    if (findHttpSurface(request.raw.url!) !== LLM_SURFACE || !respondBeforeAuthentication(request, reply)) done();
  });
}

function respondBeforeAuthentication(request: FastifyRequest, reply: FastifyReply): boolean {
  const { raw } = request;
  if (raw.method === 'OPTIONS') {
    reply.hijack();
    const allow = request.corsHeaders.length > 0 ? [...request.corsHeaders, ...buildPreflightHeaders(raw.headers)] : [];
    reply.raw.writeHead(204, [...allow, 'allow', 'GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS']).end();
    return true;
  }
  if (raw.method === 'HEAD' && BASE_PATH.test(raw.url!)) {
    reply.hijack();
    reply.raw.writeHead(200).end();
    return true;
  }
  // Other upgrade offers (h2c, which Java's client makes on every call) may be ignored (RFC 9110 §7.8).
  if (raw.headers.upgrade !== undefined && /\bwebsocket\b/i.test(raw.headers.upgrade)) {
    reply.hijack();
    const error = new GatewayError(
      'upgrade_required',
      'WebSockets are not supported. Send the same request over plain HTTP.',
    );
    writeError(request, reply.raw, findDialectByUrl(raw.url!), error);
    return true;
  }
  return false;
}
