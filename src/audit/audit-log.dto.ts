import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, IsString, Length, Matches } from 'class-validator';
import { CursorQuery, IsInstant } from '../platform/page.js';
import type { AuditEntryEntity } from './audit-entry.entity.js';

const NO_NUL = { message: '$property must not hold a NUL character' };

export class ListAuditLogQuery extends CursorQuery {
  /** Only what this user did. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  @Matches(/^[^\0]*$/, NO_NUL)
  actorId?: string;

  /** Only this action, such as `user.disable`. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  @Matches(/^[^\0]*$/, NO_NUL)
  action?: string;

  /** Only what was done to things of this type, such as `user`. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  @Matches(/^[^\0]*$/, NO_NUL)
  targetType?: string;

  /** Only what was done to the thing of this id. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  @Matches(/^[^\0]*$/, NO_NUL)
  targetId?: string;

  /** Only what happened at this instant (RFC 3339) or later. */
  @IsOptional()
  @IsInstant()
  from?: string;

  /** Only what happened before this instant (RFC 3339). */
  @IsOptional()
  @IsInstant()
  to?: string;
}

export class AuditEntryView {
  /** Id of the entry. */
  id: string;

  /** When it happened. */
  createdAt: Date;

  /** What kind of caller did it: `user`, `admin-api-key`, `identity-provider` for what its tokens said, or `system` for the program itself and its command line. */
  actorType: string;

  /** The user who did it, or whose key did; the identity provider, where it was one; null for `system`. */
  actorId: string | null;

  /** Id of the credential that was used. */
  credentialId: string | null;

  /** What was done, as `<target type>.<verb>`. */
  action: string;

  /** What kind of thing it was done to. */
  targetType: string;

  /** Id of that thing. */
  targetId: string | null;

  /** The thing as the API showed it before; null where it was new. Never a secret. */
  @ApiProperty({ type: 'object', nullable: true, additionalProperties: true })
  before: object | null;

  /** The thing as the API showed it afterwards; null where it is gone. Never a secret. */
  @ApiProperty({ type: 'object', nullable: true, additionalProperties: true })
  after: object | null;

  /** Number of the request. */
  requestId: string | null;

  /** Network address that the request came from. */
  clientAddress: string | null;

  /** Number of the entry in your organisation's chain of entries, from 1; null, as the hashes are, for about a second after it was written. */
  @ApiProperty({ type: 'integer', nullable: true })
  sequence: number | null;

  /** `hash` of the entry before it in the chain, in hexadecimal digits; of the first one: SHA-256 of your organisation's id. */
  previousHash: string | null;

  /** SHA-256, in hexadecimal digits, of this entry as it is shown here without `hash`, in the canonical form of RFC 8785. */
  hash: string | null;
}

export const toAuditEntryView = ({ organisationId: _, ...entry }: AuditEntryEntity): AuditEntryView => ({
  ...entry,
  sequence: entry.sequence === null ? null : Number(entry.sequence),
  previousHash: entry.previousHash?.toString('hex') ?? null,
  hash: entry.hash?.toString('hex') ?? null,
});
