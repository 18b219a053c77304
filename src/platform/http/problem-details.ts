import { maskCredentials } from '../logging/mask-credentials.js';
import { getTargetPath } from '../http/request-target.js';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ERROR_CATALOG, type ErrorCode } from '../errors/error-catalog.js';
import type { FieldError, GatewayError } from '../errors/gateway-error.js';

export class ProblemField {
  @ApiProperty({ description: 'JSON Pointer (RFC 6901) into the body, or `?name` for a query parameter.' })
  pointer: string;

  @ApiProperty({ description: 'Description of the problem.' })
  detail: string;
}

/** RFC 9457 §3, with the stable `code`, the request id, and the invalid fields. */
export class ProblemDetails {
  @ApiProperty({ description: 'The address of the page that explains the code.' })
  type: string;

  @ApiProperty({ description: 'The kind of problem in words.' })
  title: string;

  @ApiProperty({ description: 'The HTTP status.', type: 'integer' })
  status: number;

  @ApiProperty({ description: 'The cause of this problem, and what to do.' })
  detail: string;

  @ApiProperty({ description: 'The path of the request, without its query.' })
  instance: string;

  @ApiProperty({
    description: 'Stable; programs may switch on it. The LLM routes use the same codes.',
    enum: Object.keys(ERROR_CATALOG),
  })
  code: string;

  @ApiProperty({ description: 'Id of the request; give it to your administrator.', format: 'uuid' })
  requestId: string;

  @ApiPropertyOptional({ description: 'The fields that are wrong, if any.', type: [ProblemField] })
  errors?: readonly FieldError[];
}

/** Path of the pages that explain the error codes. */
export const ERROR_PAGES_PATH = '/api/docs/errors';

/** Returns the `type` of problems with this code: the address of its page. */
export const buildProblemType = (publicUrl: string, code: ErrorCode): string =>
  `${publicUrl}${ERROR_PAGES_PATH}/${code}`;

export interface ProblemContext {
  publicUrl: string;
  /** Target of the request. */
  rawUrl: string;
  requestId: string;
}

/** `instance` is the path of the request without its query, which may contain secrets. */
export function toProblemDetails(
  error: GatewayError,
  { publicUrl, rawUrl, requestId }: ProblemContext,
): ProblemDetails {
  return {
    type: buildProblemType(publicUrl, error.code),
    title: error.title,
    status: error.status,
    detail: error.detail,
    instance: maskCredentials(getTargetPath(rawUrl)),
    code: error.code,
    requestId,
    ...(error.fields ? { errors: error.fields } : {}),
  };
}
