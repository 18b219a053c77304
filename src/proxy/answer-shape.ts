/** In what form an answer comes, where its head does not say. */
import type { ContentCapture } from '../content/content-capture.js';
import type { Dialect } from '../providers/dialects/dialect.js';
import { streamFormOf, type StreamForm, type TextStreamForm } from '../providers/stream-form.js';
import type { Exchange } from './exchange.js';
import { headerIn } from './forwarded-headers.js';

/** RFC 9110 §6.4.1. Of what has no content no length is told: it would be zero, and wrong. */
export const hasContent = ({ request }: Exchange, status: number): boolean =>
  request.raw.method !== 'HEAD' && status !== 204 && status !== 304;

/** The form of the dialect's streams that a lower-case content type names; null: none of them. */
export function dialectStreamForm({ streamForms }: Dialect, contentType: string): StreamForm | null {
  const form = streamFormOf(contentType);
  return form !== null && (streamForms ?? ['events']).includes(form) ? form : null;
}

/** The form of a stream whose text can be read as it goes by; null: it cannot. `headers`: flat, as the client gets them. */
export const textForm = (form: StreamForm | null, headers: readonly string[]): TextStreamForm | null =>
  form === null || form === 'frames' || headerIn(headers, 'content-encoding') !== null ? null : form;

/** Gemini streams a JSON array unless it is asked for events. */
export const isArrayStream = ({ dialect, facts, status }: Exchange, form: StreamForm | null): boolean =>
  dialect.id === 'gemini' && facts.streaming && form === null && status < 300;

/** Content is kept of answers that can be read. `headers`: flat, as the client gets them. */
export function hearContent(capture: ContentCapture | null, headers: readonly string[]): void {
  const encoding = headerIn(headers, 'content-encoding') ?? 'identity';
  if (capture && encoding === 'identity') capture.contentType = headerIn(headers, 'content-type')?.toLowerCase() ?? '';
}
