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
import type { KeyScope } from '../../keys/credentials/member-keys.reader.js';
import { KEY_SCOPES } from '../../keys/provider-keys/provider-keys.dto.js';
import { MAX_OVERLAP_SECONDS, ProviderKeyMapping } from '../../keys/virtual-keys/virtual-keys.dto.js';
import { IsId, MayBeAbsent, OneLine } from '../../admin-api/field-rules.js';
import { PageQuery } from '../../admin-api/page.js';
import {
  APPLICATION_TYPES,
  AUTH_METHODS,
  GRANT_TYPES,
  type AuthMethodName,
  type GrantType,
} from '../metadata/client-profile.js';
import type { ApplicationType } from '../metadata/redirect-uri.js';

/** Enough for every list that people maintain. */
const MAX_ITEMS = 100;
/** The validation rules are stricter and more precise; this bounds the input that they check. */
const MAX_URI_LENGTH = 2000;
/** Below five minutes a client does little but fetch tokens; a day is long for a token that no user renews. */
const MIN_TOKEN_SECONDS = 300;
const MAX_TOKEN_SECONDS = 86_400;
/** A day: enough to update all clients of one team. */
export const DEFAULT_OVERLAP_SECONDS = 86_400;

/** An OAuth client to register. */
export class CreateOAuthClientBody {
  /** Name of the client. People see it when they are asked to allow it. */
  @OneLine(200)
  name: string;

  /**
   * `client_credentials`: an application that calls for itself. `authorization_code`: an application that people sign
   * in to.
   */
  @IsIn(GRANT_TYPES)
  @ApiProperty({ enum: GRANT_TYPES })
  grantType: GrantType;

  /**
   * The addresses that people are redirected back to, compared byte for byte. At least one for authorization_code, none
   * for client_credentials.
   */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MAX_ITEMS)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(MAX_URI_LENGTH, { each: true })
  redirectUris?: string[];

  /**
   * The addresses that people may be redirected to after signing out. Only for authorization_code. Null or empty: none.
   */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_ITEMS)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(MAX_URI_LENGTH, { each: true })
  @ApiPropertyOptional({ type: [String], nullable: true })
  postLogoutRedirectUris?: string[] | null;

  /**
   * LLM proxies that a client_credentials client may use; null or empty: none. With authorization_code: LLM proxies
   * that its users may use through it, in addition to their own.
   */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_ITEMS)
  @ArrayUnique()
  @IsId({ each: true })
  @ApiPropertyOptional({ type: [String], nullable: true })
  allowedLlmProxyIds?: string[] | null;

  /**
   * The provider keys that a client_credentials client calls with, at most one per provider. With authorization_code,
   * users call with their own. Null or empty: none.
   */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_ITEMS)
  @ValidateNested({ each: true })
  @Type(() => ProviderKeyMapping)
  @ApiPropertyOptional({ type: [ProviderKeyMapping], nullable: true })
  providerApiKeys?: ProviderKeyMapping[] | null;

  /**
   * Who can see and manage the client, and whose provider keys it may carry: you, teams, or the organization. Everyone
   * in the organization may sign in to it. Only a client of scope `org` can be granted `admin:*`, as far as the person
   * who registers it holds the permissions. Default: personal.
   */
  @MayBeAbsent()
  @IsIn(KEY_SCOPES)
  @ApiPropertyOptional({ enum: KEY_SCOPES })
  scope?: KeyScope;

  /** The teams of a client of scope `team`, at least one. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MAX_ITEMS)
  @ArrayUnique()
  @IsId({ each: true })
  teamIds?: string[];

  /**
   * The team that calls are counted for, in limits and statistics, instead of the teams of the client's users. Needs
   * team_key:write, or that you are an admin of that team. Null: none.
   */
  @IsOptional()
  @IsId()
  @ApiPropertyOptional({ type: String, format: 'uuid', nullable: true })
  payerTeamId?: string | null;

  /**
   * How the client authenticates. Default: client_secret_basic, or private_key_jwt if the client has keys of its own.
   * `none`: for a client that cannot keep a secret; only for authorization_code.
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

  /** The URL where the client publishes its keys, instead of jwks. Null: none. */
  @IsOptional()
  @IsString()
  @MaxLength(MAX_URI_LENGTH)
  @ApiPropertyOptional({ type: String, nullable: true })
  jwksUri?: string | null;

  /** `native`: installed on people's machines; may have a loopback address, or a scheme of its own. Default: web. */
  @MayBeAbsent()
  @IsIn(APPLICATION_TYPES)
  @ApiPropertyOptional({ enum: APPLICATION_TYPES })
  applicationType?: ApplicationType;

  /**
   * Whether the client, a resource server, may introspect the organization's tokens. Needs org_key:write. Default:
   * false.
   */
  @MayBeAbsent()
  @IsBoolean()
  mayIntrospect?: boolean;

  /** Lifetime of a client_credentials client's tokens in seconds. Null: the organization's setting. */
  @IsOptional()
  @IsInt()
  @Min(MIN_TOKEN_SECONDS)
  @Max(MAX_TOKEN_SECONDS)
  @ApiPropertyOptional({ nullable: true, minimum: MIN_TOKEN_SECONDS, maximum: MAX_TOKEN_SECONDS })
  tokenLifetimeSeconds?: number | null;

  /** Whether the client is refused, together with every token issued to it. Default: false. */
  @MayBeAbsent()
  @IsBoolean()
  isDisabled?: boolean;
}

/** Changes to an OAuth client. Omitted fields stay as they are. The grant type and the scope cannot be changed. */
export class UpdateOAuthClientBody extends PartialType(
  OmitType(CreateOAuthClientBody, ['grantType', 'scope'] as const),
  { skipNullProperties: false },
) {}

/** How the secret of an OAuth client is rotated. */
export class RotateOAuthClientSecretBody {
  /**
   * Seconds for which the previous secret is still accepted. 0 ends it immediately. Default: 86400 (a day), or 0 with
   * revokeTokens.
   */
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(MAX_OVERLAP_SECONDS)
  @ApiPropertyOptional({ minimum: 0, maximum: MAX_OVERLAP_SECONDS })
  overlapSeconds?: number;

  /**
   * Whether to revoke everything that was issued to the client, too. Use this after a secret has leaked: by default,
   * the previous secret then ends immediately.
   */
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
