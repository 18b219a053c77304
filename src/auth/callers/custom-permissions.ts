/** Permissions that a custom role may hold, and permissions of a user. */
import { PERMISSIONS, ROLE_PERMISSIONS, type Permission, type Role } from './permissions.js';

/**
 * Reserved for built-in roles. Only owners create and remove owners. A holder of `identity_provider:write` decides
 * whose tokens are trusted and can therefore act as any user but an owner: that equals all permissions of an admin.
 */
const BUILT_IN_ONLY: ReadonlySet<Permission> = new Set(['owner:write', 'identity_provider:write']);

/** Permissions that a custom role may hold, in the order of the published table. */
export const CUSTOM_PERMISSIONS: readonly Permission[] = (Object.keys(PERMISSIONS) as Permission[]).filter(
  (permission) => !BUILT_IN_ONLY.has(permission),
);

/**
 * `granted`: permission names stored for a custom role. Names that are unknown or not grantable to custom roles grant
 * nothing.
 */
export const selectCustomPermissions = (granted: readonly string[]): ReadonlySet<Permission> =>
  new Set(CUSTOM_PERMISSIONS.filter((permission) => granted.includes(permission)));

/** Permissions of a user: those of the custom role, if there is one (`granted`), else those of the built-in role. */
export const getPermissions = (role: Role, granted: readonly string[] | null): ReadonlySet<Permission> =>
  granted === null ? ROLE_PERMISSIONS[role] : selectCustomPermissions(granted);
