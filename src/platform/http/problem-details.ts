import { maskCredentials } from '../logging/mask-credentials.js';
import { getTargetPath } from '../http/request-target.js';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ERROR_CATALOGUE } from '../errors/error-catalogue.js';
import type { FieldError, GatewayError } from '../errors/gateway-error.js';

export class ProblemField {
  @ApiProperty({ description: 'JSON Pointer (RFC 6901) into the body, or `?name` for a query parameter.' })
  pointer: string;

  @ApiProperty({ description: 'What is wrong with it.' })
  detail: string;
}

/** RFC 9457 §3, with the stable `code`, the request id, and the invalid fields. */
export class ProblemDetails {
  @ApiProperty({ description: 'A URI that names the kind of problem: `about:blank`, as `code` tells it.' })
  type: string;

  @ApiProperty({ description: 'The kind of problem in words.' })
  title: string;

  @ApiProperty({ description: 'The HTTP status.', type: 'integer' })
  status: number;

  @ApiProperty({ description: 'What went wrong this time, and what to do.' })
  detail: string;

  @ApiProperty({ description: 'The path that was asked for, without its query.' })
  instance: string;

  @ApiProperty({
    description: 'Stable; programs may switch on it. The LLM routes use the same codes.',
    enum: Object.keys(ERROR_CATALOGUE),
  })
  code: string;

  @ApiProperty({ description: 'Number of the request; give it to your administrator.', format: 'uuid' })
  requestId: string;

  @ApiPropertyOptional({ description: 'The fields that are wrong, if any.', type: [ProblemField] })
  errors?: readonly FieldError[];
}

/** `instance` is the path of `rawUrl` without its query, which may contain secrets. */
export function toProblemDetails(error: GatewayError, rawUrl: string, requestId: string): ProblemDetails {
  return {
    type: 'about:blank',
    title: error.title,
    status: error.status,
    detail: error.detail,
    instance: maskCredentials(getTargetPath(rawUrl)),
    code: error.code,
    requestId,
    ...(error.fields ? { errors: error.fields } : {}),
  };
}
