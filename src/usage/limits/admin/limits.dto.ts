import { ApiProperty, ApiPropertyOptional, PartialType, PickType } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsNumber, IsOptional, Matches, Max, Min } from 'class-validator';
import { IsId, MayBeAbsent } from '../../../admin-api/field-rules.js';
import { PageQuery } from '../../../admin-api/page.js';
import { EACH, LIMITED_ENTITIES, type LimitedEntity } from '../definitions/limit.js';
import type { LimitEntity } from '../definitions/limit.entity.js';
import { LIMIT_TYPE_IDS, type LimitType } from '../definitions/limit-types.js';
import { LIMIT_WINDOWS, type LimitWindow } from '../definitions/limit-window.js';

const MAX_PATTERNS = 50;
/** In micro-dollars and in tokens, far below the largest exact integer. */
const MAX_VALUE = 1_000_000_000;
const MIN_VALUE = 0.000001;
const PATTERN = /^[^\s\p{Cc}\p{Cs}]{1,300}$/u;

/** A limit to set. */
export class CreateLimitBody {
  /**
   * Kind of the limited entity: the whole organization, or one of its parts. All limits that apply to a call bind it
   * together.
   */
  @IsIn(LIMITED_ENTITIES)
  @ApiProperty({ enum: LIMITED_ENTITIES, enumName: 'LimitedEntity' })
  entityType: LimitedEntity;

  /**
   * Its id; for the organization its own. A team limit counts calls with the team's keys, and those of its members:
   * calls with personal keys and tokens count for every team of the user, or for the one that `X-Archestra-Team-Id`
   * names. `*`: a default limit, which binds each new user, key, … of this kind separately, unless it has a limit of
   * its own with the same `limitType`, `window` and `model`.
   */
  @IsId({ or: EACH })
  entityId: string;

  /** For a default limit (`entityId` is `*`): whether it also binds entities that existed before it. Default: false. */
  @MayBeAbsent()
  @IsBoolean()
  @ApiPropertyOptional({ default: false })
  includeExisting?: boolean;

  /**
   * Counted quantity: cost in US dollars by the prices of the models, tokens (input and output), calls, or concurrent
   * calls.
   */
  @IsIn(LIMIT_TYPE_IDS)
  @ApiProperty({ enum: LIMIT_TYPE_IDS, enumName: 'LimitType' })
  limitType: LimitType;

  /** Maximum usage in the window: US dollars for `token_cost`, otherwise an integer. */
  @IsNumber({ allowInfinity: false, allowNaN: false, maxDecimalPlaces: 6 })
  @Min(MIN_VALUE)
  @Max(MAX_VALUE)
  limitValue: number;

  /**
   * The window; omitted for `parallel_requests`. `1m` is a rate limit (429, retry soon), all others are budgets (402).
   * `1h`, `1d`, `1w` (7 days) and `1mo` (30 days) roll: usage expires at that age. Calendar windows restart at midnight
   * UTC; weeks on Monday.
   */
  @MayBeAbsent()
  @IsIn(LIMIT_WINDOWS)
  @ApiProperty({ enum: LIMIT_WINDOWS, enumName: 'LimitWindow', required: false })
  window?: LimitWindow;

  /**
   * Patterns of the models whose calls are counted: `*` matches any characters, case-insensitive, in the provider's
   * model id; `provider:pattern` restricts it to a provider. Default: [], all models.
   */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MAX_PATTERNS)
  @Matches(PATTERN, { each: true, message: 'each value in $property must be a pattern without white space' })
  model?: string[];
}

/** Changes to a limit. Absent fields stay. Earlier usage in the window still counts. */
export class UpdateLimitBody extends PartialType(
  PickType(CreateLimitBody, ['limitValue', 'window', 'model', 'includeExisting'] as const),
  { skipNullProperties: false },
) {}

export class ListLimitsQuery extends PageQuery {
  /** Only limits on this kind of entity. */
  @IsOptional()
  @IsIn(LIMITED_ENTITIES)
  @ApiProperty({ enum: LIMITED_ENTITIES, enumName: 'LimitedEntity', required: false })
  entityType?: LimitedEntity;

  /** Only limits on the entity with this id; `*`: only default limits. */
  @IsOptional()
  @IsId({ or: EACH })
  entityId?: string;
}

/** A limit and its usage. */
export class LimitView {
  /** Id of the limit; refused calls name it in `x-gateway-limit`. */
  id: string;
  /** Kind of the limited entity. */
  @ApiProperty({ enum: LIMITED_ENTITIES, enumName: 'LimitedEntity' })
  entityType: string;
  /** Id of the limited entity; `*`: each of this kind separately. */
  entityId: string;
  /** For a default limit: whether it also binds entities that existed before it. */
  includeExisting: boolean;
  /** Counted quantity. */
  @ApiProperty({ enum: LIMIT_TYPE_IDS, enumName: 'LimitType' })
  limitType: string;
  /** Maximum usage in the window: US dollars for `token_cost`, otherwise tokens or calls. */
  limitValue: number;
  /** The window; null: a limit on concurrent calls. */
  @ApiProperty({ enum: LIMIT_WINDOWS, enumName: 'LimitWindow', nullable: true })
  window: string | null;
  /** Patterns of the models whose calls are counted; []: all. */
  model: string[];
  /**
   * Usage in the present window, in the unit of `limitValue`; for concurrent calls 0, calls in flight are in
   * `reserved`. Null: temporarily unknown, or a default limit, whose usage differs for each entity (see POST
   * /api/explain).
   */
  @ApiProperty({ type: 'number', nullable: true })
  used: number | null;
  /** Reserved for calls in flight until their usage is known. */
  @ApiProperty({ type: 'number', nullable: true })
  reserved: number | null;
  /** The rest: `limitValue` minus `used` and `reserved`, at least 0. */
  @ApiProperty({ type: 'number', nullable: true })
  remaining: number | null;
  /**
   * When `used` returns to 0 without further calls: the end of a calendar window. Null: a rolling window without usage.
   */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  resetsAt: Date | null;
  /** When the limit was created. */
  createdAt: Date;
  /** When the limit was last changed. */
  updatedAt: Date;
}

/** Usage of a limit, in an admin's units. */
export type LimitUsage = Pick<LimitView, 'used' | 'reserved' | 'remaining' | 'resetsAt'>;

/** A limit without its usage, as recorded in the audit log. */
export type LimitTerms = Omit<LimitView, keyof LimitUsage>;

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
