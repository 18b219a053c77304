import type { GatewayError } from '../../../platform/errors/gateway-error.js';
import { UNKNOWN_POSITION } from './dialect.js';

/** Longest wait for SDKs, which obey `retry-after` literally, some up to hours. */
const MAX_RETRY_SECONDS = 60;

/**
 * Returns the headers of a rendered error: the error's own, the time of a retry, and the code if the body has no member
 * for it. An exhausted budget is not worth a retry and states so.
 */
export function buildErrorHeaders(error: GatewayError, codeInBody: boolean): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8', ...error.headers };
  if (!codeInBody) headers['x-gateway-error'] = error.code;
  const seconds = getRetrySeconds(error);
  if (seconds !== undefined) {
    headers['retry-after'] = String(Math.ceil(seconds));
    headers['retry-after-ms'] = String(Math.round(seconds * 1000));
  }
  if (error.code === 'budget_exceeded') headers['x-should-retry'] = 'false';
  return headers;
}

/** Returns the seconds after which a retry makes sense; undefined if it does not, or if the time is unknown. */
export function getRetrySeconds(error: GatewayError): number | undefined {
  if (error.code === 'budget_exceeded' || error.retryAfterSeconds === undefined) return undefined;
  return Math.min(Math.max(error.retryAfterSeconds, 0), MAX_RETRY_SECONDS);
}

/**
 * Writes one line of a stream of JSON lines. After a part of a line it begins with a line feed, which ends that line.
 */
export function encodeJsonLine(data: unknown, { before } = UNKNOWN_POSITION): Buffer {
  return Buffer.from(`${before === 'part of an event' ? '\n' : ''}${JSON.stringify(data)}\n`);
}

/**
 * Writes one event of an SSE stream. After a part of an event it begins with an empty line, which ends that event;
 * elsewhere some decoders would read an empty line as an event without data.
 */
export function encodeSseEvent(data: unknown, event?: string, { before } = UNKNOWN_POSITION): Buffer {
  const separator = before === 'part of an event' ? '\n\n' : '';
  const name = event === undefined ? '' : `event: ${event}\n`;
  return Buffer.from(`${separator}${name}data: ${JSON.stringify(data)}\n\n`);
}
