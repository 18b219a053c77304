import { QueryFailedError } from 'typeorm';
import type { FieldError } from '../platform/errors/gateway-error.js';
import { conflict } from './refusals.js';

/** Unique indexes, each with the field that the API's caller would have to change. */
export type UniqueFields = Readonly<Record<string, FieldError>>;

const UNIQUE_VIOLATION = '23505'; // PostgreSQL, appendix A

/**
 * Converts a unique violation of `write` to `conflict`: a check beforehand would race. Wrap the whole transaction,
 * which is lost by then.
 */
export async function rejectUniqueViolations<T>(write: Promise<T>, fields: UniqueFields): Promise<T> {
  try {
    return await write;
  } catch (error) {
    const constraint = findViolatedIndex(error);
    const field = constraint === null ? undefined : fields[constraint];
    throw field ? conflict(field.detail, field.pointer) : error;
  }
}

/** Returns the name of the unique index that `error` comes from; null for another error. */
export function findViolatedIndex(error: unknown): string | null {
  const { code, constraint } = error instanceof QueryFailedError ? (error.driverError as DriverError) : {};
  return code === UNIQUE_VIOLATION && constraint ? constraint : null;
}

interface DriverError {
  code?: string;
  constraint?: string;
}
