import { QueryFailedError } from 'typeorm';

/** PostgreSQL, appendix A: foreign_key_violation. */
const FOREIGN_KEY_VIOLATION = '23503';

/** Whether a row could not be written because a row that it references does not exist. */
export const isForeignKeyViolation = (error: unknown): boolean =>
  error instanceof QueryFailedError && (error.driverError as { code?: string }).code === FOREIGN_KEY_VIOLATION;
