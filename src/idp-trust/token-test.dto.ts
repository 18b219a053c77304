import { ApiProperty } from '@nestjs/swagger';
import { IsString, Length } from 'class-validator';
import type { RefusalReason } from './token-refusal.js';

/** Longer than any token that is accepted. */
const LONGEST_TOKEN = 32_768;

export class TestTokenBody {
  /** A token of the provider. It is checked, and neither kept nor logged nor shown. */
  @IsString()
  @Length(1, LONGEST_TOKEN)
  @ApiProperty({ writeOnly: true })
  token: string;
}

/** One check, in the order in which they are made. */
export class TokenCheckView {
  /** What was looked at. */
  name: string;
  /** Whether it is as it must be. */
  passed: boolean;
  /** What was found, and what is expected. */
  detail: string;
}

/** What the token says, as far as it is used. */
export class UsedClaimsView {
  /** Whom it is about. */
  subject: string;
  /** The e-mail address; null: none. */
  email: string | null;
  /** Whether the provider says that it has verified the address. */
  isEmailVerified: boolean;
  /** The person's name; null: none. */
  displayName: string | null;
  /** The groups; null: the token does not tell, so nothing follows from them. */
  @ApiProperty({ type: [String], nullable: true })
  groups: readonly string[] | null;
  /** Whether it is an ID token. */
  isIdToken: boolean;
  /** Until when it is accepted. */
  expiresAt: Date;
}

export const USER_SOURCES = ['linked', 'found', 'new'] as const;

/** The user whom the token would stand for. */
export class TokenUserView {
  /** `linked`: the subject is linked already. `found`: it would be, by the address. `new`: a user would be made. */
  @ApiProperty({ enum: USER_SOURCES })
  source: string;
  /** The user; null: still to be made. */
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

/** The application that the token would stand for. */
export class TokenApplicationView {
  /** The OAuth client. */
  @ApiProperty({ format: 'uuid' })
  oauthClientId: string;
  /** Its name. */
  name: string;
}

/** Why a call with the token would be refused. The caller is not told. */
export class TokenRefusalView {
  /** The reason, as it would stand in the record of the call. */
  @ApiProperty({ type: String })
  reason: RefusalReason | 'idp_unreachable';
  /** What is wrong. */
  detail: string;
}

/** What would come of a call with the token. Nothing of it has happened. */
export class TokenTestView {
  /** Whether the call would come in, at an LLM proxy that the provider is linked to, while the provider is not disabled. */
  isAccepted: boolean;
  /** Every check of the token. */
  checks: TokenCheckView[];
  /** What it says; null: it cannot be believed. */
  claims: UsedClaimsView | null;
  /** The user whom it would stand for; null: nobody, or a workload. */
  user: TokenUserView | null;
  /** The application whom it would stand for; null: none, or a person. */
  application: TokenApplicationView | null;
  /** Why the call would be refused; null: it would not. */
  refusal: TokenRefusalView | null;
}
