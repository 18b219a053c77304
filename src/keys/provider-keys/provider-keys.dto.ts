import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsBoolean,
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  ValidateNested,
} from 'class-validator';
import { IsId, MayBeAbsent, OneLine } from '../../admin-api/field-rules.js';
import { PageQuery } from '../../admin-api/page.js';
import { PROVIDER_IDS } from '../../providers/registry.js';
import type { KeyScope } from '../credentials/member-keys.reader.js';
import type { ProviderKeyEntity } from '../credentials/provider-key.entity.js';

export const KEY_SCOPES = ['personal', 'team', 'org'] as const satisfies readonly KeyScope[];

/** Vendors' keys have up to a few hundred characters; tokens, up to a few thousand. */
const MAX_KEY_LENGTH = 8192;

const MAX_SERVERS = 50;
const MAX_PATTERNS = 100;

/**
 * A key is sent in a header unchanged (RFC 9110 §5.5); credentials of some providers (AWS, Google) are a JSON object.
 */
const KEY_TEXT = /^(?:[\x21-\x7e]+|\s*\{[\s\x21-\x7e]*)$/;
const KEY_ADVICE =
  'apiKey must consist of visible ASCII characters, without white space. Check that the whole key was copied.';
const GATEWAY_CREDENTIAL_ADVICE =
  "apiKey is one of this gateway's own credentials. Send the key that the provider gave you.";

/** One of several servers of a self-hosted provider. */
export class ProviderKeyServerBody {
  /** The address that precedes the provider's paths. */
  @OneLine(2000)
  baseUrl: string;

  /** The models that the server serves, as patterns: `*` matches any characters. */
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(MAX_PATTERNS)
  @IsString({ each: true })
  @Matches(/^\S{1,200}$/, {
    each: true,
    message: 'each model pattern must have 1 to 200 characters without white space',
  })
  @ApiProperty({ type: [String] })
  models: string[];
}

const AreServers = () =>
  applyDecorators(
    IsArray(),
    ArrayNotEmpty(),
    ArrayMaxSize(MAX_SERVERS),
    ValidateNested({ each: true }),
    Type(() => ProviderKeyServerBody),
    ApiPropertyOptional({ type: [ProviderKeyServerBody], nullable: true }),
  );

/** A provider key to store. */
export class CreateProviderKeyBody {
  /** Name of the key, for display. */
  @OneLine(200)
  name: string;

  /** The provider that the key is for. */
  @IsIn(PROVIDER_IDS)
  @ApiProperty({ enum: PROVIDER_IDS })
  provider: string;

  /**
   * The provider's key. Stored sealed and never shown again. Not needed for ollama and vllm, nor with `secretRef`. For
   * bedrock it is a bearer key, or an access key as JSON:
   * `{"accessKeyId", "secretAccessKey", "sessionToken", "region"}`, the last two optional; for vertex it may be the JSON
   * file of a service account.
   */
  @IsOptional()
  @IsString()
  @Length(1, MAX_KEY_LENGTH)
  @Matches(KEY_TEXT, { message: KEY_ADVICE })
  @Matches(/^(?!arch_|llm_)/, { message: GATEWAY_CREDENTIAL_ADVICE })
  apiKey?: string;

  /**
   * Reference to a key that is stored elsewhere: `env:LLM_SECRET_…` or `vault:<mount>/<path>#<field>`. Replaces
   * `apiKey`, and requires the permission org_key:write.
   */
  @IsOptional()
  @OneLine(1000)
  secretRef?: string;

  /** The address that precedes the provider's paths, if not the vendor's own. Required for azure, vertex and vllm. */
  @IsOptional()
  @OneLine(2000)
  baseUrl?: string;

  /**
   * Several servers behind this key, for vllm, ollama and azure, in place of `baseUrl`. A call is sent to the first
   * server with a pattern for its model (for azure, its deployment); 404 `model_not_found` if none has one.
   * `GET models` lists the models of all.
   */
  @IsOptional()
  @AreServers()
  servers?: ProviderKeyServerBody[];

  /**
   * Additional headers of calls with this key, by name. Credentials, cookies and headers of the transport are refused.
   */
  @IsOptional()
  @IsObject()
  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' } })
  extraHeaders?: Record<string, string>;

  /** Who may use the key: its owner, the members of a team, or everyone in the organization. Default: personal. */
  @IsOptional()
  @IsIn(KEY_SCOPES)
  @ApiPropertyOptional({ enum: KEY_SCOPES, default: 'personal' })
  scope?: KeyScope;

  /** The team of a key of scope `team`. */
  @IsOptional()
  @IsId()
  teamId?: string;

  /**
   * Whether this key is preferred among those of the same scope and provider; the previous one is then no longer
   * preferred. Default: false.
   */
  @IsOptional()
  @IsBoolean()
  isPrimary?: boolean;
}

/**
 * Changes to a stored key; absent fields are unchanged. A changed `baseUrl` requires the key again, in `apiKey` or
 * `secretRef`.
 */
export class UpdateProviderKeyBody {
  /** Name of the key, for display. */
  @MayBeAbsent()
  @OneLine(200)
  name?: string;

  /** A new key for the provider. */
  @MayBeAbsent()
  @IsString()
  @Length(1, MAX_KEY_LENGTH)
  @Matches(KEY_TEXT, { message: KEY_ADVICE })
  @Matches(/^(?!arch_|llm_)/, { message: GATEWAY_CREDENTIAL_ADVICE })
  apiKey?: string;

  /** A new reference to a key that is stored elsewhere; replaces `apiKey`. */
  @MayBeAbsent()
  @OneLine(1000)
  secretRef?: string;

  /** The address that precedes the provider's paths; null: the vendor's own. */
  @IsOptional()
  @OneLine(2000)
  baseUrl?: string | null;

  /**
   * Several servers, in place of the stored ones and of `baseUrl`; null: one server. A change requires the key again.
   */
  @IsOptional()
  @AreServers()
  servers?: ProviderKeyServerBody[] | null;

  /** Headers to add or change, by name; null for a header removes it, null for the object removes all. */
  @IsOptional()
  @IsObject()
  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string', nullable: true }, nullable: true })
  extraHeaders?: Record<string, string | null> | null;

  /** Whether this key is preferred among those of the same scope and provider. */
  @MayBeAbsent()
  @IsBoolean()
  isPrimary?: boolean;
}

/** The key that replaces the stored one: exactly one of the two. */
export class RotateProviderKeyBody {
  /** The new key. */
  @MayBeAbsent()
  @IsString()
  @Length(1, MAX_KEY_LENGTH)
  @Matches(KEY_TEXT, { message: KEY_ADVICE })
  @Matches(/^(?!arch_|llm_)/, { message: GATEWAY_CREDENTIAL_ADVICE })
  apiKey?: string;

  /** The new reference to a key that is stored elsewhere. Requires the permission org_key:write. */
  @MayBeAbsent()
  @OneLine(1000)
  secretRef?: string;
}

export class ListProviderKeysQuery extends PageQuery {
  /** Only keys for this provider. */
  @IsOptional()
  @IsIn(PROVIDER_IDS)
  @ApiPropertyOptional({ enum: PROVIDER_IDS })
  provider?: string;

  /** Only keys of this scope. */
  @IsOptional()
  @IsIn(KEY_SCOPES)
  @ApiPropertyOptional({ enum: KEY_SCOPES })
  scope?: KeyScope;
}

/** A stored provider key, without its secret. */
export class ProviderKeyView {
  /** Id of the key. */
  id: string;
  /** Name of the key. */
  name: string;
  /** The provider that the key is for. */
  provider: string;
  /** Who may use the key. */
  @ApiProperty({ enum: KEY_SCOPES })
  scope: string;
  /** The owner of a personal key. */
  ownerId: string | null;
  /** The team of a team's key. */
  teamId: string | null;
  /** Whether this key is preferred among those of the same scope and provider. */
  isPrimary: boolean;
  /** The last four characters of the key; empty for short keys and for those stored elsewhere. */
  last4: string;
  /** Reference to the key if it is stored elsewhere. */
  secretRef: string | null;
  /** The address that precedes the provider's paths; null: the vendor's own. */
  baseUrl: string | null;
  /** Several servers behind this key; null: one. */
  @ApiProperty({ type: [ProviderKeyServerBody], nullable: true })
  servers: ProviderKeyServerBody[] | null;
  /** Additional headers of calls with this key. */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  extraHeaders: Record<string, string>;
  /** When the key was stored. */
  createdAt: Date;
  /** When the key was last changed. */
  updatedAt: Date;
  /** When a call last used the key, to about ten seconds. */
  lastUsedAt: Date | null;
}

/** Result of a harmless call to the provider with the key. */
export class ProviderKeyTestView {
  /** Whether the provider accepted the key. */
  ok: boolean;
  /** HTTP status of the provider's response; null without a response. */
  status: number | null;
  /** Milliseconds until the response arrived. */
  latencyMs: number;
  /** What the result means, and what to do. */
  message: string;
}

export function toProviderKeyView(row: ProviderKeyEntity): ProviderKeyView {
  return {
    id: row.id,
    name: row.name,
    provider: row.provider,
    scope: row.scope,
    ownerId: row.ownerId,
    teamId: row.teamId,
    isPrimary: row.isPrimary,
    last4: row.last4,
    secretRef: row.secretRef,
    baseUrl: row.baseUrl,
    servers: row.servers,
    extraHeaders: { ...row.extraHeaders },
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    lastUsedAt: row.lastUsedAt,
  };
}
