import { ApiProperty, ApiPropertyOptional, PartialType, PickType } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsNumber, IsOptional, Matches, Max, Min } from 'class-validator';
import { IsId, MayBeAbsent } from '../../orgs/field-rules.js';
import { PageQuery } from '../../platform/page.js';
import { EACH, LIMIT_TYPES, LIMITED_ENTITIES, type LimitedEntity, type LimitType } from './limit.js';
import type { LimitEntity } from './limit.entity.js';
import { LIMIT_WINDOWS, type LimitWindow } from './limit-window.js';

const MOST_PATTERNS = 50;
/** In micro-dollars and in tokens it stays far below what numbers hold exactly. */
const MOST_VALUE = 1_000_000_000;
const LEAST_VALUE = 0.000001;
const PATTERN = /^[^\s\p{Cc}\p{Cs}]{1,300}$/u;

/** A limit to set. */
export class CreateLimitBody {
  /** What is bound: the whole organisation, or one of its parts. All limits that apply to a call bind it together. */
  @IsIn(LIMITED_ENTITIES)
  @ApiProperty({ enum: LIMITED_ENTITIES, enumName: 'LimitedEntity' })
  entityType: LimitedEntity;

  /**
   * Its id; for the organisation its own. A team is bound by calls with its keys, and by those of its members: with personal keys and
   * tokens they count for every team of the user, or for the one that `X-Archestra-Team-Id` names. `*`: a default limit, which binds
   * each new user, key, … of this kind for itself, unless it has a limit of its own of the same `limitType`, `window` and `model`.
   */
  @IsId({ or: EACH })
  entityId: string;

  /** Of a default limit (`entityId` is `*`): whether it binds those too that were there before it. Default: false. */
  @MayBeAbsent()
  @IsBoolean()
  @ApiPropertyOptional({ default: false })
  includeExisting?: boolean;

  /** What is counted: cost in US dollars by the prices of the models, tokens (input and output), calls, or calls under way at once. */
  @IsIn(LIMIT_TYPES)
  @ApiProperty({ enum: LIMIT_TYPES, enumName: 'LimitType' })
  limitType: LimitType;

  /** The most that may be used in the window: US dollars for `token_cost`, else a whole number. */
  @IsNumber({ allowInfinity: false, allowNaN: false, maxDecimalPlaces: 6 })
  @Min(LEAST_VALUE)
  @Max(MOST_VALUE)
  limitValue: number;

  /**
   * The window; left out for `parallel_requests`, which have none. `1m` is a rate limit (429, try again soon), all others are budgets (402). `1h`, `1d`, `1w` (7 days) and `1mo` (30 days) roll:
   * what was used is forgotten when it is that old. Calendar windows begin anew at midnight UTC; weeks on Monday.
   */
  @MayBeAbsent()
  @IsIn(LIMIT_WINDOWS)
  @ApiProperty({ enum: LIMIT_WINDOWS, enumName: 'LimitWindow', required: false })
  window?: LimitWindow;

  /**
   * Patterns of the models whose calls are counted: `*` is any characters, case-insensitive, against the provider's model id;
   * `provider:pattern` narrows. Default: [], all models.
   */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MOST_PATTERNS)
  @Matches(PATTERN, { each: true, message: 'each value in $property must be a pattern without white space' })
  model?: string[];
}

/** Changes to a limit; what is absent stays. What was used in the window still counts. */
export class UpdateLimitBody extends PartialType(
  PickType(CreateLimitBody, ['limitValue', 'window', 'model', 'includeExisting'] as const),
  { skipNullProperties: false },
) {}

export class ListLimitsQuery extends PageQuery {
  /** Only limits on this kind of thing. */
  @IsOptional()
  @IsIn(LIMITED_ENTITIES)
  @ApiProperty({ enum: LIMITED_ENTITIES, enumName: 'LimitedEntity', required: false })
  entityType?: LimitedEntity;

  /** Only limits on the thing of this id; `*`: only default limits. */
  @IsOptional()
  @IsId({ or: EACH })
  entityId?: string;
}

/** A limit, and how it stands. */
export class LimitView {
  /** Id of the limit; refused calls name it in `x-gateway-limit`. */
  id: string;
  /** What is bound. */
  @ApiProperty({ enum: LIMITED_ENTITIES, enumName: 'LimitedEntity' })
  entityType: string;
  /** Id of what is bound; `*`: each of this kind, for itself. */
  entityId: string;
  /** Of a default limit: whether it binds those too that were there before it. */
  includeExisting: boolean;
  /** What is counted. */
  @ApiProperty({ enum: LIMIT_TYPES, enumName: 'LimitType' })
  limitType: string;
  /** The most that may be used in the window: US dollars for `token_cost`, else tokens or calls. */
  limitValue: number;
  /** The window; null: a limit on calls at once, which has none. */
  @ApiProperty({ enum: LIMIT_WINDOWS, enumName: 'LimitWindow', nullable: true })
  window: string | null;
  /** Patterns of the models whose calls are counted; []: all. */
  model: string[];
  /**
   * Used in the present window, in the unit of `limitValue`; of calls at once 0, those under way are `reserved`. Null: it cannot be
   * told at the moment, or it is a default limit, which stands differently for each (POST /api/explain tells how).
   */
  @ApiProperty({ type: 'number', nullable: true })
  used: number | null;
  /** Held for calls under way, until it is known what they use. */
  @ApiProperty({ type: 'number', nullable: true })
  reserved: number | null;
  /** What is left: `limitValue` without `used` and `reserved`, at least 0. */
  @ApiProperty({ type: 'number', nullable: true })
  remaining: number | null;
  /** When `used` is 0 again if nothing more comes: the end of a calendar window. Null: nothing is used in a rolling one. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  resetsAt: Date | null;
  /** When the limit was set. */
  createdAt: Date;
  /** When the limit was last changed. */
  updatedAt: Date;
}

/** How a limit stands, in an admin's units. */
export type LimitStanding = Pick<LimitView, 'used' | 'reserved' | 'remaining' | 'resetsAt'>;

/** A limit without how it stands: what the audit log keeps. */
export type LimitTerms = Omit<LimitView, keyof LimitStanding>;

export const toLimitTerms = (row: LimitEntity): LimitTerms => ({
  id: row.id,
  entityType: row.entityType,
  entityId: row.entityId ?? EACH,
  includeExisting: row.includeExisting,
  limitType: row.limitType,
  limitValue: row.limitValue,
  window: row.window,
  model: row.model,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
});
