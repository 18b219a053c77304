import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, IsString, Length, Matches } from 'class-validator';
import { CursorQuery } from '../../admin-api/cursor-page.js';
import { IsInstant } from '../../admin-api/field-rules.js';
import type { AuditEntryEntity } from './audit-entry.entity.js';

const NO_NUL = { message: '$property must not hold a NUL character' };

export class ListAuditLogQuery extends CursorQuery {
  /** Only changes by this user. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  @Matches(/^[^\0]*$/, NO_NUL)
  actorId?: string;

  /** Only changes with this action, such as `user.disable`. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  @Matches(/^[^\0]*$/, NO_NUL)
  action?: string;

  /** Only changes to targets of this type, such as `user`. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  @Matches(/^[^\0]*$/, NO_NUL)
  targetType?: string;

  /** Only changes to the target with this id. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  @Matches(/^[^\0]*$/, NO_NUL)
  targetId?: string;

  /** Only changes at or after this instant (RFC 3339). */
  @IsOptional()
  @IsInstant()
  from?: string;

  /** Only changes before this instant (RFC 3339). */
  @IsOptional()
  @IsInstant()
  to?: string;
}

export class AuditEntryView {
  /** Id of the entry. */
  id: string;

  /** When the change was made. */
  createdAt: Date;

  /**
   * The kind of actor: `user`, `admin-api-key`, `identity-provider` for changes that follow from its tokens, or
   * `system` for the program itself and its command line.
   */
  actorType: string;

  /**
   * The user who made the change, or who owns the key that made it; the identity provider, if it was one; null for
   * `system`.
   */
  actorId: string | null;

  /** Id of the credential that was used. */
  credentialId: string | null;

  /** The action, as `<target type>.<verb>`. */
  action: string;

  /** The type of the target. */
  targetType: string;

  /** Id of the target. */
  targetId: string | null;

  /** The target as the API returned it before the change; null if it is new. Never contains a secret. */
  @ApiProperty({ type: 'object', nullable: true, additionalProperties: true })
  before: object | null;

  /** The target as the API returned it after the change; null if it was deleted. Never contains a secret. */
  @ApiProperty({ type: 'object', nullable: true, additionalProperties: true })
  after: object | null;

  /** Id of the request. */
  requestId: string | null;

  /** Network address of the client. */
  clientAddress: string | null;

  /**
   * Number of the entry in your organization's chain of entries, from 1; null, like the hashes, for about a second
   * after it was written.
   */
  @ApiProperty({ type: 'integer', nullable: true })
  sequence: number | null;

  /**
   * `hash` of the previous entry in the chain, in hexadecimal digits; for the first entry, SHA-256 of your
   * organization's id.
   */
  previousHash: string | null;

  /**
   * SHA-256, in hexadecimal digits, of this entry as returned here without `hash`, in the canonical form of RFC 8785.
   */
  hash: string | null;
}

export const toAuditEntryView = ({ organizationId: _, ...entry }: AuditEntryEntity): AuditEntryView => ({
  ...entry,
  sequence: entry.sequence === null ? null : Number(entry.sequence),
  previousHash: entry.previousHash?.toString('hex') ?? null,
  hash: entry.hash?.toString('hex') ?? null,
});
