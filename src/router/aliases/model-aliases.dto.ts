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
import { IsId, MayBeAbsent, OneLine } from '../../orgs/field-rules.js';
import { targetName } from './alias.js';
import type { ModelAliasEntity } from './model-alias.entity.js';

/** More fallbacks than a caller would wait for, and more keys than share one load. */
const MOST_TARGETS = 20;
const MOST_WEIGHT = 1000;
const MOST_ATTEMPTS = 10;
export const DEFAULT_ATTEMPTS = 3;

/** A model id, or what could be one. */
const NAME = /^[^\s\p{Cc}\p{Cs}]+$/u;
/** Several lines are fine in a text for people; PostgreSQL stores no NUL, and no half surrogate pairs. */
const TEXT = /^[^\0\p{Cs}]*$/u;

/** One model that an alias stands for. */
export class ModelAliasTargetBody {
  /** The model as `provider:model`, such as `groq:llama-3.3-70b-versatile`. */
  @OneLine(300)
  @Matches(NAME, { message: '$property must be provider:model, without white space' })
  model: string;

  /** Share of the calls among the targets of the same priority: one of weight 3 gets three times as many as one of weight 1. Default: 1. */
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(MOST_WEIGHT)
  weight?: number;

  /**
   * When the target is tried: the lowest priority first. Targets of the same priority share the calls by their weights, and
   * stand in for each other; those of the next one are the fallback. Default: its place in the list, from 0.
   */
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(MOST_TARGETS)
  priority?: number;

  /**
   * A stored key of that provider to use, so that several keys can share the calls: one of the organisation's, or a team's. It serves
   * only callers who have a key for the provider anyway and could be given this one: people whom it serves, credentials that are mapped to it
   * and, for a key of the organisation, credentials that are mapped to any key of the provider. Others pass the target over. Null or absent: the caller's own.
   */
  @IsOptional()
  @IsId()
  providerApiKeyId?: string | null;
}

/** A name for models to make. */
export class CreateModelAliasBody {
  /**
   * What callers of the Model Router send as the model, letter for letter; unique in the organisation. Not `provider:model` or
   * `provider/model` of a provider that there is. It goes before a model of that name.
   */
  @OneLine(200)
  @Matches(NAME, { message: '$property must not hold white space' })
  name: string;

  /** What the alias is for, for people. Null: nothing said. */
  @IsOptional()
  @IsString()
  @MaxLength(1000)
  @Matches(TEXT, { message: '$property must not hold NUL or half characters' })
  description?: string | null;

  /**
   * What the name stands for, at least one. The next one is tried when a provider cannot be reached, answers 429 or fails (5xx), always
   * before the first byte of an answer has gone out.
   */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_TARGETS)
  @ValidateNested({ each: true })
  @Type(() => ModelAliasTargetBody)
  @ApiProperty({ type: [ModelAliasTargetBody] })
  targets: ModelAliasTargetBody[];

  /**
   * Whether a call that was begun with somebody's personal key may go on with a key of a team or of the organisation, who then pay for it.
   * Default: false.
   */
  @MayBeAbsent()
  @IsBoolean()
  crossKeyOwners?: boolean;

  /** Most targets that one call tries. Targets that the caller cannot reach do not count. Default: 3. */
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(MOST_ATTEMPTS)
  maxAttempts?: number;
}

/** Changes to an alias; what is absent stays. `targets` takes the place of the whole list. */
export class UpdateModelAliasBody extends PartialType(CreateModelAliasBody, { skipNullProperties: false }) {}

/** One model that an alias stands for. */
export class ModelAliasTargetView {
  /** The model as `provider:model`. */
  model: string;
  /** Share of the calls among the targets of the same priority. */
  weight: number;
  /** When the target is tried: the lowest priority first. */
  priority: number;
  /** The stored key that is used; null: the caller's own. */
  providerApiKeyId: string | null;
}

/** A name for models. */
export class ModelAliasView {
  /** Id of the alias. */
  id: string;
  /** What callers send as the model. */
  name: string;
  /** What the alias is for; null: nothing said. */
  description: string | null;
  /** What the name stands for, in the order of trying. */
  @ApiProperty({ type: [ModelAliasTargetView] })
  targets: ModelAliasTargetView[];
  /** Whether a call that was begun with a personal key may go on with a shared one. */
  crossKeyOwners: boolean;
  /** Most targets that one call tries. */
  maxAttempts: number;
  /** When the alias was made. */
  createdAt: Date;
  /** When the alias was last changed. */
  updatedAt: Date;
}

export function toModelAliasView(row: ModelAliasEntity): ModelAliasView {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    targets: row.targets.map((target) => ({
      model: targetName(target),
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
