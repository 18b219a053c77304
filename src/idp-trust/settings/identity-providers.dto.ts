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
import { PRINTABLE } from '../../admin-api/field-patterns.js';
import { MayBeAbsent, OneLine } from '../../admin-api/field-rules.js';
import { AreClaimValues, AreVisibleTexts, LowerCased, type ClaimValues } from './claim-rules.js';
import { ClaimMappingBody, GroupRole } from './claim-mapping.dto.js';
import { EMAIL_LINK_POLICIES, KINDS, PRESET_IDS, VISIBLE } from './profile.js';
import { SIGNATURE_ALGORITHMS } from '../trusted-issuer/signature-algorithms.js';

/** Enough for every list that a person maintains. */
const MAX_ITEMS = 100;
const MAX_URL_LENGTH = 2000;
const MAX_TEXT_LENGTH = 500;
const SLUG = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
/** The default is a day; a week serves providers whose tokens live that long. */
const MAX_AGE_SECONDS = 604_800;
/** Synchronized clocks differ by less; more would only keep expired tokens valid. */
const MAX_LEEWAY_SECONDS = 60;

const VISIBLE_OR_NONE = /^[!-~]{0,100}$/;

/** An identity provider to trust. Absent fields follow from the preset. */
export class CreateIdentityProviderBody {
  /** Its name in URLs, unique in the deployment: lower-case letters, digits and hyphens. Permanent. */
  @IsString()
  @Length(2, 63)
  @Matches(SLUG, { message: '$property must be lower-case letters and digits, with single hyphens between them' })
  providerId: string;

  /**
   * The issuer, as written in its tokens (`iss`), byte for byte. Permanent: subjects of another issuer are other
   * people.
   */
  @IsString()
  @MaxLength(MAX_URL_LENGTH)
  @Matches(VISIBLE, { message: '$property must hold visible ASCII characters alone' })
  issuer: string;

  /** Accepted audiences: at least one of these must be in a token's `aud`. */
  @AreVisibleTexts(1)
  audiences: string[];

  /** Name to show. Default: the providerId. */
  @MayBeAbsent()
  @OneLine(100)
  name?: string;

  /** The vendor's product; the defaults and some checks follow from it. Default: derived from the issuer. */
  @MayBeAbsent()
  @IsIn(PRESET_IDS)
  @ApiPropertyOptional({ enum: PRESET_IDS })
  preset?: string;

  /**
   * `people`: its subjects are users. `workload`: CI jobs or pods, bound to applications. Default: by the preset.
   * Permanent.
   */
  @MayBeAbsent()
  @IsIn(KINDS)
  @ApiPropertyOptional({ enum: KINDS })
  kind?: string;

  /** URL of its public keys. Null or absent: read once from its discovery document, and stored. */
  @IsOptional()
  @IsString()
  @MaxLength(MAX_URL_LENGTH)
  @ApiPropertyOptional({ type: String, nullable: true })
  jwksUrl?: string | null;

  /** Further values allowed in `aud`; any other value there refuses the token. */
  @MayBeAbsent()
  @AreVisibleTexts()
  extraAudiences?: string[];

  /** Accepted signature algorithms, asymmetric ones only. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(SIGNATURE_ALGORITHMS, { each: true })
  @ApiPropertyOptional({ enum: SIGNATURE_ALGORITHMS, isArray: true })
  algorithms?: string[];

  /** Accepted values of the header `typ`, case-insensitive; an empty string: no such header. */
  @MayBeAbsent()
  @LowerCased()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(10)
  @ArrayUnique()
  @IsString({ each: true })
  @Matches(VISIBLE_OR_NONE, { each: true, message: 'each value in $property must be text without white space' })
  tokenTypes?: string[];

  /** Applications that may have obtained the token (`azp`, `appid`, `client_id`, `cid`). Empty: any. */
  @MayBeAbsent()
  @AreVisibleTexts()
  authorizedParties?: string[];

  /** Whether ID tokens are accepted, which are intended for the application that people signed in to. */
  @MayBeAbsent()
  @IsBoolean()
  acceptIdTokens?: boolean;

  /** Maximum age of an accepted token, in seconds after its issue, independently of its own expiry. */
  @MayBeAbsent()
  @IsInt()
  @Min(60)
  @Max(MAX_AGE_SECONDS)
  maxAgeSeconds?: number;

  /** Tolerated clock difference, in seconds. */
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(MAX_LEEWAY_SECONDS)
  leewaySeconds?: number;

  /**
   * Claims that a token must have, with their values; a claim that is a list must contain the value. In a PATCH, null
   * removes a claim.
   */
  @MayBeAbsent()
  @AreClaimValues()
  requiredClaims?: ClaimValues;

  /** Locations of user data in a token. */
  @MayBeAbsent()
  @ValidateNested()
  @Type(() => ClaimMappingBody)
  claimMapping?: ClaimMappingBody;

  /**
   * Whether a user can be found by e-mail address, once, when a subject appears for the first time. `verified_domain`:
   * only in verifiedDomains.
   */
  @MayBeAbsent()
  @IsIn(EMAIL_LINK_POLICIES)
  @ApiPropertyOptional({ enum: EMAIL_LINK_POLICIES, default: 'off' })
  emailLinkPolicy?: string;

  /**
   * Mail domains that belong to your organization and for which you trust this provider. A subdomain needs its own
   * entry.
   */
  @MayBeAbsent()
  @LowerCased()
  @IsArray()
  @ArrayMaxSize(MAX_ITEMS)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(253, { each: true })
  verifiedDomains?: string[];

  /**
   * Whether people without an invitation become users, as members, by a verified address in verifiedDomains. Default:
   * false.
   */
  @MayBeAbsent()
  @IsBoolean()
  createUsers?: boolean;

  /**
   * Roles by group of the provider. A user gets the highest that matches, and keeps the present role when none matches.
   * Owners stay owners.
   */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MAX_ITEMS)
  @ValidateNested({ each: true })
  @Type(() => GroupRole)
  groupRoles?: GroupRole[];

  /** Client id of Gatehouse at the provider, for sign-in through it. Null: no sign-in through it. */
  @IsOptional()
  @IsString()
  @Length(1, MAX_TEXT_LENGTH)
  @Matches(VISIBLE, { message: '$property must hold visible ASCII characters alone' })
  @ApiPropertyOptional({ type: String, nullable: true })
  clientId?: string | null;

  /** Client secret that belongs to clientId. Stored encrypted and never shown. Null: none. */
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

  /** Whether its tokens are currently refused. Default: false. */
  @MayBeAbsent()
  @IsBoolean()
  isDisabled?: boolean;
}

/** Changes to an identity provider. Absent fields stay. */
export class UpdateIdentityProviderBody extends PartialType(CreateIdentityProviderBody, {
  skipNullProperties: false,
}) {}
