import { ApiProperty, PartialType } from '@nestjs/swagger';
import { ArrayUnique, IsArray, IsIn, IsOptional, Matches } from 'class-validator';
import { CUSTOM_PERMISSIONS } from '../../auth/callers/custom-permissions.js';
import { ROLES, type Permission } from '../../auth/callers/permissions.js';
import type { CustomRoleEntity } from '../users/custom-role.entity.js';
import { OneLine } from '../../admin-api/field-rules.js';

const BUILT_IN_NAME = new RegExp(`^(?!(${ROLES.join('|')})$)`, 'i');

export class CreateRoleBody {
  /** Name of the role, unique in the organization and different from the built-in roles. */
  @OneLine(100)
  @Matches(BUILT_IN_NAME, { message: 'name must not be the name of a built-in role' })
  name: string;

  /** What the role is for. */
  @IsOptional()
  @OneLine(500)
  description?: string | null;

  /**
   * What people who have the role may do in the admin API, and nothing else. You can only grant permissions that you
   * hold yourself.
   */
  @IsArray()
  @ArrayUnique()
  @IsIn(CUSTOM_PERMISSIONS, { each: true })
  @ApiProperty({ enum: CUSTOM_PERMISSIONS, isArray: true })
  permissions: Permission[];
}

export class UpdateRoleBody extends PartialType(CreateRoleBody, { skipNullProperties: false }) {}

export class RoleView {
  /** Id of the role: the `customRoleId` of its users. */
  id: string;

  /** Name of the role. */
  name: string;

  /** What the role is for. */
  description: string | null;

  /** What people who have the role may do in the admin API. */
  @ApiProperty({ enum: CUSTOM_PERMISSIONS, isArray: true })
  permissions: Permission[];

  /** When the role was created. */
  createdAt: Date;

  /** When the role was last changed. */
  updatedAt: Date;
}

export const toRoleView = ({
  id,
  name,
  description,
  permissions,
  createdAt,
  updatedAt,
}: CustomRoleEntity): RoleView => ({
  id,
  name,
  description,
  permissions: permissions as Permission[],
  createdAt,
  updatedAt,
});
