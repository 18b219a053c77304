import { ApiProperty, ApiPropertyOptional, OmitType, PartialType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import type { KeyScope } from '../keys/member-keys.reader.js';
import { KEY_SCOPES } from '../keys/provider-keys.dto.js';
import { LONGEST_OVERLAP_SECONDS, ProviderKeyMapping } from '../keys/virtual-keys.dto.js';
import { IsId, MayBeAbsent, OneLine } from '../orgs/field-rules.js';
import { PageQuery } from '../platform/page.js';
import { APPLICATION_TYPES, AUTH_METHODS, GRANT_TYPES, type AuthMethodName, type GrantType } from './client-profile.js';
import type { ApplicationType } from './redirect-uri.js';

/** Enough for every list that a person keeps. */
const MOST = 100;
/** The rules say more, and better; this bounds what they look at. */
const LONGEST_URI = 2000;
/** Below five minutes a client does little but fetch tokens; a day is long for what no user renews. */
const SHORTEST_TOKEN_SECONDS = 300;
const LONGEST_TOKEN_SECONDS = 86_400;
/** A day: the clients of one team are moved within it. */
export const USUAL_OVERLAP_SECONDS = 86_400;

/** An OAuth client to register. */
export class CreateOAuthClientBody {
  /** Name of the client. People see it when they are asked to allow it. */
  @OneLine(200)
  name: string;

  /** `client_credentials`: an application that calls for itself. `authorization_code`: one that people sign in to. */
  @IsIn(GRANT_TYPES)
  @ApiProperty({ enum: GRANT_TYPES })
  grantType: GrantType;

  /** Where people are sent back to, compared byte for byte. At least one for authorization_code, none for client_credentials. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MOST)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(LONGEST_URI, { each: true })
  redirectUris?: string[];

  /** Where people may be sent after signing out. For authorization_code alone. Null or empty: nowhere. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(LONGEST_URI, { each: true })
  @ApiPropertyOptional({ type: [String], nullable: true })
  postLogoutRedirectUris?: string[] | null;

  /**
   * LLM proxies that a client_credentials client may enter: null or empty is none. With authorization_code: those that
   * its users may enter through it besides their own.
   */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST)
  @ArrayUnique()
  @IsId({ each: true })
  @ApiPropertyOptional({ type: [String], nullable: true })
  allowedLlmProxyIds?: string[] | null;

  /** The provider keys that a client_credentials client calls with, at most one per provider. Users call with their own. Null or empty: none. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST)
  @ValidateNested({ each: true })
  @Type(() => ProviderKeyMapping)
  @ApiPropertyOptional({ type: [ProviderKeyMapping], nullable: true })
  providerApiKeys?: ProviderKeyMapping[] | null;

  /**
   * Who sees and manages the client, and whose provider keys it may carry: you, teams, or the organisation. Everyone in
   * the organisation may sign in to it. Only a client of scope `org` can be granted `admin:*`, as far as the person who
   * registers it holds the permissions. Default: personal.
   */
  @MayBeAbsent()
  @IsIn(KEY_SCOPES)
  @ApiPropertyOptional({ enum: KEY_SCOPES })
  scope?: KeyScope;

  /** The teams of a client of scope `team`, at least one. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MOST)
  @ArrayUnique()
  @IsId({ each: true })
  teamIds?: string[];

  /**
   * The team that calls are counted for, in limits and statistics, in place of the teams of the client's users. Needs
   * team_key:write, or to be an admin of that team. Null: none.
   */
  @IsOptional()
  @IsId()
  @ApiPropertyOptional({ type: String, format: 'uuid', nullable: true })
  payerTeamId?: string | null;

  /**
   * How the client proves who it is. Default: client_secret_basic, or private_key_jwt with keys of its own. `none`: it
   * could keep no secret; for authorization_code alone.
   */
  @MayBeAbsent()
  @IsIn(AUTH_METHODS)
  @ApiPropertyOptional({ enum: AUTH_METHODS })
  tokenEndpointAuthMethod?: AuthMethodName;

  /** The client's public keys as a JWK set (RFC 7517), for private_key_jwt. Null: none. */
  @IsOptional()
  @IsObject()
  @ApiPropertyOptional({ type: 'object', additionalProperties: true, nullable: true })
  jwks?: object | null;

  /** Where the client publishes its keys, in place of jwks. Null: nowhere. */
  @IsOptional()
  @IsString()
  @MaxLength(LONGEST_URI)
  @ApiPropertyOptional({ type: String, nullable: true })
  jwksUri?: string | null;

  /** `native`: installed on people's machines; may have an address there, or a scheme of its own. Default: web. */
  @MayBeAbsent()
  @IsIn(APPLICATION_TYPES)
  @ApiPropertyOptional({ enum: APPLICATION_TYPES })
  applicationType?: ApplicationType;

  /** Whether the client, a resource server, may introspect the organisation's tokens. Needs org_key:write. Default: false. */
  @MayBeAbsent()
  @IsBoolean()
  mayIntrospect?: boolean;

  /** Seconds that the tokens of a client_credentials client live. Null: as the organisation says. */
  @IsOptional()
  @IsInt()
  @Min(SHORTEST_TOKEN_SECONDS)
  @Max(LONGEST_TOKEN_SECONDS)
  @ApiPropertyOptional({ nullable: true, minimum: SHORTEST_TOKEN_SECONDS, maximum: LONGEST_TOKEN_SECONDS })
  tokenLifetimeSeconds?: number | null;

  /** Whether the client is refused, with every token that it holds. Default: false. */
  @MayBeAbsent()
  @IsBoolean()
  isDisabled?: boolean;
}

/** Changes to an OAuth client; what is absent stays. Its grant type and scope are for good. */
export class UpdateOAuthClientBody extends PartialType(
  OmitType(CreateOAuthClientBody, ['grantType', 'scope'] as const),
  { skipNullProperties: false },
) {}

/** How a client gets a new secret. */
export class RotateOAuthClientSecretBody {
  /** Seconds for which the secret before is still accepted. 0 ends it at once. Default: 86400 (a day), with revokeTokens 0. */
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(LONGEST_OVERLAP_SECONDS)
  @ApiPropertyOptional({ minimum: 0, maximum: LONGEST_OVERLAP_SECONDS })
  overlapSeconds?: number;

  /** Whether everything that the client was issued ends too: for when a secret has leaked, which then ends at once. */
  @MayBeAbsent()
  @IsBoolean()
  @ApiPropertyOptional({ default: false })
  revokeTokens?: boolean;
}

export class ListOAuthClientsQuery extends PageQuery {
  /** Only clients of this grant type. */
  @IsOptional()
  @IsIn(GRANT_TYPES)
  @ApiPropertyOptional({ enum: GRANT_TYPES })
  grantType?: GrantType;

  /** Only clients of this scope. */
  @IsOptional()
  @IsIn(KEY_SCOPES)
  @ApiPropertyOptional({ enum: KEY_SCOPES })
  scope?: KeyScope;
}
