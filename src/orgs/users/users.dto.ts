import { ApiProperty, PartialType } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsEmail, IsIn, IsOptional, MaxLength } from 'class-validator';
import { ROLES, type Role } from '../../auth/callers/permissions.js';
import { PRINTABLE } from '../../admin-api/field-patterns.js';
import { IsId, MayBeAbsent, OneLine } from '../../admin-api/field-rules.js';
import { buildInvitationUrl, type Invitation } from './invitation.js';
import type { UserEntity } from './user.entity.js';

/**
 * The stored form. Text that is not printable is not an address and becomes one that `IsEmail` rejects, which throws at
 * a lone surrogate.
 */
export const normalizeEmail = (text: string): string => (PRINTABLE.test(text) ? text.trim().toLowerCase() : '');

export class CreateUserBody {
  /** E-mail address that the person signs in with. Stored in lower case; unique in the whole deployment. */
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? normalizeEmail(value) : value))
  @IsEmail({ require_tld: false })
  @MaxLength(254)
  email: string;

  /** Name to show. Default: the e-mail address. */
  @MayBeAbsent()
  @OneLine(200)
  name?: string;

  /** What the person may do in the admin API. Default: `member`. You cannot grant a role above your own. */
  @MayBeAbsent()
  @IsIn(ROLES)
  role?: Role;

  /**
   * Id of a custom role, which applies in place of `role`; `role` is then `member`, and setting `role` removes the
   * custom role. You cannot grant permissions that you do not hold.
   */
  @IsOptional()
  @IsId()
  customRoleId?: string | null;
}

/** A new e-mail address counts as unconfirmed and ends a pending invitation. */
export class UpdateUserBody extends PartialType(CreateUserBody, { skipNullProperties: false }) {}

export class UserView {
  /** Id of the user. */
  id: string;

  /** E-mail address, in lower case. */
  email: string;

  /** Name to show. */
  name: string;

  /** What the person may do in the admin API. With a custom role: `member`. */
  @ApiProperty({ enum: ROLES })
  role: Role;

  /** Id of the custom role that applies in place of `role`; null: `role` applies. */
  @ApiProperty({ type: 'string', format: 'uuid', nullable: true })
  customRoleId: string | null;

  /** Whether the user is disabled. All credentials of a disabled user are refused. */
  isDisabled: boolean;

  /** Whether a password was set. */
  hasPassword: boolean;

  /** When the e-mail address was confirmed; null: never. */
  emailVerifiedAt: Date | null;

  /** Until when the pending invitation link can be used; null: none is pending. */
  invitationExpiresAt: Date | null;

  /** When the user was created. */
  createdAt: Date;

  /** When the user was last changed. */
  updatedAt: Date;
}

export class UserCreated extends UserView {
  /** Link with which the person sets a password. Shown only once, valid for 7 days; no mail is sent. */
  invitationUrl: string;
}

export const toUserView = (user: UserEntity): UserView => ({
  id: user.id,
  email: user.email,
  name: user.name,
  role: user.role as Role,
  customRoleId: user.customRoleId,
  isDisabled: user.isDisabled,
  hasPassword: user.passwordHash !== null,
  emailVerifiedAt: user.emailVerifiedAt,
  invitationExpiresAt: user.invitationExpiresAt,
  createdAt: user.createdAt,
  updatedAt: user.updatedAt,
});

/** The user in the audit log: the fields of the API, and their id in the directory. */
export const toUserRecord = (user: UserEntity): object => ({
  ...toUserView(user),
  ...(user.externalId ? { externalId: user.externalId } : {}),
});

export const toUserCreated = (user: UserEntity, publicUrl: string, invitation: Invitation): UserCreated => ({
  ...toUserView(user),
  invitationUrl: buildInvitationUrl(publicUrl, invitation),
});
