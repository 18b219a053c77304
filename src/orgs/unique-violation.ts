import { QueryFailedError } from 'typeorm';
import type { FieldError } from '../platform/errors/gateway-error.js';
import { conflict } from './refusals.js';

/** Unique indexes, each with the field that the API's caller would have to change. */
export type UniqueFields = Readonly<Record<string, FieldError>>;

/** The indexes of this module. */
const FIELDS: UniqueFields = {
  organisation_slug_key: { pointer: '/slug', detail: 'This slug is taken. Choose another one.' },
  app_user_email_key: {
    pointer: '/email',
    detail: 'A user with this e-mail address exists already. Use another address.',
  },
  app_user_external_id_key: { pointer: '/externalId', detail: 'Another user has this externalId already.' },
  team_external_id_key: { pointer: '/externalId', detail: 'Another team has this externalId already.' },
  team_organisation_id_name_key: {
    pointer: '/name',
    detail: 'A team of this name exists already. Choose another name.',
  },
  custom_role_organisation_id_name_key: {
    pointer: '/name',
    detail: 'A custom role of this name exists already. Choose another name.',
  },
  team_member_pkey: { pointer: '/userId', detail: 'This user is in the team already. Change the role with PATCH.' },
  llm_proxy_organisation_id_name_key: {
    pointer: '/name',
    detail: 'An LLM proxy of this name exists already. Choose another name.',
  },
};
const UNIQUE_VIOLATION = '23505'; // PostgreSQL, appendix A

/**
 * Converts a unique violation of `write` to `conflict`: a check beforehand would race. Wrap the whole transaction,
 * which is lost by then.
 */
export async function refusingDuplicates<T>(write: Promise<T>, fields = FIELDS): Promise<T> {
  try {
    return await write;
  } catch (error) {
    const constraint = violatedUnique(error);
    const field = constraint === null ? undefined : fields[constraint];
    throw field ? conflict(field.detail, field.pointer) : error;
  }
}

/** Returns the name of the unique index that `error` comes from; null for another error. */
export function violatedUnique(error: unknown): string | null {
  const { code, constraint } = error instanceof QueryFailedError ? (error.driverError as DriverError) : {};
  return code === UNIQUE_VIOLATION && constraint ? constraint : null;
}

interface DriverError {
  code?: string;
  constraint?: string;
}
