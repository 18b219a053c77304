/**
 * Reads how long a provider wants no further requests (RFC 9110 §10.2.3, and `retry-after-ms` of OpenAI and Azure).
 * Pure.
 */
import type { LlmCall } from '../call/llm-call.js';
import { findHeader, removeHeaders } from './forwarded.js';

const NAMES: ReadonlySet<string> = new Set(['retry-after', 'retry-after-ms']);

/**
 * Returns the seconds that the raw head of a response asks to wait, never negative; null if it states nothing readable.
 */
export function readRetryAfterSeconds(rawHeaders: readonly Buffer[], nowMs = Date.now()): number | null {
  const found: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toString('latin1').toLowerCase();
    if (NAMES.has(name)) found.push(name, rawHeaders[i + 1]!.toString('latin1').trim());
  }
  return found.length === 0 ? null : readSeconds(found, nowMs);
}

function readSeconds(headers: readonly string[], nowMs: number): number | null {
  const milliseconds = findHeader(headers, 'retry-after-ms');
  if (milliseconds !== null && isNumber(milliseconds)) return Number(milliseconds) / 1000;
  const text = findHeader(headers, 'retry-after');
  if (text === null) return null;
  if (isNumber(text)) return Number(text);
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, (at - nowMs) / 1000);
}

const isNumber = (text: string): boolean => /^\d{1,9}(?:\.\d{1,9})?$/.test(text);

/**
 * Returns the head of a response as the Model Router shows it, flat: if another busy target is free earlier,
 * `retry-after` states that time.
 */
export function applyShortestWait({ route, status }: Pick<LlmCall, 'route' | 'status'>, headers: string[]): string[] {
  const minSeconds = route?.shortestWaitSeconds ?? null;
  if (minSeconds === null || (status !== 429 && status !== 503)) return headers;
  const own = readSeconds(headers, Date.now());
  if (own !== null && own <= minSeconds) return headers;
  return [...removeHeaders(headers, [...NAMES]), 'retry-after', String(Math.ceil(minSeconds))];
}
