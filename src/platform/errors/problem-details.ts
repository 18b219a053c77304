import type { FieldError, GatewayError } from './gateway-error.js';

/** RFC 9457 §3, with our stable `code`, the request id, and the fields that are wrong. */
export interface ProblemDetails {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  code: string;
  requestId: string;
  errors?: readonly FieldError[];
}

/** `rawUrl` is named without its query, which may hold what nobody should read. */
export function problemDetails(error: GatewayError, rawUrl: string, requestId: string): ProblemDetails {
  return {
    type: 'about:blank',
    title: error.title,
    status: error.status,
    detail: error.detail,
    instance: rawUrl.split('?', 1)[0]!,
    code: error.code,
    requestId,
    ...(error.fields ? { errors: error.fields } : {}),
  };
}
