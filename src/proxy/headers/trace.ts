/** Lets a tracer insert its own span between the client's and the provider's; the proxy does not depend on tracers. */
import type { FastifyRequest } from 'fastify';
import { removeHeaders } from './forwarded.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Trace headers that replace the client's, flat; set while calls are traced. */
    traceHeaders?: readonly string[];
  }
}

/** W3C Trace Context: `tracestate` belongs to its `traceparent` and is replaced with it. */
const TRACE_HEADERS = ['traceparent', 'tracestate'];

/** Returns the headers with the trace headers of the gateway's span; unchanged if the call is not traced. */
export function replaceTraceHeaders(headers: string[], { traceHeaders }: FastifyRequest): string[] {
  return traceHeaders === undefined ? headers : [...removeHeaders(headers, TRACE_HEADERS), ...traceHeaders];
}
