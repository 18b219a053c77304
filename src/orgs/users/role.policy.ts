/** Rules for changes of other users, beyond the table of permissions. Pure. */
import type { Caller } from '../../auth/callers/caller.js';
import { ROLE_PERMISSIONS, type Permission, type Role } from '../../auth/callers/permissions.js';
import { denied } from '../../admin-api/refusals.js';

/** A built-in or custom role: its name and its permissions. */
export interface NamedRole {
  name: string;
  permissions: ReadonlySet<Permission>;
}

export const toBuiltInRole = (role: string): NamedRole => ({ name: role, permissions: ROLE_PERMISSIONS[role as Role] });

/**
 * Whether the caller holds every permission of `role`: a user can neither change nor promote others above their own
 * role.
 */
const covers = (caller: Caller, { permissions }: NamedRole): boolean =>
  [...permissions].every((permission) => caller.permissions.has(permission));

/** Throws `permission_denied` unless the caller may change a user who holds `role`. */
export function requireAuthorityOver(caller: Caller, role: NamedRole): void {
  if (covers(caller, role)) return;
  throw denied(
    `This user's role (${role.name}) is above your own. Ask an owner of your organization to make the change.`,
  );
}

/** Throws `permission_denied` unless the caller may grant `role`, or define it. */
export function requireMayGrant(caller: Caller, role: NamedRole): void {
  if (!covers(caller, role))
    throw denied(`The role ${role.name} is above your own. Ask an owner of your organization to grant it.`);
}

/** Whether the change from one role to the other takes any permission away. */
export const isLowered = (before: NamedRole, after: NamedRole): boolean =>
  [...before.permissions].some((permission) => !after.permissions.has(permission));
