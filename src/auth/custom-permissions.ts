/** What a custom role may hold, and what a user may do by it. */
import { PERMISSIONS, ROLE_PERMISSIONS, type Permission, type Role } from './permissions.js';

/**
 * Kept to built-in roles. Owners are made and unmade by owners alone; and whoever says whose tokens are believed can
 * come in as anybody but an owner, so that this permission is as much as an admin's all together.
 */
const BUILT_IN_ONLY: ReadonlySet<Permission> = new Set(['owner:write', 'identity_provider:write']);

/** What a custom role may hold, in the order of the published table. */
export const CUSTOM_PERMISSIONS: readonly Permission[] = (Object.keys(PERMISSIONS) as Permission[]).filter(
  (permission) => !BUILT_IN_ONLY.has(permission),
);

/** `held`: what is stored for a custom role. Names that are not, or no longer, to be had give nothing. */
export const customPermissions = (held: readonly string[]): ReadonlySet<Permission> =>
  new Set(CUSTOM_PERMISSIONS.filter((permission) => held.includes(permission)));

/** What a user may do: by the custom role, where there is one (`held`), else by the built-in one. */
export const permissionsOf = (role: Role, held: readonly string[] | null): ReadonlySet<Permission> =>
  held === null ? ROLE_PERMISSIONS[role] : customPermissions(held);
