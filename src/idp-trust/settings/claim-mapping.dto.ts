import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { OneLine } from '../../admin-api/field-rules.js';
import { ApiClaimPath, IsClaimPath } from './claim-rules.js';
import type { ClaimPath } from '../trusted-issuer/identity-provider.js';

/**
 * Locations of user data in a token: a claim name, or the path of names that leads to a nested claim. Null restores the
 * preset's.
 */
export class ClaimMappingBody {
  /**
   * Subject of the token. It must be permanent: never an address or a name that can be reassigned to another person.
   */
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
  /** Subject of the token. */
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

/** Roles that a provider may grant. Only owners can make an owner. */
export const GRANTABLE_ROLES = ['admin', 'editor', 'member'] as const;

export class GroupRole {
  /** Group of the provider, as written in its tokens. */
  @OneLine(500)
  group: string;

  /** Role that the members of the group get. */
  @IsIn(GRANTABLE_ROLES)
  @ApiProperty({ enum: GRANTABLE_ROLES })
  role: (typeof GRANTABLE_ROLES)[number];
}
