/** Who may do what to whom, beyond the table of permissions. Pure. */
import type { Caller } from '../auth/caller.js';
import { ROLE_PERMISSIONS, type Role } from '../auth/permissions.js';
import { denied } from './refusals.js';

/** Whether the caller holds everything that `role` gives: nobody rules over, or raises others to, more than they are. */
const covers = (caller: Caller, role: string): boolean =>
  [...ROLE_PERMISSIONS[role as Role]].every((permission) => caller.permissions.has(permission));

/** Throws `permission_denied` unless the caller may change somebody who holds `role`. */
export function requireAuthorityOver(caller: Caller, role: string): void {
  if (covers(caller, role)) return;
  throw denied(`This user's role (${role}) is above your own. Ask an owner of your organisation to make the change.`);
}

/** Throws `permission_denied` unless the caller may make somebody a `role`. */
export function requireMayGrant(caller: Caller, role: string): void {
  if (!covers(caller, role))
    throw denied(`The role ${role} is above your own. Ask an owner of your organisation to grant it.`);
}

/** Whether the step from one role to the other takes any permission away. */
export const isLowered = (from: string, to: string): boolean =>
  [...ROLE_PERMISSIONS[from as Role]].some((permission) => !ROLE_PERMISSIONS[to as Role].has(permission));
