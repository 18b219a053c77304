import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { OneLine } from '../orgs/field-rules.js';
import { ApiClaimPath, IsClaimPath } from './claim-rules.js';
import type { ClaimPath } from './identity-provider.js';

/** Where in a token the facts about a user stand: the name of a claim, or the names on the way to one. Null: as the preset has it. */
export class ClaimMappingBody {
  /** Whom the token is about: for good, and never an address or a name that can be given to somebody else. */
  @IsOptional()
  @IsClaimPath()
  subject?: ClaimPath | null;

  /** E-mail address. */
  @IsOptional()
  @IsClaimPath()
  email?: ClaimPath | null;

  /** Whether the provider has verified the address. */
  @IsOptional()
  @IsClaimPath()
  emailVerified?: ClaimPath | null;

  /** Name to show. */
  @IsOptional()
  @IsClaimPath()
  name?: ClaimPath | null;

  /** Groups or roles. */
  @IsOptional()
  @IsClaimPath()
  groups?: ClaimPath | null;
}

export class ClaimMappingView {
  /** Whom the token is about. */
  @ApiClaimPath()
  subject: ClaimPath;
  /** E-mail address. */
  @ApiClaimPath()
  email: ClaimPath;
  /** Whether the provider has verified the address. */
  @ApiClaimPath()
  emailVerified: ClaimPath;
  /** Name to show. */
  @ApiClaimPath()
  name: ClaimPath;
  /** Groups or roles. */
  @ApiClaimPath()
  groups: ClaimPath;
}

/** Roles that a provider may give. Who is an owner, owners alone say. */
export const GRANTABLE_ROLES = ['admin', 'editor', 'member'] as const;

export class GroupRole {
  /** Group of the provider, as its tokens have it. */
  @OneLine(500)
  group: string;

  /** The role that its members get. */
  @IsIn(GRANTABLE_ROLES)
  @ApiProperty({ enum: GRANTABLE_ROLES })
  role: (typeof GRANTABLE_ROLES)[number];
}
