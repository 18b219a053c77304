import { ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { MayBeAbsent, OneLine, PRINTABLE } from '../orgs/field-rules.js';
import { AreClaimValues, AreVisibleTexts, LowerCased, type ClaimValues } from './claim-rules.js';
import { ClaimMappingBody, GroupRole } from './claim-mapping.dto.js';
import { EMAIL_LINK_POLICIES, KINDS, PRESET_IDS, VISIBLE } from './identity-provider-profile.js';
import { SIGNATURE_ALGORITHMS } from './signature-algorithms.js';

/** Enough for every list that a person keeps. */
const MOST = 100;
const LONGEST_URL = 2000;
const LONGEST_TEXT = 500;
const SLUG = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
/** A day at most as the default says; a week for providers whose tokens live that long. */
const LONGEST_AGE_SECONDS = 604_800;
/** Clocks that are kept differ by less; more would only keep expired tokens alive. */
const MOST_LEEWAY_SECONDS = 60;

const VISIBLE_OR_NONE = /^[!-~]{0,100}$/;

/** Trust in an identity provider. What is left out follows from the preset. */
export class CreateIdentityProviderBody {
  /** Its name in addresses, unique in the deployment: lower-case letters, digits and hyphens. For good. */
  @IsString()
  @Length(2, 63)
  @Matches(SLUG, { message: '$property must be lower-case letters and digits, with single hyphens between them' })
  providerId: string;

  /** The issuer, as the tokens have it (`iss`), byte for byte. For good: subjects of another issuer are other people. */
  @IsString()
  @MaxLength(LONGEST_URL)
  @Matches(VISIBLE, { message: '$property must hold visible ASCII characters alone' })
  issuer: string;

  /** Whom tokens must be for: at least one of these must be in their `aud`. */
  @AreVisibleTexts(1)
  audiences: string[];

  /** Name to show. Default: the providerId. */
  @MayBeAbsent()
  @OneLine(100)
  name?: string;

  /** Which product it is; the defaults and some checks follow from it. Default: by the issuer. */
  @MayBeAbsent()
  @IsIn(PRESET_IDS)
  @ApiPropertyOptional({ enum: PRESET_IDS })
  preset?: string;

  /** `people`: its subjects are users. `workload`: CI jobs or pods, bound to applications. Default: by the preset. For good. */
  @MayBeAbsent()
  @IsIn(KINDS)
  @ApiPropertyOptional({ enum: KINDS })
  kind?: string;

  /** Where its public keys are. Null or absent: as its discovery document says now; what that says is kept. */
  @IsOptional()
  @IsString()
  @MaxLength(LONGEST_URL)
  @ApiPropertyOptional({ type: String, nullable: true })
  jwksUrl?: string | null;

  /** What may be in `aud` besides the audiences; anything else there refuses the token. */
  @MayBeAbsent()
  @AreVisibleTexts()
  extraAudiences?: string[];

  /** Signature algorithms that are accepted: asymmetric ones alone. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(SIGNATURE_ALGORITHMS, { each: true })
  @ApiPropertyOptional({ enum: SIGNATURE_ALGORITHMS, isArray: true })
  algorithms?: string[];

  /** Values of the header `typ` that are accepted, in any case; an empty text: no such header. */
  @MayBeAbsent()
  @LowerCased()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(10)
  @ArrayUnique()
  @IsString({ each: true })
  @Matches(VISIBLE_OR_NONE, { each: true, message: 'each value in $property must be text without white space' })
  tokenTypes?: string[];

  /** Applications that may have fetched the token (`azp`, `appid`, `client_id`, `cid`). Empty: any. */
  @MayBeAbsent()
  @AreVisibleTexts()
  authorizedParties?: string[];

  /** Whether ID tokens are accepted, which are meant for the application that people signed in to. */
  @MayBeAbsent()
  @IsBoolean()
  acceptIdTokens?: boolean;

  /** Seconds after its issue for which a token is accepted at most, whatever it says itself. */
  @MayBeAbsent()
  @IsInt()
  @Min(60)
  @Max(LONGEST_AGE_SECONDS)
  maxAgeSeconds?: number;

  /** Seconds by which its clock may be off. */
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(MOST_LEEWAY_SECONDS)
  leewaySeconds?: number;

  /** Claims that a token must have, with the value of each; where the claim is a list, the value must be in it. In a PATCH, null takes one away. */
  @MayBeAbsent()
  @AreClaimValues()
  requiredClaims?: ClaimValues;

  /** Where in a token the facts about a user stand. */
  @MayBeAbsent()
  @ValidateNested()
  @Type(() => ClaimMappingBody)
  claimMapping?: ClaimMappingBody;

  /** Whether a user can be found by e-mail address, once, when a subject comes for the first time. `verified_domain`: in verifiedDomains alone. */
  @MayBeAbsent()
  @IsIn(EMAIL_LINK_POLICIES)
  @ApiPropertyOptional({ enum: EMAIL_LINK_POLICIES, default: 'off' })
  emailLinkPolicy?: string;

  /** Mail domains that are your organisation's own and for which you trust this provider. Subdomains count by themselves. */
  @MayBeAbsent()
  @LowerCased()
  @IsArray()
  @ArrayMaxSize(MOST)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(253, { each: true })
  verifiedDomains?: string[];

  /** Whether people whom nobody invited become users, as members, by a verified address in verifiedDomains. Default: false. */
  @MayBeAbsent()
  @IsBoolean()
  createUsers?: boolean;

  /** Roles by group of the provider: a user gets the highest that matches, and keeps the present one when none does. Owners stay owners. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MOST)
  @ValidateNested({ each: true })
  @Type(() => GroupRole)
  groupRoles?: GroupRole[];

  /** What Gatehouse is called at the provider, so that people can sign in through it. Null: they cannot. */
  @IsOptional()
  @IsString()
  @Length(1, LONGEST_TEXT)
  @Matches(VISIBLE, { message: '$property must hold visible ASCII characters alone' })
  @ApiPropertyOptional({ type: String, nullable: true })
  clientId?: string | null;

  /** The secret that goes with clientId. Sealed, and never shown. Null: none. */
  @IsOptional()
  @IsString()
  @Length(1, 2000)
  @Matches(PRINTABLE, { message: '$property must hold printable text alone' })
  @ApiPropertyOptional({ type: String, nullable: true, writeOnly: true })
  clientSecret?: string | null;

  /** Whether users with an address in verifiedDomains must sign in through it, and not by password. Default: false. */
  @MayBeAbsent()
  @IsBoolean()
  enforceSignIn?: boolean;

  /** Whether its tokens are refused for now. Default: false. */
  @MayBeAbsent()
  @IsBoolean()
  isDisabled?: boolean;
}

/** Changes to an identity provider; what is absent stays. */
export class UpdateIdentityProviderBody extends PartialType(CreateIdentityProviderBody, {
  skipNullProperties: false,
}) {}
