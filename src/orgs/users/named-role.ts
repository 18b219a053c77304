/**
 * The role that a user has, and the one that a change requests. A built-in role and a custom one replace each other.
 */
import type { EntityManager } from 'typeorm';
import { selectCustomPermissions } from '../../auth/callers/custom-permissions.js';
import type { Role } from '../../auth/callers/permissions.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { CustomRoleEntity } from './custom-role.entity.js';
import { unknownReference, validationError } from '../../admin-api/refusals.js';
import { toBuiltInRole, type NamedRole } from './role.policy.js';
import type { UserEntity } from './user.entity.js';

/** Stored form: with a custom role, `role` is `member`. */
export type UserRole = Pick<UserEntity, 'role' | 'customRoleId'>;

/** The role in a body. A null custom role means none. */
export interface RoleChange {
  role?: Role;
  customRoleId?: string | null;
}

/**
 * Returns the role that a user of the organization has, or would have. Throws `validation_failed` for an unknown custom
 * role.
 */
export async function loadNamedRole(
  manager: EntityManager,
  organizationId: string,
  { role, customRoleId }: UserRole,
): Promise<NamedRole> {
  if (customRoleId === null) return toBuiltInRole(role);
  const custom = await manager.findOneBy(CustomRoleEntity, { id: customRoleId, organizationId });
  if (!custom) throw unknownReference('custom role', ['/customRoleId']);
  return toNamedRole(custom);
}

export const toNamedRole = ({ name, permissions }: Pick<CustomRoleEntity, 'name' | 'permissions'>): NamedRole => ({
  name,
  permissions: selectCustomPermissions(permissions),
});

/** Returns the role after a change. Throws `validation_failed` when it names two. */
export function applyRoleChange(present: UserRole, { role, customRoleId }: RoleChange): UserRole {
  if (customRoleId === undefined) return role === undefined ? present : { role, customRoleId: null };
  if (customRoleId === null) return { role: role ?? present.role, customRoleId: null };
  if (role !== undefined && role !== 'member') throw twoRoles(role);
  return { role: 'member', customRoleId };
}

function twoRoles(role: Role): GatewayError {
  const detail = `A user with a custom role cannot also have a built-in role. Leave out ${role}, or the custom role.`;
  return validationError({ pointer: '/role', detail });
}
