/** Converts errors of Google's APIs (google.rpc.Status, AIP-193) to OpenAI's form. */
import { isObject } from '../../../pivot/body-shape.js';
import type { ChatError } from '../../../pivot/translator.js';

/** OpenAI's error types, by status. */
const TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
};

const MAX_TEXT_CHARS = 1000;

/** Parses an error. Without `alt=sse` a stream's error comes as an array of one. */
export function readGeminiError(status: number, body: Uint8Array): ChatError {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  const response = parseJson(text);
  const first = Array.isArray(response) ? (response as unknown[])[0] : response;
  const error = isObject(first) ? first['error'] : undefined;
  if (isObject(error)) return toChatError(error, status);
  // OAuth's error format, which Google's front ends use for an unknown token (RFC 6749 §5.2)
  if (typeof error === 'string' && isObject(first)) {
    return toChatError({ message: first['error_description'] ?? error, status: error }, status);
  }
  const message = text.trim().slice(0, MAX_TEXT_CHARS) || `Google responded with status ${status} and no message.`;
  return { message, type: toErrorType(status), param: null, code: null };
}

/** @param status used if the error itself has no code, as in a stream */
export function toChatError(error: { code?: unknown; message?: unknown; status?: unknown }, status = 500): ChatError {
  const code = typeof error.code === 'number' ? error.code : status;
  return {
    message: typeof error.message === 'string' ? error.message : `Google responded with status ${code}.`,
    type: toErrorType(code),
    param: null,
    code: typeof error.status === 'string' ? error.status : null,
  };
}

const toErrorType = (status: number): string =>
  TYPES[status] ?? (status >= 500 ? 'server_error' : 'invalid_request_error');

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
