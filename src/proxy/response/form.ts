/** Determines the form of a response where its head alone does not state it. */
import type { ContentCapture } from '../../content/capture/content-capture.js';
import type { Dialect } from '../../providers/dialects/base/dialect.js';
import { streamFormOf, type StreamForm, type TextStreamForm } from '../../providers/wire/stream-form.js';
import type { Exchange } from '../call/llm-call.js';
import { headerIn } from '../headers/forwarded.js';

/** Whether a response has content (RFC 9110 §6.4.1). Without content no length is sent: it would be zero, and wrong. */
export const hasContent = ({ request }: Exchange, status: number): boolean =>
  request.raw.method !== 'HEAD' && status !== 204 && status !== 304;

/** Returns the form of the dialect's streams that a lower-case content type names; null if it names none of them. */
export function dialectStreamForm({ streamForms }: Dialect, contentType: string): StreamForm | null {
  const form = streamFormOf(contentType);
  return form !== null && (streamForms ?? ['events']).includes(form) ? form : null;
}

/**
 * Returns the form of a stream whose text can be read as it passes, else null. `headers`: flat, as the client receives
 * them.
 */
export const textForm = (form: StreamForm | null, headers: readonly string[]): TextStreamForm | null =>
  form === null || form === 'frames' || headerIn(headers, 'content-encoding') !== null ? null : form;

/**
 * Whether the response is a Gemini stream in the form of a JSON array: Gemini sends one unless the client asks for
 * events.
 */
export const isArrayStream = ({ dialect, facts, status }: Exchange, form: StreamForm | null): boolean =>
  dialect.id === 'gemini' && facts.streaming && form === null && status < 300;

/** Starts the content capture of a response that can be read. `headers`: flat, as the client receives them. */
export function hearContent(capture: ContentCapture | null, headers: readonly string[]): void {
  const encoding = headerIn(headers, 'content-encoding') ?? 'identity';
  if (capture && encoding === 'identity') capture.contentType = headerIn(headers, 'content-type')?.toLowerCase() ?? '';
}
