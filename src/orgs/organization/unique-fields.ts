/** The unique indexes of this module, and the conflict that each reports. */
import { rejectUniqueViolations, type UniqueFields } from '../../admin-api/unique-violation.js';

const UNIQUE_FIELDS: UniqueFields = {
  organization_slug_key: { pointer: '/slug', detail: 'This slug is taken. Choose another one.' },
  app_user_email_key: {
    pointer: '/email',
    detail: 'A user with this e-mail address already exists. Use another address.',
  },
  app_user_external_id_key: { pointer: '/externalId', detail: 'Another user has this externalId already.' },
  team_external_id_key: { pointer: '/externalId', detail: 'Another team has this externalId already.' },
  team_organization_id_name_key: {
    pointer: '/name',
    detail: 'A team with this name already exists. Choose another name.',
  },
  custom_role_organization_id_name_key: {
    pointer: '/name',
    detail: 'A custom role with this name already exists. Choose another name.',
  },
  team_member_pkey: { pointer: '/userId', detail: 'This user is in the team already. Change the role with PATCH.' },
  llm_proxy_organization_id_name_key: {
    pointer: '/name',
    detail: 'An LLM proxy with this name already exists. Choose another name.',
  },
};

/**
 * Converts a violation of a unique index of this module to `conflict`. Wrap the whole transaction, which is lost by
 * then.
 */
export const rejectDuplicates = <T>(write: Promise<T>): Promise<T> => rejectUniqueViolations(write, UNIQUE_FIELDS);
