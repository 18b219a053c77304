/**
 * Lists of logs, which grow at their head while they are read: `limit` and `cursor` in, `{data, nextCursor}` out.
 */
import { applyDecorators, type Type as ClassOf } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { IsOptional, IsString, Length } from 'class-validator';
import { isUuid } from '../platform/ids.js';
import { LimitQuery } from './page.js';
import { validationError } from './refusals.js';

export class CursorQuery extends LimitQuery {
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

/** Where a page ended. Rows are ordered by instant, then by id, both descending. The row may have been deleted since. */
export interface CursorPosition {
  at: Date;
  id: string;
}

/** Builds the page from up to `limit + 1` rows: the extra row shows that another page follows. */
export async function toCursorPage<Row, View>(
  rows: readonly Row[],
  { limit }: LimitQuery,
  toPosition: (row: Row) => CursorPosition,
  toViews: (rows: Row[]) => View[] | Promise<View[]>,
): Promise<CursorPage<View>> {
  const page = rows.slice(0, limit);
  return {
    data: await toViews(page),
    nextCursor: rows.length > limit ? formatCursor(toPosition(page.at(-1)!)) : null,
  };
}

const formatCursor = ({ at, id }: CursorPosition): string => Buffer.from(`${at.getTime()}.${id}`).toString('base64url');

const POSITION = /^(\d{1,15})\.(.+)$/s;

/**
 * Returns the position in a cursor; null without a cursor. Throws `validation_failed` for one that the gateway did not
 * issue: one whose id `isId` does not accept.
 */
export function parseCursor(cursor: string | undefined, isId: (id: string) => boolean = isUuid): CursorPosition | null {
  if (cursor === undefined) return null;
  const [, milliseconds, id] = POSITION.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (milliseconds !== undefined && id !== undefined && isId(id)) return { at: new Date(Number(milliseconds)), id };
  const detail = 'This is not a cursor of this list. Send the nextCursor of the previous page unchanged.';
  throw validationError({ pointer: '?cursor', detail });
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
