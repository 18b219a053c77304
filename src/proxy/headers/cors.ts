/** CORS for the LLM routes, as configured. Only bearer credentials work: cookies are never allowed. */
import type { IncomingHttpHeaders } from 'node:http';

declare module 'fastify' {
  interface FastifyRequest {
    /** Response headers that let the calling page read the response, flat; empty unless its origin is allowed. */
    corsHeaders: readonly string[];
  }
}

const NONE: readonly string[] = Object.freeze([]);
const PREFLIGHT_MAX_AGE_SECONDS = 600;
const EXPOSED = [
  ...['x-request-id', 'request-id', 'x-gateway-provider', 'x-gateway-model', 'x-gateway-cost-usd', 'server-timing'],
  ...[
    'retry-after',
    'x-gateway-error',
    'x-gateway-limit',
    'x-gateway-attempts',
    'x-gateway-dropped',
    'x-gateway-guardrails',
    'x-gateway-explain',
  ],
].join(', ');

/** Returns flat headers for a response to `origin`; empty when it is not allowed. */
export function buildCorsHeaders(origin: string | undefined, allowed: readonly string[]): readonly string[] {
  if (origin === undefined || allowed.length === 0) return NONE;
  if (allowed.includes('*')) return ['access-control-allow-origin', '*', 'access-control-expose-headers', EXPOSED];
  if (!allowed.includes(origin)) return NONE;
  return ['access-control-allow-origin', origin, 'vary', 'origin', 'access-control-expose-headers', EXPOSED];
}

/** Longer lists of header names are not repeated to the client. SDKs request about twenty names. */
const MAX_REQUESTED_CHARS = 2_048;

function readRequestedHeaders(headers: IncomingHttpHeaders): string | undefined {
  const requested = headers['access-control-request-headers'];
  return requested !== undefined && requested.length <= MAX_REQUESTED_CHARS ? requested : undefined;
}

/** Returns the further headers of a response to a preflight (Fetch standard, "CORS-preflight fetch"). */
export function buildPreflightHeaders(headers: IncomingHttpHeaders): string[] {
  return [
    'access-control-allow-methods',
    'GET, POST, PUT, PATCH, DELETE, HEAD',
    'access-control-allow-headers',
    readRequestedHeaders(headers) ?? 'authorization, content-type',
    'access-control-max-age',
    String(PREFLIGHT_MAX_AGE_SECONDS),
  ];
}
