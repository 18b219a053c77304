/** Who may do what to whom, beyond the table of permissions. Pure. */
import type { Caller } from '../auth/caller.js';
import { ROLE_PERMISSIONS, type Permission, type Role } from '../auth/permissions.js';
import { denied } from './refusals.js';

/** A role, built in or of the organisation's own: what it is called, and what it gives. */
export interface NamedRole {
  name: string;
  permissions: ReadonlySet<Permission>;
}

export const builtIn = (role: string): NamedRole => ({ name: role, permissions: ROLE_PERMISSIONS[role as Role] });

/** Whether the caller holds everything that `role` gives: nobody rules over, or raises others to, more than they are. */
const covers = (caller: Caller, { permissions }: NamedRole): boolean =>
  [...permissions].every((permission) => caller.permissions.has(permission));

/** Throws `permission_denied` unless the caller may change somebody who holds `role`. */
export function requireAuthorityOver(caller: Caller, role: NamedRole): void {
  if (covers(caller, role)) return;
  throw denied(
    `This user's role (${role.name}) is above your own. Ask an owner of your organisation to make the change.`,
  );
}

/** Throws `permission_denied` unless the caller may make somebody a `role`, or make it what it is. */
export function requireMayGrant(caller: Caller, role: NamedRole): void {
  if (!covers(caller, role))
    throw denied(`The role ${role.name} is above your own. Ask an owner of your organisation to grant it.`);
}

/** Whether the step from one role to the other takes any permission away. */
export const isLowered = (from: NamedRole, to: NamedRole): boolean =>
  [...from.permissions].some((permission) => !to.permissions.has(permission));
