/** Normalizes the target of each request, or refuses it, before a route is chosen and before any hook runs. */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { GatewayError } from '../errors/gateway-error.js';
import { normalizeTarget } from './request-target.js';

/** First segment of a refused target: it decides in which format the error is sent. */
const SURFACE = /^\/[a-z0-9]+(?=[/?])/;

const refusedRequests = new WeakSet<IncomingMessage>();

/** Fastify's `rewriteUrl`: the router and everything after it see the target that it returns. */
export function rewriteTarget(request: IncomingMessage): string {
  const target = normalizeTarget(request.url ?? '/');
  if (target !== null) return target;
  refusedRequests.add(request);
  return SURFACE.exec(request.url!)?.[0] ?? '/';
}

/**
 * Must be the first hook. Throws `not_found` for a target that has no normal form, and `bad_request` for several `Host`
 * headers.
 */
export function refuseAmbiguousRequests(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (refusedRequests.has(request.raw)) return done(createNotFoundError());
    if (countHosts(request.raw.rawHeaders) > 1) return done(createTwoHostsError());
    done();
  });
}

/** RFC 9112 §3.2: the response to a message with more than one Host field line is 400. */
function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    if (name.length === 4 && name.toLowerCase() === 'host') count++;
  }
  return count;
}

const createNotFoundError = (): GatewayError =>
  new GatewayError(
    'not_found',
    'No endpoint has this path. Send the path as documented, without escapes, dot segments or empty segments.',
  );

const createTwoHostsError = (): GatewayError =>
  new GatewayError('bad_request', 'The request has more than one Host header. Send one.');
