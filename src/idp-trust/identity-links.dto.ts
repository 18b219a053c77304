import { ApiProperty } from '@nestjs/swagger';
import { IsString, Length, Matches } from 'class-validator';
import { IsId, PRINTABLE } from '../orgs/field-rules.js';
import type { IdentityLinkEntity } from './identity-link.entity.js';

export const LINK_SOURCES = ['admin', 'email', 'created'] as const;

/** Which user a subject of the provider is. */
export class CreateIdentityLinkBody {
  /** The subject, as the provider's tokens have it in the subject claim. */
  @IsString()
  @Length(1, 255)
  @Matches(PRINTABLE, { message: '$property must hold printable text alone' })
  subject: string;

  /** The user whom its tokens stand for. */
  @IsId()
  userId: string;
}

/** A link as the audit log keeps it. */
export class IdentityLinkRecord {
  /** Id of the link. */
  id: string;
  /** The identity provider. */
  identityProviderId: string;
  /** The subject, as the provider's tokens have it. */
  subject: string;
  /** The user whom its tokens stand for. */
  userId: string;
  /** How it came about: by an admin, by a verified e-mail address, or with the user, who was made for it. */
  @ApiProperty({ enum: LINK_SOURCES })
  source: string;
  /** When the link was made. */
  createdAt: Date;
}

/** Which user a subject of the provider is. */
export class IdentityLinkView extends IdentityLinkRecord {
  /** The user's e-mail address. */
  email: string;
}

export const toIdentityLinkRecord = ({ groupsAsOf: _, ...row }: IdentityLinkEntity): IdentityLinkRecord => row;
