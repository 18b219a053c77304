/**
 * Converts AWS's errors to OpenAI's form: `{"message"}`, with the name in `x-amzn-errortype`, in `__type`, or in the
 * frame.
 */
import type { EventStreamFrame } from '../../../../providers/wire/event-stream.js';
import type { ChatError } from '../../../pivot/translator.js';

const MAX_TEXT_CHARS = 1_000;

const TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  424: 'server_error',
  429: 'rate_limit_error',
};

/** Statuses of exceptions inside a stream, which have none of their own. */
const STREAM_STATUSES: Readonly<Record<string, number>> = {
  validationException: 400,
  throttlingException: 429,
};

export function toChatError(status: number, body: Uint8Array, header: (name: string) => string | undefined): ChatError {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  const members = parseMembers(text);
  const name = header('x-amzn-errortype') ?? toNonEmptyString(members['__type']);
  const message =
    toNonEmptyString(members['message']) ??
    toNonEmptyString(members['Message']) ??
    text.slice(0, MAX_TEXT_CHARS).trim();
  return {
    message: message === '' ? `Bedrock responded with status ${status} and no message.` : message,
    type: toErrorType(status),
    param: null,
    code: name === null || name === undefined ? null : toErrorCode(name),
  };
}

export function toStreamError({ name, message, payload }: EventStreamFrame): ChatError {
  const members = parseMembers(payload.toString('utf8'));
  const text = message ?? toNonEmptyString(members['message']) ?? toNonEmptyString(members['Message']);
  return {
    message: text ?? 'Bedrock interrupted its response. Try again.',
    type: toErrorType(STREAM_STATUSES[name] ?? 500),
    param: null,
    code: name === '' ? null : name,
  };
}

const toErrorType = (status: number): string =>
  TYPES[status] ?? (status >= 500 ? 'server_error' : 'invalid_request_error');

/**
 * Returns ValidationException for `ValidationException:http://…` and `com.amazon.coral.validate#ValidationException`.
 */
const toErrorCode = (name: string): string =>
  name
    .slice(name.lastIndexOf('#') + 1)
    .split(':', 1)[0]!
    .trim();

const toNonEmptyString = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

function parseMembers(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
