import { ApiProperty } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  Matches,
  Max,
  Min,
} from 'class-validator';
import { MayBeAbsent, OneLine } from '../../admin-api/field-rules.js';
import type { OrganizationEntity } from './organization.entity.js';
import { SLUG } from './slug.js';

export const KEY_SCOPES = ['personal', 'team', 'org'] as const;
export type KeyScopeName = (typeof KEY_SCOPES)[number];

export const CAPTURE_MODES = ['off', 'redacted', 'full'] as const;
export type CaptureMode = (typeof CAPTURE_MODES)[number];
export const MAX_CONTENT_RETENTION_DAYS = 365;

// Below five minutes clients mostly refresh tokens; one day bounds the use of a lost token.
const MIN_TOKEN_LIFETIME_SECONDS = 300;
const MAX_TOKEN_LIFETIME_SECONDS = 86_400;

export class UpdateOrganizationBody {
  /** Name of the organization. */
  @MayBeAbsent()
  @OneLine(200)
  name?: string;

  /** Short name: lower-case letters, digits and hyphens. Unique in the whole deployment. */
  @MayBeAbsent()
  @Matches(SLUG, {
    message: 'slug must be 1 to 63 lower-case letters, digits or hyphens, with no hyphen at either end',
  })
  slug?: string;

  /** Lifetime of an access token that an application gets for itself (client_credentials), in seconds. */
  @MayBeAbsent()
  @IsInt()
  @Min(MIN_TOKEN_LIFETIME_SECONDS)
  @Max(MAX_TOKEN_LIFETIME_SECONDS)
  clientTokenLifetimeSeconds?: number;

  /** Lifetime of an access token that an application gets on behalf of a user, in seconds. */
  @MayBeAbsent()
  @IsInt()
  @Min(MIN_TOKEN_LIFETIME_SECONDS)
  @Max(MAX_TOKEN_LIFETIME_SECONDS)
  userTokenLifetimeSeconds?: number;

  /** The order of scopes in which a provider key is chosen for a user's calls. An absent scope is not used. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(KEY_SCOPES.length)
  @ArrayUnique()
  @IsIn(KEY_SCOPES, { each: true })
  @ApiProperty({ enum: KEY_SCOPES, isArray: true })
  keyResolutionOrder?: KeyScopeName[];

  /** Which content of prompts and responses is stored, unless an LLM proxy overrides it. */
  @MayBeAbsent()
  @IsIn(CAPTURE_MODES)
  captureContent?: CaptureMode;

  /** How many days the content is stored, unless an LLM proxy overrides it. */
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(MAX_CONTENT_RETENTION_DAYS)
  @ApiProperty({ type: 'integer', required: false })
  contentRetentionDays?: number;

  /** Whether applications may register themselves at the authorization server. */
  @MayBeAbsent()
  @IsBoolean()
  allowSelfRegisteredApps?: boolean;
}

export class OrganizationView {
  /** Id of the organization. */
  id: string;

  /** Name of the organization. */
  name: string;

  /** Short name, unique in the whole deployment. */
  slug: string;

  /** Whether calls that name no LLM proxy and no stored credential belong to it. */
  isDefault: boolean;

  /** Lifetime of an access token that an application gets for itself (client_credentials), in seconds. */
  clientTokenLifetimeSeconds: number;

  /** Lifetime of an access token that an application gets on behalf of a user, in seconds. */
  userTokenLifetimeSeconds: number;

  /** The order of scopes in which a provider key is chosen for a user's calls. An absent scope is not used. */
  @ApiProperty({ enum: KEY_SCOPES, isArray: true })
  keyResolutionOrder: KeyScopeName[];

  /** Which content of prompts and responses is stored, unless an LLM proxy overrides it. */
  @ApiProperty({ enum: CAPTURE_MODES })
  captureContent: CaptureMode;

  /** How many days the content is stored, unless an LLM proxy overrides it. */
  @ApiProperty({ type: 'integer' })
  contentRetentionDays: number;

  /** Whether applications may register themselves at the authorization server. */
  allowSelfRegisteredApps: boolean;

  /** When the organization was created. */
  createdAt: Date;

  /** When the organization was last changed. */
  updatedAt: Date;
}

export const toOrganizationView = (row: OrganizationEntity): OrganizationView => ({
  id: row.id,
  name: row.name,
  slug: row.slug,
  isDefault: row.isDefault,
  clientTokenLifetimeSeconds: row.clientTokenLifetimeSeconds,
  userTokenLifetimeSeconds: row.userTokenLifetimeSeconds,
  keyResolutionOrder: row.keyResolutionOrder as KeyScopeName[],
  captureContent: row.captureContent as CaptureMode,
  contentRetentionDays: row.contentRetentionDays,
  allowSelfRegisteredApps: row.allowSelfRegisteredApps,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
});
