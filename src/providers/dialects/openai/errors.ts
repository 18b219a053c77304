import type { GatewayError } from '../../../platform/errors/gateway-error.js';
import type { RenderedError, StreamPosition } from '../base/dialect.js';
import { buildErrorHeaders, encodeSseEvent } from '../base/error-headers.js';
import { isResponsesPath } from './paths.js';

/**
 * OpenAI's error types by status; every other 5xx is a `server_error`, every other status an `invalid_request_error`.
 */
const TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'insufficient_quota',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
};

/** Requirements of a vendor's SDKs for errors beyond OpenAI's `{"error": {…}}`. Every member is optional. */
export interface OpenAiErrorForm {
  /** The members of `error` are repeated at the top level; `marked`: beside `object: "error"`. */
  flat?: 'plain' | 'marked';
  /** `param` is a string, which is empty if the error names no parameter. */
  textParam?: boolean;
  /** `error.code` is the HTTP status; the header `x-gateway-error` holds the gateway's code. */
  numericCode?: boolean;
  /** The error event of a stream is a chunk with empty `choices`. */
  chunkInStream?: boolean;
}

interface OpenAiError {
  message: string;
  type: string;
  param: string | null;
  code: string | number;
}

export function renderOpenAiError(error: GatewayError, path: string, form: OpenAiErrorForm = {}): RenderedError {
  const headers = buildErrorHeaders(error, !form.numericCode);
  const isLimit = error.code === 'budget_exceeded' && isResponsesPath(path);
  const openAiError = isLimit ? createUsageLimitError(error) : toOpenAiError(error);
  const status = isLimit ? 429 : error.status;
  return { status, headers, body: JSON.stringify(applyForm(openAiError, status, form)) };
}

function applyForm(
  openAiError: OpenAiError,
  status: number,
  { flat, textParam, numericCode }: OpenAiErrorForm,
): object {
  const error = {
    ...openAiError,
    ...(textParam && { param: openAiError.param ?? '' }),
    ...(numericCode && { code: status }),
  };
  if (!flat) return { error };
  return { ...(flat === 'marked' && { object: 'error' }), ...error, error };
}

/** Renders an event of the Responses API on `responses`, and elsewhere the chunk on which OpenAI's SDKs throw. */
export function renderOpenAiStreamError(
  error: GatewayError,
  requestId: string,
  path: string,
  position?: StreamPosition,
  form: OpenAiErrorForm = {},
): Buffer {
  if (!isResponsesPath(path)) {
    const event = applyForm(toOpenAiError(error), error.status, { ...form, flat: undefined });
    return encodeSseEvent(form.chunkInStream ? { ...event, choices: [] } : event, undefined, position);
  }
  const type = 'response.failed';
  return encodeSseEvent({ type, sequence_number: 0, response: createFailedResponse(error, requestId) }, type, position);
}

export function toOpenAiError(error: GatewayError): OpenAiError {
  return { message: error.detail, type: toOpenAiErrorType(error.status), param: toParam(error), code: error.code };
}

/** Returns the error that stops Codex immediately instead of after five retries. `resets_at` is in Unix seconds. */
function createUsageLimitError(error: GatewayError): OpenAiError & { resets_at?: number; resets_in_seconds?: number } {
  const limit = { ...toOpenAiError(error), type: 'usage_limit_reached' };
  if (error.retryAfterSeconds === undefined) return limit;
  const seconds = Math.ceil(error.retryAfterSeconds);
  return { ...limit, resets_at: Math.ceil(Date.now() / 1000) + seconds, resets_in_seconds: seconds };
}

/** Contains the members that OpenAI's own types require of a response. */
function createFailedResponse(error: GatewayError, requestId: string): object {
  return {
    id: `resp_${requestId}`,
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    status: 'failed',
    error: { code: error.code, message: error.detail },
    incomplete_details: null,
    instructions: null,
    metadata: {},
    model: '',
    output: [],
    parallel_tool_calls: true,
    temperature: null,
    tool_choice: 'auto',
    tools: [],
    top_p: null,
    usage: null,
  };
}

export function toOpenAiErrorType(status: number): string {
  return TYPES[status] ?? (status >= 500 ? 'server_error' : 'invalid_request_error');
}

/** Converts a JSON Pointer to OpenAI's notation: `/messages/0/content` to `messages[0].content`. */
function toParam(error: GatewayError): string | null {
  const pointer = error.fields?.[0]?.pointer;
  return pointer === undefined
    ? null
    : pointer
        .replace(/^[/?]/, '')
        .replace(/\/(\d+)(?=\/|$)/g, '[$1]')
        .replaceAll('/', '.');
}
