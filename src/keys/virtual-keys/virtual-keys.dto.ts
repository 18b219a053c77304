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
import { IsId, IsInstant, MayBeAbsent, OneLine } from '../../admin-api/field-rules.js';
import { PageQuery } from '../../admin-api/page.js';
import { PROVIDER_IDS } from '../../providers/registry.js';
import type { KeyBinding } from '../key-bindings/key-binding.store.js';
import type { KeyScope } from '../credentials/member-keys.reader.js';
import { KEY_SCOPES } from '../provider-keys/provider-keys.dto.js';
import type { VirtualKeyEntity } from './virtual-key.entity.js';

export const VIRTUAL_KEY_TYPES = ['standard', 'passthrough'] as const;
export const VIRTUAL_KEY_STATES = ['active', 'expired', 'revoked', 'unmapped'] as const;

/** Enough for every list that a person maintains; bounds the work per call. */
const MAX_ITEMS = 100;
const PATTERN = /^[^\s\p{Cc}]+$/u;
const PATTERN_ADVICE = { each: true, message: 'each value in $property must be a model pattern, without white space' };
/** Thirty days: longer than any rollout of a new secret. */
export const MAX_OVERLAP_SECONDS = 2_592_000;

/** The stored key that is used for a provider. */
export class ProviderKeyMapping {
  /** The provider. */
  @IsIn(PROVIDER_IDS)
  @ApiProperty({ enum: PROVIDER_IDS })
  provider: string;

  /** Id of the provider key that is used for it. */
  @IsId()
  providerApiKeyId: string;
}

/** A virtual key to create. */
export class CreateVirtualKeyBody {
  /** Name of the key, for display. */
  @OneLine(200)
  name: string;

  /**
   * The provider keys that calls with this key use, at most one per provider. A standard key has at least one, a
   * passthrough key none.
   */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_ITEMS)
  @ValidateNested({ each: true })
  @Type(() => ProviderKeyMapping)
  @ApiPropertyOptional({ type: [ProviderKeyMapping] })
  providerApiKeys?: ProviderKeyMapping[];

  /**
   * `standard`: sent in place of the provider's key, and maps to stored keys. `passthrough`: sent in
   * X-Archestra-Virtual-Key beside the caller's own provider credential, and identifies the caller.
   */
  @IsOptional()
  @IsIn(VIRTUAL_KEY_TYPES)
  @ApiPropertyOptional({ enum: VIRTUAL_KEY_TYPES, default: 'standard' })
  keyType?: 'standard' | 'passthrough';

  /** Who may use the key: its owner, the members of teams, or everyone in the organization. */
  @IsOptional()
  @IsIn(KEY_SCOPES)
  @ApiPropertyOptional({ enum: KEY_SCOPES, default: 'personal' })
  scope?: KeyScope;

  /** The teams of a key of scope `team`, at least one. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_ITEMS)
  @ArrayUnique()
  @IsId({ each: true })
  @ApiPropertyOptional({ type: [String] })
  teamIds?: string[];

  /**
   * The user that calls with this key count for; the key ends with the user. Default: you. Another user requires the
   * permission any_key:write. Null, for scopes `team` and `org`: none.
   */
  @IsOptional()
  @IsId()
  @ApiPropertyOptional({ type: String, format: 'uuid', nullable: true })
  ownerId?: string | null;

  /**
   * The team that calls count for, in limits and statistics, in place of the teams of the key or of its owner. Requires
   * team_key:write, or being an admin of that team. Null: none.
   */
  @IsOptional()
  @IsId()
  @ApiPropertyOptional({ type: String, format: 'uuid', nullable: true })
  payerTeamId?: string | null;

  /** When the key expires. Default: never. */
  @IsOptional()
  @IsInstant()
  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true })
  expiresAt?: string | null;

  /**
   * Models that the key may use: `*` matches any characters, `provider:pattern` limits the pattern to a provider.
   * Default: all.
   */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_ITEMS)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(200, { each: true })
  @Matches(PATTERN, PATTERN_ADVICE)
  @ApiPropertyOptional({ type: [String] })
  allowedModels?: string[];

  /** Ids of the LLM proxies that the key may use. Default: all. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_ITEMS)
  @ArrayUnique()
  @IsId({ each: true })
  @ApiPropertyOptional({ type: [String] })
  allowedProxyIds?: string[];
}

/** Changes to a virtual key; absent fields are unchanged. */
export class UpdateVirtualKeyBody {
  /** Name of the key, for display. */
  @MayBeAbsent()
  @OneLine(200)
  name?: string;

