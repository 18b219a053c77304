import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { IsId, MayBeAbsent, OneLine } from '../orgs/field-rules.js';
import { IsInstant, PageQuery } from '../platform/page.js';
import { PROVIDER_IDS } from '../providers/registry.js';
import type { KeyBinding } from './key-bindings.js';
import type { KeyScope } from './member-keys.reader.js';
import { KEY_SCOPES } from './provider-keys.dto.js';
import type { VirtualKeyEntity } from './virtual-key.entity.js';

export const VIRTUAL_KEY_TYPES = ['standard', 'passthrough'] as const;
export const VIRTUAL_KEY_STATES = ['active', 'expired', 'revoked', 'unmapped'] as const;

/** Enough for every list that a person keeps; bounds what a call has to look through. */
const MOST = 100;
const PATTERN = /^[^\s\p{Cc}]+$/u;
const PATTERN_ADVICE = { each: true, message: 'each value in $property must be a model pattern, without white space' };
/** Thirty days: longer than any roll-out of a new secret. */
export const LONGEST_OVERLAP_SECONDS = 2_592_000;

/** Which stored key is used for a provider. */
export class ProviderKeyMapping {
  /** The provider. */
  @IsIn(PROVIDER_IDS)
  @ApiProperty({ enum: PROVIDER_IDS })
  provider: string;

  /** Id of the provider key that is used for it. */
  @IsId()
  providerApiKeyId: string;
}

/** A virtual key to make. */
export class CreateVirtualKeyBody {
  /** Name of the key, for people. */
  @OneLine(200)
  name: string;

  /** The provider keys that calls with this key use, at most one per provider. A standard key has at least one, a passthrough key none. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST)
  @ValidateNested({ each: true })
  @Type(() => ProviderKeyMapping)
  @ApiPropertyOptional({ type: [ProviderKeyMapping] })
  providerApiKeys?: ProviderKeyMapping[];

  /**
   * `standard`: stands where the provider's key would go, and maps to stored keys. `passthrough`: stands beside the
   * caller's own provider credential, in X-Archestra-Virtual-Key, and says who calls.
   */
  @IsOptional()
  @IsIn(VIRTUAL_KEY_TYPES)
  @ApiPropertyOptional({ enum: VIRTUAL_KEY_TYPES, default: 'standard' })
  keyType?: 'standard' | 'passthrough';

  /** Whom the key serves: its owner, the members of teams, or everyone in the organisation. */
  @IsOptional()
  @IsIn(KEY_SCOPES)
  @ApiPropertyOptional({ enum: KEY_SCOPES, default: 'personal' })
  scope?: KeyScope;

  /** The teams of a key of scope `team`, at least one. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST)
  @ArrayUnique()
  @IsId({ each: true })
  @ApiPropertyOptional({ type: [String] })
  teamIds?: string[];

  /**
   * The user that calls with this key are counted for; the key ends with them. Default: you. Another user needs the
   * permission any_key:write. Null, for scopes `team` and `org`: nobody.
   */
  @IsOptional()
  @IsId()
  @ApiPropertyOptional({ type: String, format: 'uuid', nullable: true })
  ownerId?: string | null;

  /**
   * The team that calls are counted for, in limits and statistics, in place of the teams of the key or of its owner. Needs
   * team_key:write, or to be an admin of that team. Null: none.
   */
  @IsOptional()
  @IsId()
  @ApiPropertyOptional({ type: String, format: 'uuid', nullable: true })
  payerTeamId?: string | null;

  /** When the key ends. Default: never. */
  @IsOptional()
  @IsInstant()
  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true })
  expiresAt?: string | null;

  /** Models that the key may use: `*` is any characters, `provider:pattern` narrows. Default: all. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(200, { each: true })
  @Matches(PATTERN, PATTERN_ADVICE)
  @ApiPropertyOptional({ type: [String] })
  allowedModels?: string[];

  /** Ids of the LLM proxies that the key may enter. Default: all. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST)
  @ArrayUnique()
  @IsId({ each: true })
  @ApiPropertyOptional({ type: [String] })
  allowedProxyIds?: string[];
}

/** Changes to a virtual key; what is absent stays. */
export class UpdateVirtualKeyBody {
  /** Name of the key, for people. */
  @MayBeAbsent()
  @OneLine(200)
  name?: string;

  /** The provider keys that calls with this key use, in place of all those before: at least one. A passthrough key has none. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST)
  @ValidateNested({ each: true })
  @Type(() => ProviderKeyMapping)
  @ApiPropertyOptional({ type: [ProviderKeyMapping], nullable: true })
  providerApiKeys?: ProviderKeyMapping[] | null;

  /** The teams of a key of scope `team`, in place of all those before. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MOST)
  @ArrayUnique()
  @IsId({ each: true })
  @ApiPropertyOptional({ type: [String] })
  teamIds?: string[];

  /**
   * The team that calls are counted for, in limits and statistics, in place of the teams of the key or of its owner. Needs
   * team_key:write, or to be an admin of that team. Null: none any more.
   */
  @IsOptional()
  @IsId()
  @ApiPropertyOptional({ type: String, format: 'uuid', nullable: true })
  payerTeamId?: string | null;

