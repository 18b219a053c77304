/** The errors of the admin API in its OpenAPI document (RFC 9457). */
import { applyDecorators } from '@nestjs/common';
import { ApiResponse, getSchemaPath, type ApiResponseNoStatusOptions } from '@nestjs/swagger';
import { ProblemDetails } from './problem-details.js';

const MEANINGS = {
  400: 'The request is not valid; `errors` names the fields. Codes: `validation_failed`, `invalid_body`, `bad_request`, `credential_conflict`.',
  401: 'The credential is missing or not valid. Codes: `credential_missing`, `credential_invalid`, `credential_expired`, `method_not_accepted`.',
  403: 'The credential lacks the scope, or the role lacks the permission. Codes: `insufficient_scope`, `permission_denied`.',
  404: 'There is no such thing in your organisation. Code: `not_found`.',
  409: 'The request conflicts with the present state. Code: `conflict`.',
  413: 'The body is larger than 1 MiB. Code: `body_too_large`.',
  415: 'The body is not `application/json`. Code: `unsupported_media_type`.',
  429: 'Too many failed credentials from your address. Code: `too_many_failures`.',
  503: 'Try again soon. Codes: `temporarily_unavailable`, `shutting_down`.',
} as const;

export type ProblemStatus = keyof typeof MEANINGS;

/** What tells when to try again (RFC 9110 §10.2.3). */
const RETRY_AFTER = { description: 'Seconds to wait before the next try.', schema: { type: 'integer' as const } };

export const problemResponse = (status: ProblemStatus): ApiResponseNoStatusOptions & { description: string } => ({
  description: MEANINGS[status],
  ...(status === 429 || status === 503 ? { headers: { 'Retry-After': RETRY_AFTER } } : {}),
  content: { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemDetails) } } },
});

/**
 * Documents the refusals of a handler that its shape does not tell: 409, and 404 where no id stands in the path. All
 * others are written into the document by rule (`openapi-document.ts`).
 */
export const ApiProblems = (...statuses: ProblemStatus[]) =>
  applyDecorators(...statuses.map((status) => ApiResponse({ status, ...problemResponse(status) })));
