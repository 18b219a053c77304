/** The errors of the admin API in its OpenAPI document (RFC 9457). */
import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiProperty, ApiPropertyOptional, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { ERROR_CATALOGUE } from './error-catalogue.js';

export class ProblemField {
  @ApiProperty({ description: 'JSON Pointer (RFC 6901) into the body, or `?name` for a query parameter.' })
  pointer: string;

  @ApiProperty({ description: 'What is wrong with it.' })
  detail: string;
}

export class Problem {
  @ApiProperty({ description: 'A URI that names the kind of problem.' }) type: string;
  @ApiProperty({ description: 'The kind of problem in words.' }) title: string;
  @ApiProperty({ description: 'The HTTP status.' }) status: number;
  @ApiProperty({ description: 'What went wrong this time, and what to do.' }) detail: string;
  @ApiProperty({ description: 'The path that was asked for.' }) instance: string;

  @ApiProperty({ description: 'Stable; programs may switch on it.', enum: Object.keys(ERROR_CATALOGUE) })
  code: string;

  @ApiProperty({ description: 'Number of the request; give it to your administrator.' }) requestId: string;

  @ApiPropertyOptional({ description: 'The fields that are wrong, if any.', type: [ProblemField] })
  errors?: ProblemField[];
}

const WHEN = {
  400: 'The request is not valid; `errors` names the fields.',
  401: 'The credential is missing or not valid.',
  403: 'The credential lacks the scope, or the role lacks the permission.',
  404: 'There is no such thing in your organisation.',
  409: 'The request conflicts with the present state.',
  503: 'Temporarily unavailable.',
} as const;

/** Documents the refusals of a handler or a controller, besides 401 and 403, which every one of them may give. */
export const ApiProblems = (...statuses: (keyof typeof WHEN)[]) =>
  applyDecorators(
    ApiExtraModels(Problem),
    ...[...new Set([401, 403, ...statuses] as const)].map((status) =>
      ApiResponse({
        status,
        description: WHEN[status],
        content: { 'application/problem+json': { schema: { $ref: getSchemaPath(Problem) } } },
      }),
    ),
  );