  /**
   * The provider keys that calls with this key use, in place of all present ones: at least one. A passthrough key has
   * none.
   */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_ITEMS)
  @ValidateNested({ each: true })
  @Type(() => ProviderKeyMapping)
  @ApiPropertyOptional({ type: [ProviderKeyMapping], nullable: true })
  providerApiKeys?: ProviderKeyMapping[] | null;

  /** The teams of a key of scope `team`, in place of all present ones. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MAX_ITEMS)
  @ArrayUnique()
  @IsId({ each: true })
  @ApiPropertyOptional({ type: [String] })
  teamIds?: string[];

  /**
   * The team that calls count for, in limits and statistics, in place of the teams of the key or of its owner. Requires
   * team_key:write, or being an admin of that team. Null: none.
   */
  @IsOptional()
  @IsId()
  @ApiPropertyOptional({ type: String, format: 'uuid', nullable: true })
  payerTeamId?: string | null;

  /** When the key expires; null: never. */
  @IsOptional()
  @IsInstant()
  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true })
  expiresAt?: string | null;

  /** Models that the key may use. Null or empty: all. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_ITEMS)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(200, { each: true })
  @Matches(PATTERN, PATTERN_ADVICE)
  @ApiPropertyOptional({ type: [String], nullable: true })
  allowedModels?: string[] | null;

  /** Ids of the LLM proxies that the key may use. Null or empty: all. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_ITEMS)
  @ArrayUnique()
  @IsId({ each: true })
  @ApiPropertyOptional({ type: [String], nullable: true })
  allowedProxyIds?: string[] | null;
}

/** How a virtual key gets a new secret. */
export class RotateVirtualKeyBody {
  /** Seconds during which the previous secret is still accepted, so that clients can be updated one by one. */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MAX_OVERLAP_SECONDS)
  @ApiPropertyOptional({ minimum: 0, maximum: MAX_OVERLAP_SECONDS, default: 0 })
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
  /** How the key is sent: in place of the provider's key, or beside the caller's own. */
  @ApiProperty({ enum: VIRTUAL_KEY_TYPES })
  keyType: string;
  /** Who may use the key. */
  @ApiProperty({ enum: KEY_SCOPES })
  scope: string;
  /** The user that calls count for. */
  ownerId: string | null;
  /** The teams of a team's key. */
  teamIds: string[];
  /** The team that calls count for, in place of those of the key or of its owner. */
  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  payerTeamId: string | null;
  /**
   * The provider keys that calls use. Empty for a passthrough key, and for a standard key whose last provider key was
   * deleted.
   */
  @ApiProperty({ type: [ProviderKeyMapping] })
  providerApiKeys: KeyBinding[];
  /** Models that the key may use; empty: all. */
  allowedModels: string[];
  /** LLM proxies that the key may use; empty: all. */
  allowedProxyIds: string[];
  /** The first characters of the key's value, by which people recognize it. */
  tokenStart: string;
  /**
   * Whether the key is accepted now. `unmapped`: a standard key without provider keys, because the last one was
   * deleted; calls are refused with `provider_not_mapped` until it is mapped again.
   */
  @ApiProperty({ enum: VIRTUAL_KEY_STATES })
  status: (typeof VIRTUAL_KEY_STATES)[number];
  /** When the key expires. */
  expiresAt: Date | null;
  /** When the key was revoked. */
  revokedAt: Date | null;
  /** When the key was created. */
  createdAt: Date;
  /** When the key was last changed. */
  updatedAt: Date;
  /** When a call last used the key, to about ten seconds. */
  lastUsedAt: Date | null;
}

/** A virtual key with its secret, which is shown only once. */
export class VirtualKeyCreated extends VirtualKeyView {
  /** The key itself. Store it now: it is not shown again. */
  value: string;
}

function toStatus(row: VirtualKeyEntity, bindings: readonly KeyBinding[], now: number): VirtualKeyView['status'] {
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
    status: toStatus(row, bindings, now),
    expiresAt: row.expiresAt,
    revokedAt: row.revokedAt,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    lastUsedAt: row.lastUsedAt,
  };
}
