/** In what form an answer comes, where its head does not say. */
import type { ContentCapture } from '../content/content-capture.js';
import type { Exchange } from './exchange.js';
import { headerIn } from './forwarded-headers.js';

/** RFC 9110 §6.4.1. Of what has no content no length is told: it would be zero, and wrong. */
export const hasContent = ({ request }: Exchange, status: number): boolean =>
  request.raw.method !== 'HEAD' && status !== 204 && status !== 304;

/** Whether its events can be read as they go by. `headers`: flat, as the client gets them. */
export const isReadableStream = (headers: readonly string[]): boolean =>
  (headerIn(headers, 'content-type') ?? '').toLowerCase().startsWith('text/event-stream') &&
  headerIn(headers, 'content-encoding') === null;

/** Gemini streams a JSON array unless it is asked for events. */
export const isArrayStream = ({ dialect, facts, status }: Exchange, isEventStream: boolean): boolean =>
  dialect.id === 'gemini' && facts.streaming && !isEventStream && status < 300;

/** Content is kept of answers that can be read. `headers`: flat, as the client gets them. */
export function hearContent(capture: ContentCapture | null, headers: readonly string[]): void {
  const encoding = headerIn(headers, 'content-encoding') ?? 'identity';
  if (capture && encoding === 'identity') capture.contentType = headerIn(headers, 'content-type')?.toLowerCase() ?? '';
}
