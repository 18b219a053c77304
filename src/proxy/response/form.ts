/** Determines the form of a response where its head alone does not state it. */
import type { ContentCapture } from '../../content/capture/content-capture.js';
import type { Dialect } from '../../providers/dialects/base/dialect.js';
import { detectStreamForm, type StreamForm, type TextStreamForm } from '../../providers/wire/stream-form.js';
import type { LlmCall } from '../call/llm-call.js';
import { findHeader } from '../headers/forwarded.js';

/** Whether a response has content (RFC 9110 §6.4.1). Without content no length is sent: it would be zero, and wrong. */
export const hasContent = ({ request }: LlmCall, status: number): boolean =>
  request.raw.method !== 'HEAD' && status !== 204 && status !== 304;

/** Returns the form of the dialect's streams that a lower-case content type names; null if it names none of them. */
export function findDialectStreamForm({ streamForms }: Dialect, contentType: string): StreamForm | null {
  const form = detectStreamForm(contentType);
  return form !== null && (streamForms ?? ['events']).includes(form) ? form : null;
}

/**
 * Returns the form of a stream whose text can be read as it passes, else null. `headers`: flat, as the client receives
 * them.
 */
export const findTextStreamForm = (form: StreamForm | null, headers: readonly string[]): TextStreamForm | null =>
  form === null || form === 'frames' || findHeader(headers, 'content-encoding') !== null ? null : form;

/** Whether the response is a stream in the form of one JSON array. */
export const isArrayStream = ({ dialect, info, status }: LlmCall, form: StreamForm | null): boolean =>
  dialect.hasArrayStreams === true && info.streaming && form === null && status < 300;

/** Starts the content capture of a response that can be read. `headers`: flat, as the client receives them. */
export function startCapture(capture: ContentCapture | null, headers: readonly string[]): void {
  const encoding = findHeader(headers, 'content-encoding') ?? 'identity';
  if (capture && encoding === 'identity')
    capture.contentType = findHeader(headers, 'content-type')?.toLowerCase() ?? '';
}
