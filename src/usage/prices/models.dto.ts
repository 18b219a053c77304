import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsNumber, IsOptional, Max, Min } from 'class-validator';
import { IsInstant, MayBeAbsent, OneLine } from '../../admin-api/field-rules.js';
import { PageQuery } from '../../admin-api/page.js';
import type { TokenRates } from '../../providers/prices/model-prices.js';
import { PROVIDER_IDS } from '../../providers/registry.js';
import type { ModelPriceOverrideEntity } from './model-price-override.entity.js';

/** The most expensive models cost some hundred dollars per million tokens; more is a mistake of units. */
const MAX_USD = 100_000;

export const PRICE_SOURCES = ['price-list', 'override'] as const;

export class ListModelsQuery extends PageQuery {
  /** Only models of this provider. */
  @IsOptional()
  @IsIn(PROVIDER_IDS)
  @ApiPropertyOptional({ enum: PROVIDER_IDS })
  provider?: string;
}

/** US dollars per million tokens. */
export class ModelRates {
  /** Per million tokens of input. */
  input: number;
  /** Per million tokens of output. */
  output: number;
  /** Per million tokens of input that the provider read from its cache; null: as input. */
  cacheRead: number | null;
  /** Per million tokens of input that the provider wrote to its cache; null: as input. */
  cacheWrite: number | null;
  /** Per million tokens of input that the provider wrote to its cache for one hour; null: as cacheWrite. */
  cacheWrite1h: number | null;
}

/** Prices of a call whose input is larger than a bound. */
export class ModelTier extends ModelRates {
  /** The tier applies to the whole call once its input exceeds this many tokens. */
  aboveInputTokens: number;
}

/** A model and its price for your organization. */
export class ModelView extends ModelRates {
  /** The provider. */
  provider: string;
  /** The model, as named by the provider. */
  model: string;
  /** Whether the prices are list prices or your organization's. */
  @ApiProperty({ enum: PRICE_SOURCES })
  source: (typeof PRICE_SOURCES)[number];
  /** Higher prices for calls with large input, lowest first. */
  @ApiProperty({ type: [ModelTier] })
  tiers: ModelTier[];
  /** The prices that your organization set, if any. */
  @ApiProperty({ type: ModelRates, nullable: true })
  override: ModelRates | null;
  /** The list prices; null for a model without one. */
  @ApiProperty({ type: ModelRates, nullable: true })
  listPrice: ModelRates | null;
}

/** Selects a model's price. */
export class ModelPriceQuery {
  /** The provider. */
  @IsIn(PROVIDER_IDS)
  @ApiProperty({ enum: PROVIDER_IDS })
  provider: string;

  /** The model, as named by the provider. */
  @OneLine(256)
  model: string;
}

/** A price that your organization sets instead of the list price. It also applies to the model's dated versions. */
export class SetModelPriceBody extends ModelPriceQuery {
  /** US dollars per million tokens of input. */
  @IsNumber()
  @Min(0)
  @Max(MAX_USD)
  input: number;

  /** US dollars per million tokens of output. */
  @IsNumber()
  @Min(0)
  @Max(MAX_USD)
  output: number;

  /** US dollars per million tokens of input read from the provider's cache. Default: as input. */
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(MAX_USD)
  cacheRead?: number | null;

  /** US dollars per million tokens of input written to the provider's cache. Default: as input. */
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(MAX_USD)
  cacheWrite?: number | null;

  /**
   * US dollars per million tokens of input written to the provider's cache for one hour (Anthropic's
   * `ephemeral_1h_input_tokens`, Bedrock's `ttl: 1h`). Default: as cacheWrite.
   */
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(MAX_USD)
  cacheWrite1h?: number | null;

  /**
   * Start of the price, which applies until the next one that is set; it may be before or after now. Default: now.
   * Existing records of calls keep their cost (`gatehouse rerate`).
   */
  @MayBeAbsent()
  @IsInstant()
  @ApiProperty({ required: false, format: 'date-time' })
  effectiveFrom?: string;
}

/** A price that your organization set for a model. */
export class ModelPriceVersionView extends ModelRates {
  /** Its id; records of calls that are based on it name it as `own:<id>`. */
  @ApiProperty({ format: 'uuid' })
  id: string;
  /** Start of the price, which applies until the next one. */
  effectiveFrom: Date;
  /** Whether the list price applies from then on; the rates are then those of the price before. */
  isLifted: boolean;
}

export const toPriceVersion = (row: ModelPriceOverrideEntity): ModelPriceVersionView => ({
  id: row.id,
  ...toModelRates(row),
  effectiveFrom: row.effectiveFrom,
  isLifted: row.isLifted,
});

export const toModelRates = ({ input, output, cacheRead, cacheWrite, longCacheWrite }: TokenRates): ModelRates => ({
  input,
  output,
  cacheRead,
  cacheWrite,
  cacheWrite1h: longCacheWrite,
});
