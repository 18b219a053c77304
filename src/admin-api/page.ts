/**
 * Lists of the admin API: `limit` and `offset` in, `{data, pagination}` out. Logs, which grow at their head while they
 * are read, page by cursor instead: `{data, nextCursor}`.
 */
import { applyDecorators, type Type as ClassOf } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator';
import { GatewayError } from '../platform/errors/gateway-error.js';
import { isUuid } from '../platform/ids.js';

// The largest offset sent to PostgreSQL: far beyond any list, and small enough for its integers.
const MAX_OFFSET = 2_147_483_647;

export class PageQuery {
  /** Rows per page. */
  @ApiPropertyOptional({ description: 'Rows per page.', type: 'integer', minimum: 1, maximum: 100, default: 20 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 20;

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

/** LIKE pattern that finds `text` anywhere and treats its wildcards literally. */
export const toLikePattern = (text: string): string => `%${text.replace(/[\\%_]/g, (c) => `\\${c}`)}%`;

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

export const INSTANT =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** An instant as text, with its offset from UTC (RFC 3339); `new Date(text)` reads every value that passes. */
export const IsInstant = () =>
  applyDecorators(
    Matches(INSTANT, { message: '$property must be an instant such as 2030-01-31T12:00:00Z (RFC 3339)' }),
    ApiProperty({ format: 'date-time' }),
  );

export class CursorQuery {
  @ApiPropertyOptional({ description: 'Rows per page.', type: 'integer', minimum: 1, maximum: 100, default: 20 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 20;

  @ApiPropertyOptional({ description: 'The `nextCursor` of the page before; absent for the newest rows.' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  cursor?: string;
}

export interface CursorPage<T> {
  data: T[];
  /** Value of `cursor` for the next page; null on the last page. */
  nextCursor: string | null;
}

/** Builds the page from up to `limit + 1` rows: the extra row shows that another page follows. */
export function toCursorPage<T extends { id: string }>(rows: T[], limit: number): CursorPage<T> {
  const data = rows.slice(0, limit);
  const nextCursor = rows.length > limit ? Buffer.from(data.at(-1)!.id).toString('base64url') : null;
  return { data, nextCursor };
}

/** Decodes a cursor to the id in it. Throws `validation_failed`. */
export function decodeCursor(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString('latin1');
  if (isUuid(id)) return id;
  const detail = 'This is not a cursor of this list. Send the nextCursor of the previous page unchanged.';
  throw new GatewayError('validation_failed', detail, { fields: [{ pointer: '?cursor', detail }] });
}

/** Documents the 200 response of a log: one page of `View`, newest first. */
export const ApiCursorPageOf = (view: ClassOf<unknown>) =>
  applyDecorators(
    ApiExtraModels(view),
    ApiOkResponse({
      description: 'One page, newest first.',
      schema: {
        type: 'object',
        required: ['data', 'nextCursor'],
        properties: {
          data: { type: 'array', items: { $ref: getSchemaPath(view) }, description: 'The rows.' },
          nextCursor: {
            type: 'string',
            nullable: true,
            description: 'Send it as `cursor` for the next page; null at the end.',
          },
        },
      },
    }),
  );
