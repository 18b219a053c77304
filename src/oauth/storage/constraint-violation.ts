import { QueryFailedError } from 'typeorm';

/** PostgreSQL, appendix A: foreign_key_violation. */
const FOREIGN_KEY_VIOLATION = '23503';

/** Whether a row could not be written because what it refers to is gone. */
export const refersToNothing = (error: unknown): boolean =>
  error instanceof QueryFailedError && (error.driverError as { code?: string }).code === FOREIGN_KEY_VIOLATION;
