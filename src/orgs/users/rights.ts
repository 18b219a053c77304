/** A user's permissions in the admin API, for queries of other modules that find a user. */
import { authTag } from '../../auth/callers/caller.js';
import { getPermissions } from '../../auth/callers/custom-permissions.js';
import type { Permission, Role } from '../../auth/callers/permissions.js';

/** SQL: the columns of the user `u` that `toUserRights` reads. */
export const RIGHTS_COLUMNS = `u.role, u.custom_role_id AS "customRoleId",
         (SELECT r.permissions FROM custom_role r WHERE r.id = u.custom_role_id) AS "customPermissions"`;

export interface RightsRow {
  role: Role;
  customRoleId: string | null;
  /** As stored; null: the user has no custom role. */
  customPermissions: readonly string[] | null;
}

/** `tags`: auth events that change these rights, besides those of the user. */
export interface UserRights {
  readonly permissions: ReadonlySet<Permission>;
  readonly tags: readonly string[];
}

export const toUserRights = ({ role, customRoleId, customPermissions }: RightsRow): UserRights => ({
  permissions: getPermissions(role, customPermissions),
  tags: customRoleId === null ? [] : [authTag.customRole(customRoleId)],
});
