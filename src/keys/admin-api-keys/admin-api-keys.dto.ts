import { ApiProperty } from '@nestjs/swagger';
import { ArrayMinSize, ArrayUnique, IsArray, IsIn, IsOptional } from 'class-validator';
import { ADMIN_SCOPES, type AdminScope } from '../../auth/callers/permissions.js';
import { IsInstant, MayBeAbsent, OneLine } from '../../admin-api/field-rules.js';
import type { AdminApiKeyEntity } from './admin-api-key.entity.js';

export class CreateAdminApiKeyBody {
  /** What the key is for. */
  @OneLine(100)
  name: string;

  /** `admin:read` allows reading, `admin:write` also changes, within your role. Default: `admin:read` alone. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(ADMIN_SCOPES, { each: true })
  @ApiProperty({ enum: ADMIN_SCOPES, isArray: true })
  scopes?: AdminScope[];

  /** When the key expires (RFC 3339, in the future). Null or absent: never. */
  @IsOptional()
  @IsInstant()
  expiresAt?: string | null;
}

export class AdminApiKeyView {
  /** Id of the key. */
  id: string;

  /** The user that the key acts as. */
  userId: string;

  /** What the key is for. */
  name: string;

  /** Beginning of the key, to recognize it by. */
  tokenStart: string;

  /** What the key allows, within its user's role. */
  @ApiProperty({ enum: ADMIN_SCOPES, isArray: true })
  scopes: AdminScope[];

  /** When the key expires; null: never. */
  expiresAt: Date | null;

  /** When the key was created. */
  createdAt: Date;

  /** When the key was last used; null: never. */
  lastUsedAt: Date | null;
}

export class AdminApiKeyCreated extends AdminApiKeyView {
  /** The key itself. Shown only once; only a digest of it is stored. */
  value: string;
}

export const toAdminApiKeyView = (key: AdminApiKeyEntity): AdminApiKeyView => ({
  id: key.id,
  userId: key.userId,
  name: key.name,
  tokenStart: key.tokenStart,
  scopes: key.scopes as AdminScope[],
  expiresAt: key.expiresAt,
  createdAt: key.createdAt,
  lastUsedAt: key.lastUsedAt,
});
