import { ApiProperty } from '@nestjs/swagger';
import { IsString, Length, Matches } from 'class-validator';
import { PRINTABLE } from '../../admin-api/field-patterns.js';
import { IsId } from '../../admin-api/field-rules.js';
import type { IdentityLinkEntity } from './identity-link.entity.js';

export const LINK_SOURCES = ['admin', 'email', 'created'] as const;

/** A link between a subject of the provider and a user. */
export class CreateIdentityLinkBody {
  /** The subject, as written in the subject claim of the provider's tokens. */
  @IsString()
  @Length(1, 255)
  @Matches(PRINTABLE, { message: '$property must hold printable text alone' })
  subject: string;

  /** The user that its tokens authenticate. */
  @IsId()
  userId: string;
}

/** A link as recorded in the audit log. */
export class IdentityLinkRecord {
  /** Id of the link. */
  id: string;
  /** The identity provider. */
  identityProviderId: string;
  /** The subject, as written in the provider's tokens. */
  subject: string;
  /** The user that its tokens authenticate. */
  userId: string;
  /** Origin of the link: made by an admin, by a verified e-mail address, or together with a user created for it. */
  @ApiProperty({ enum: LINK_SOURCES })
  source: string;
  /** When the link was created. */
  createdAt: Date;
}

/** A link between a subject of the provider and a user. */
export class IdentityLinkView extends IdentityLinkRecord {
  /** The user's e-mail address. */
  email: string;
}

export const toIdentityLinkRecord = ({ groupsAsOf: _, ...row }: IdentityLinkEntity): IdentityLinkRecord => row;
