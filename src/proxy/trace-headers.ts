/** Lets a tracer put its own span between the client's and the provider's, without the proxy knowing tracers. */
import type { FastifyRequest } from 'fastify';
import { without } from './forwarded-headers.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set while calls are traced, flat: what the provider gets instead of the client's trace headers. */
    traceHeaders?: readonly string[];
  }
}

/** W3C Trace Context: `tracestate` belongs to its `traceparent` and goes with it. */
const TRACE_HEADERS = ['traceparent', 'tracestate'];

/** The headers as they came where nothing is traced, else with the trace as it goes on from here. */
export function withTraceHeaders(headers: string[], { traceHeaders }: FastifyRequest): string[] {
  return traceHeaders === undefined ? headers : [...without(headers, TRACE_HEADERS), ...traceHeaders];
}
