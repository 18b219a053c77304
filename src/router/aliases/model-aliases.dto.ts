import { ApiProperty, PartialType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { IsId, MayBeAbsent, OneLine } from '../../admin-api/field-rules.js';
import { formatTargetName } from './alias.js';
import type { ModelAliasEntity } from './model-alias.entity.js';

/** Maximum of targets: more fallbacks than a caller would wait for, and more keys than share one load. */
const MAX_TARGETS = 20;
const MAX_WEIGHT = 1000;
const MAX_ATTEMPTS = 10;
export const DEFAULT_ATTEMPTS = 3;

/** A model id, or a text that could be one. */
const NAME = /^[^\s\p{Cc}\p{Cs}]+$/u;
/** Line breaks are fine in a text for people. PostgreSQL stores neither NUL nor unpaired surrogates. */
const TEXT = /^[^\0\p{Cs}]*$/u;

/** A target of an alias. */
export class ModelAliasTargetBody {
  /** Model as `provider:model`, such as `groq:llama-3.3-70b-versatile`. */
  @OneLine(300)
  @Matches(NAME, { message: '$property must be provider:model, without white space' })
  model: string;

  /**
   * Share of the calls among the targets of the same priority: a target of weight 3 gets three times as many as one of
   * weight 1. Default: 1.
   */
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(MAX_WEIGHT)
  weight?: number;

  /**
   * Order in which the targets are tried, the lowest priority first. Targets of the same priority share the calls by
   * their weights, and replace each other on failure; those of the next priority are the fallback. Default: the index
   * in the list, from 0.
   */
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(MAX_TARGETS)
  priority?: number;

  /**
   * Stored key of that provider to use, so that several keys can share the calls: a key of the organization or of a
   * team. It serves only callers who have a key for the provider anyway and could be given this one: people that it
   * serves, credentials that are mapped to it and, for a key of the organization, credentials that are mapped to any
   * key of the provider. For other callers the target is skipped. Null or absent: the caller's own key.
   */
  @IsOptional()
  @IsId()
  providerApiKeyId?: string | null;
}

/** A model alias to create. */
export class CreateModelAliasBody {
  /**
   * Name that callers of the Model Router send as the model; case-sensitive and unique in the organization. It must not
   * be `provider:model` or `provider/model` of an existing provider. It takes precedence over a model of the same name.
   */
  @OneLine(200)
  @Matches(NAME, { message: '$property must not hold white space' })
  name: string;

  /** Description of the alias, for people. Null: no description. */
  @IsOptional()
  @IsString()
  @MaxLength(1000)
  @Matches(TEXT, { message: '$property must not hold a NUL character or half of a surrogate pair' })
  description?: string | null;

  /**
   * Targets of the alias, at least one. The next target is tried when a provider cannot be reached, responds with 429
   * or fails (5xx), always before the first byte of a response has been sent.
   */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_TARGETS)
  @ValidateNested({ each: true })
  @Type(() => ModelAliasTargetBody)
  @ApiProperty({ type: [ModelAliasTargetBody] })
  targets: ModelAliasTargetBody[];

  /**
   * Whether a call that started with a personal key may continue with a key of a team or of the organization, which
   * then pays for it. Default: false.
   */
  @MayBeAbsent()
  @IsBoolean()
  crossKeyOwners?: boolean;

  /** Maximum number of targets that one call tries. Targets that the caller cannot reach do not count. Default: 3. */
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(MAX_ATTEMPTS)
  maxAttempts?: number;
}

/** Changes to an alias. Absent members stay unchanged. `targets` replaces the whole list. */
export class UpdateModelAliasBody extends PartialType(CreateModelAliasBody, { skipNullProperties: false }) {}

/** A target of an alias. */
export class ModelAliasTargetView {
  /** Model as `provider:model`. */
  model: string;
  /** Share of the calls among the targets of the same priority. */
  weight: number;
  /** Order in which the targets are tried, the lowest priority first. */
  priority: number;
  /** Stored key that is used. Null: the caller's own key. */
  providerApiKeyId: string | null;
}

/** A model alias. */
export class ModelAliasView {
  /** Id of the alias. */
  id: string;
  /** Name that callers send as the model. */
  name: string;
  /** Description of the alias. Null: no description. */
  description: string | null;
  /** Targets of the alias, in the order in which they are tried. */
  @ApiProperty({ type: [ModelAliasTargetView] })
  targets: ModelAliasTargetView[];
  /** Whether a call that started with a personal key may continue with a shared one. */
  crossKeyOwners: boolean;
  /** Maximum number of targets that one call tries. */
  maxAttempts: number;
  /** Time at which the alias was created. */
  createdAt: Date;
  /** Time at which the alias was last changed. */
  updatedAt: Date;
}

export function toModelAliasView(row: ModelAliasEntity): ModelAliasView {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    targets: row.targets.map((target) => ({
      model: formatTargetName(target),
      weight: target.weight,
      priority: target.priority,
      providerApiKeyId: target.providerApiKeyId,
    })),
    crossKeyOwners: row.crossKeyOwners,
    maxAttempts: row.maxAttempts,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}