  /** When the key ends; null: never. */
  @IsOptional()
  @IsInstant()
  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true })
  expiresAt?: string | null;

  /** Models that the key may use. Null or empty: all. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(200, { each: true })
  @Matches(PATTERN, PATTERN_ADVICE)
  @ApiPropertyOptional({ type: [String], nullable: true })
  allowedModels?: string[] | null;

  /** Ids of the LLM proxies that the key may enter. Null or empty: all. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST)
  @ArrayUnique()
  @IsId({ each: true })
  @ApiPropertyOptional({ type: [String], nullable: true })
  allowedProxyIds?: string[] | null;
}

/** How a virtual key gets a new secret. */
export class RotateVirtualKeyBody {
  /** Seconds for which the secret before is still accepted, so that clients can be moved one by one. */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(LONGEST_OVERLAP_SECONDS)
  @ApiPropertyOptional({ minimum: 0, maximum: LONGEST_OVERLAP_SECONDS, default: 0 })
  overlapSeconds?: number;
}

export class ListVirtualKeysQuery extends PageQuery {
  /** Only keys of this scope. */
  @IsOptional()
  @IsIn(KEY_SCOPES)
  @ApiPropertyOptional({ enum: KEY_SCOPES })
  scope?: KeyScope;

  /** Only keys of this type. */
  @IsOptional()
  @IsIn(VIRTUAL_KEY_TYPES)
  @ApiPropertyOptional({ enum: VIRTUAL_KEY_TYPES })
  keyType?: string;

  /** Only keys of this user. */
  @IsOptional()
  @IsId()
  ownerId?: string;
}

/** A virtual key, without its secret. */
export class VirtualKeyView {
  /** Id of the key. */
  id: string;
  /** Name of the key. */
  name: string;
  /** Where the key is sent: in the place of the provider's key, or beside the caller's own. */
  @ApiProperty({ enum: VIRTUAL_KEY_TYPES })
  keyType: string;
  /** Whom the key serves. */
  @ApiProperty({ enum: KEY_SCOPES })
  scope: string;
  /** The user that calls are counted for. */
  ownerId: string | null;
  /** The teams of a team's key. */
  teamIds: string[];
  /** The team that calls are counted for, in place of those of the key or of its owner. */
  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  payerTeamId: string | null;
  /** The provider keys that calls use. Empty for a passthrough key, and for a standard key whose last provider key was deleted. */
  @ApiProperty({ type: [ProviderKeyMapping] })
  providerApiKeys: KeyBinding[];
  /** Models that the key may use; empty: all. */
  allowedModels: string[];
  /** LLM proxies that the key may enter; empty: all. */
  allowedProxyIds: string[];
  /** The first characters of the key's value, by which people recognise it. */
  tokenStart: string;
  /**
   * Whether the key is accepted now. `unmapped`: a standard key that maps to no provider key any more, because the last one
   * was deleted; calls are refused with `provider_not_mapped` until it is mapped again.
   */
  @ApiProperty({ enum: VIRTUAL_KEY_STATES })
  status: (typeof VIRTUAL_KEY_STATES)[number];
  /** When the key ends. */
  expiresAt: Date | null;
  /** When the key was revoked. */
  revokedAt: Date | null;
  /** When the key was made. */
  createdAt: Date;
  /** When the key was last changed. */
  updatedAt: Date;
  /** When a call last used the key, to about ten seconds. */
  lastUsedAt: Date | null;
}

/** A virtual key with its secret, which is shown this once. */
export class VirtualKeyCreated extends VirtualKeyView {
  /** The key itself. Store it now: it is not shown again. */
  value: string;
}

function statusOf(row: VirtualKeyEntity, bindings: readonly KeyBinding[], now: number): VirtualKeyView['status'] {
  if (row.revokedAt) return 'revoked';
  if (row.expiresAt && row.expiresAt.getTime() <= now) return 'expired';
  return row.keyType === 'standard' && bindings.length === 0 ? 'unmapped' : 'active';
}

export function toVirtualKeyView(row: VirtualKeyEntity, bindings: KeyBinding[], now: number): VirtualKeyView {
  return {
    id: row.id,
    name: row.name,
    keyType: row.keyType,
    scope: row.scope,
    ownerId: row.ownerId,
    teamIds: row.teamIds,
    payerTeamId: row.payerTeamId,
    providerApiKeys: bindings,
    allowedModels: row.allowedModels,
    allowedProxyIds: row.allowedProxyIds,
    tokenStart: row.tokenStart,
    status: statusOf(row, bindings, now),
    expiresAt: row.expiresAt,
    revokedAt: row.revokedAt,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    lastUsedAt: row.lastUsedAt,
  };
}
