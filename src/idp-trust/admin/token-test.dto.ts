import { ApiProperty } from '@nestjs/swagger';
import { IsString, Length } from 'class-validator';
import type { RefusalReason } from '../trusted-issuer/token-refusal.js';

/** Longer than any token that is accepted. */
const MAX_TOKEN_LENGTH = 32_768;

export class TestTokenBody {
  /** A token of the provider. It is checked, and not stored, logged or shown. */
  @IsString()
  @Length(1, MAX_TOKEN_LENGTH)
  @ApiProperty({ writeOnly: true })
  token: string;
}

/** One check, in the order in which the checks run. */
export class TokenCheckView {
  /** Subject of the check. */
  name: string;
  /** Whether the check passed. */
  passed: boolean;
  /** What was found and what is expected. */
  detail: string;
}

/** Contents of the token, as far as they are used. */
export class UsedClaimsView {
  /** Subject of the token. */
  subject: string;
  /** The e-mail address; null: none. */
  email: string | null;
  /** Whether the provider says that it has verified the address. */
  isEmailVerified: boolean;
  /** The person's name; null: none. */
  displayName: string | null;
  /** The groups; null: the token does not list them, so teams and role stay as they are. */
  @ApiProperty({ type: [String], nullable: true })
  groups: readonly string[] | null;
  /** Whether it is an ID token. */
  isIdToken: boolean;
  /** When acceptance of the token ends. */
  expiresAt: Date;
}

export const USER_SOURCES = ['linked', 'found', 'new'] as const;

/** The user that the token would authenticate. */
export class TokenUserView {
  /**
   * `linked`: the subject is already linked. `found`: it would be linked, by the address. `new`: a user would be
   * created.
   */
  @ApiProperty({ enum: USER_SOURCES })
  source: string;
  /** The user; null: not yet created. */
  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  userId: string | null;
  /** The user's e-mail address. */
  email: string;
  /** The role that the user would have. */
  role: string;
  /** The teams that the user would be in. */
  @ApiProperty({ type: [String] })
  teamIds: readonly string[];
}

/** The application that the token would authenticate. */
export class TokenApplicationView {
  /** The OAuth client. */
  @ApiProperty({ format: 'uuid' })
  oauthClientId: string;
  /** Its name. */
  name: string;
}

/** Why a call with the token would be refused. The caller does not receive the reason. */
export class TokenRefusalView {
  /** The reason, as it would be recorded for the call. */
  @ApiProperty({ type: String })
  reason: RefusalReason | 'idp_unreachable';
  /** What is wrong. */
  detail: string;
}

/** Outcome of a call with the token. Nothing is changed. */
export class TokenTestView {
  /**
   * Whether the call would be accepted at an LLM proxy that the provider is linked to, while the provider is not
   * disabled.
   */
  isAccepted: boolean;
  /** Every check of the token. */
  checks: TokenCheckView[];
  /** Its contents; null: the token cannot be accepted. */
  claims: UsedClaimsView | null;
  /** The user that it would authenticate; null: none, or a workload. */
  user: TokenUserView | null;
  /** The application that it would authenticate; null: none, or a person. */
  application: TokenApplicationView | null;
  /** Why the call would be refused; null: it would be accepted. */
  refusal: TokenRefusalView | null;
}
