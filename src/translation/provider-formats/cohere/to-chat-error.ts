import { isObject } from '../../pivot/body-shape.js';
import type { ChatError } from '../../pivot/translator.js';

/** OpenAI's error types, by status. */
const TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
};

const MAX_TEXT_CHARS = 1000;

/** Parses Cohere's errors (docs.cohere.com/reference/errors): `{"id", "message"}`, without codes. Never throws. */
export function toChatError(status: number, body: Uint8Array): ChatError {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  const response = parseJson(text);
  const vendorMessage = isObject(response) ? response['message'] : undefined;
  const type = TYPES[status] ?? (status >= 500 ? 'server_error' : 'invalid_request_error');
  const message =
    typeof vendorMessage === 'string' && vendorMessage !== '' ? vendorMessage : text.trim().slice(0, MAX_TEXT_CHARS);
  return {
    message: message || `Cohere responded with status ${status} and no message.`,
    type,
    param: null,
    code: null,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
