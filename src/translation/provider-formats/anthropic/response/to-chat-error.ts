import type { JsonObject } from '../../../pivot/chat.js';
import type { ChatError } from '../../../pivot/translator.js';

/** Types for errors without one, by status; other 4xx are `invalid_request_error`. */
const TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};
/** Length of a quotation, enough to recognize the sender, such as a proxy or a firewall. */
const MAX_FOREIGN_CHARS = 500;

/** Parses `{"type":"error","error":{"type","message","details"?}}`, as a response or as an event. */
export function readVendorError(value: unknown): ChatError | null {
  const error = (value as JsonObject | null | undefined)?.['error'] as JsonObject | null | undefined;
  if (typeof error?.['message'] !== 'string') return null;
  const type = typeof error['type'] === 'string' ? error['type'] : 'api_error';
  const errorCode = (error['details'] as JsonObject | null | undefined)?.['error_code'];
  return { message: error['message'], type, param: null, code: typeof errorCode === 'string' ? errorCode : type };
}

export function toChatError(status: number, body: Uint8Array): ChatError {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  const type = TYPES[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
  const quotation = text.trim().slice(0, MAX_FOREIGN_CHARS);
  const message = quotation === '' ? `The provider responded with status ${status} and no message.` : quotation;
  return parseError(text) ?? { message, type, param: null, code: null };
}

function parseError(text: string): ChatError | null {
  try {
    return readVendorError(JSON.parse(text));
  } catch {
    return null;
  }
}
