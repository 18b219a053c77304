/**
 * Position at which a page of records ended. Opaque to callers; its record may have been deleted by the next request.
 */
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { isUuid } from '../../platform/ids.js';

/** Records are ordered by instant, then by id. */
export interface Position {
  createdAt: Date;
  id: string;
}

const POSITION = /^(\d{1,15})\.(.{36})$/;

export const formatCursor = ({ createdAt, id }: Position): string =>
  Buffer.from(`${createdAt.getTime()}.${id}`).toString('base64url');

/** Throws `validation_failed`. */
export function parseCursor(cursor: string): Position {
  const [, milliseconds, id] = POSITION.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  if (milliseconds !== undefined && id !== undefined && isUuid(id))
    return { createdAt: new Date(Number(milliseconds)), id };
  const detail = 'This is not a cursor of this list. Send the nextCursor of the previous page unchanged.';
  throw new GatewayError('validation_failed', detail, { fields: [{ pointer: '?cursor', detail }] });
}
