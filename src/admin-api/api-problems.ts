/** The errors of the admin API in its OpenAPI document (RFC 9457). */
import { applyDecorators } from '@nestjs/common';
import { ApiResponse, getSchemaPath, type ApiResponseNoStatusOptions } from '@nestjs/swagger';
import { ERROR_CATALOG, type ErrorCode } from '../platform/errors/error-catalog.js';
import { buildProblemType, ProblemDetails } from '../platform/http/problem-details.js';

/** Meaning of each status in the admin API, with its codes, the most usual one first. */
const MEANINGS = {
  400: {
    text: 'The request is not valid; `errors` names the fields.',
    codes: ['validation_failed', 'invalid_body', 'bad_request', 'credential_conflict'],
  },
  401: {
    text: 'The credential is missing or not valid.',
    codes: ['credential_invalid', 'credential_missing', 'credential_expired', 'method_not_accepted'],
  },
  403: {
    text: 'The credential lacks the scope, or the role lacks the permission.',
    codes: ['permission_denied', 'insufficient_scope'],
  },
  404: { text: 'Your organization has no such object.', codes: ['not_found'] },
  409: { text: 'The request conflicts with the present state.', codes: ['conflict'] },
  413: { text: 'The body is larger than 1 MiB.', codes: ['body_too_large'] },
  415: { text: 'The body is not `application/json`.', codes: ['unsupported_media_type'] },
  429: { text: 'Too many failed credentials came from your address.', codes: ['too_many_failures'] },
  503: { text: 'Try again soon.', codes: ['temporarily_unavailable', 'shutting_down'] },
} as const satisfies Record<number, { text: string; codes: readonly [ErrorCode, ...ErrorCode[]] }>;

export type ProblemStatus = keyof typeof MEANINGS;

/** The header that says when to try again (RFC 9110 §10.2.3). */
const RETRY_AFTER = { description: 'Seconds to wait before the next try.', schema: { type: 'integer' as const } };

export const isProblemStatus = (status: number): status is ProblemStatus => Object.hasOwn(MEANINGS, status);

export function buildProblemResponse(
  status: ProblemStatus,
  publicUrl: string,
): ApiResponseNoStatusOptions & { description: string } {
  const { text, codes } = MEANINGS[status];
  const schema = { $ref: getSchemaPath(ProblemDetails) };
  return {
    description: `${text} ${codes.map((code) => `\`${code}\``).join(', ')}`,
    ...(status === 429 || status === 503 ? { headers: { 'Retry-After': RETRY_AFTER } } : {}),
    content: { 'application/problem+json': { schema, example: buildExample(codes[0], publicUrl) } },
  };
}

/** Short example, with the members that every problem has. */
function buildExample(code: ErrorCode, publicUrl: string): Partial<ProblemDetails> {
  const { status, title } = ERROR_CATALOG[code];
  const type = buildProblemType(publicUrl, code);
  return { type, title, status, code, requestId: '01a20968-b3e6-772f-9e8f-955e7adb0294' };
}

/**
 * Declares error responses that do not follow from the signature of a handler: 409, and 404 for paths without an id.
 * The OpenAPI document completes them, and adds all others by rule.
 */
export const ApiProblems = (...statuses: ProblemStatus[]) =>
  applyDecorators(...statuses.map((status) => ApiResponse({ status, description: MEANINGS[status].text })));
