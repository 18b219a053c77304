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
  const told = membersOf(text);
  const name = header('x-amzn-errortype') ?? stringOf(told['__type']);
  const message = stringOf(told['message']) ?? stringOf(told['Message']) ?? text.slice(0, MAX_TEXT_CHARS).trim();
  return {
    message: message === '' ? `Bedrock responded with status ${status} and no message.` : message,
    type: typeOf(status),
    param: null,
    code: name === null || name === undefined ? null : bareName(name),
  };
}

export function toStreamError({ name, message, payload }: EventStreamFrame): ChatError {
  const told = membersOf(payload.toString('utf8'));
  const text = message ?? stringOf(told['message']) ?? stringOf(told['Message']);
  return {
    message: text ?? 'Bedrock interrupted its response. Try again.',
    type: typeOf(STREAM_STATUSES[name] ?? 500),
    param: null,
    code: name === '' ? null : name,
  };
}

const typeOf = (status: number): string => TYPES[status] ?? (status >= 500 ? 'server_error' : 'invalid_request_error');

/**
 * Returns ValidationException for `ValidationException:http://…` and `com.amazon.coral.validate#ValidationException`.
 */
const bareName = (name: string): string =>
  name
    .slice(name.lastIndexOf('#') + 1)
    .split(':', 1)[0]!
    .trim();

const stringOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

function membersOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
