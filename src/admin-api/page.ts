/** Lists of the admin API: `limit` and `offset` in, `{data, pagination}` out. `cursor-page.ts` has those of logs. */
import { applyDecorators, type Type as ClassOf } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator';

// The largest offset sent to PostgreSQL: far beyond any list, and small enough for its integers.
const MAX_OFFSET = 2_147_483_647;

/** The number of rows, of every list. */
export class LimitQuery {
  /** Rows per page. */
  @ApiPropertyOptional({ description: 'Rows per page.', type: 'integer', minimum: 1, maximum: 100, default: 20 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 20;
}

export class PageQuery extends LimitQuery {
  @ApiPropertyOptional({ description: 'Rows to skip.', type: 'integer', minimum: 0, default: 0 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(MAX_OFFSET)
  offset: number = 0;

  @ApiPropertyOptional({
    description: 'Only rows whose name (or e-mail address) contains this text, in any case.',
    maxLength: 200,
  })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  @Matches(/^[^\0]*$/, { message: 'search must not hold a NUL character' })
  search?: string;
}

export class Pagination {
  @ApiProperty({ description: 'Number of this page, from 1.', type: 'integer' }) currentPage: number;
  @ApiProperty({ description: 'Rows per page.', type: 'integer' }) limit: number;
  @ApiProperty({ description: 'Rows in all.', type: 'integer' }) total: number;
  @ApiProperty({ description: 'Pages in all, at least 1.', type: 'integer' }) totalPages: number;
  @ApiProperty({ description: 'Whether a page follows.' }) hasNext: boolean;
  @ApiProperty({ description: 'Whether a page precedes.' }) hasPrev: boolean;
}

export interface Page<T> {
  data: T[];
  pagination: Pagination;
}

export function toPage<T>(data: T[], total: number, query: { limit: number; offset: number }): Page<T> {
  return {
    data,
    pagination: {
      currentPage: Math.floor(query.offset / query.limit) + 1,
      limit: query.limit,
      total,
      totalPages: Math.max(1, Math.ceil(total / query.limit)),
      hasNext: query.offset + data.length < total,
      hasPrev: query.offset > 0,
    },
  };
}

/** Documents the 200 response of a list: one page of `View`. */
export const ApiPageOf = (view: ClassOf<unknown>) =>
  applyDecorators(
    ApiExtraModels(view, Pagination),
    ApiOkResponse({
      description: 'One page.',
      schema: {
        type: 'object',
        required: ['data', 'pagination'],
        properties: {
          data: { type: 'array', items: { $ref: getSchemaPath(view) }, description: 'The rows.' },
          pagination: {
            allOf: [{ $ref: getSchemaPath(Pagination) }],
            description: 'Position of this page in the list.',
          },
        },
      },
    }),
  );
