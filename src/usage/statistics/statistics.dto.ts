import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { IsInstant } from '../../admin-api/field-rules.js';
import { Pagination } from '../../admin-api/page.js';
import { DEFAULT_TIMEFRAME, TIMEFRAME_NAMES } from '../rollup/statistics-range.js';
import { STEPS, type Step } from '../rollup/counters.js';

export class StatisticsQuery {
  /** Period up to now, in whole minutes (1h), hours (24h, 7d) or days of UTC (30d, 90d), including the current one. */
  @IsOptional()
  @IsIn(TIMEFRAME_NAMES)
  @ApiPropertyOptional({ enum: TIMEFRAME_NAMES, default: DEFAULT_TIMEFRAME })
  timeframe?: string;

  /**
   * Instead of a timeframe: calls from this instant on. Widened to whole minutes, hours or days; the response states
   * the actual period.
   */
  @IsOptional()
  @IsInstant()
  @ApiPropertyOptional({ format: 'date-time' })
  from?: string;

  /** With `from`: calls before this instant. Default: now. */
  @IsOptional()
  @IsInstant()
  @ApiPropertyOptional({ format: 'date-time' })
  to?: string;
}

export class RankedStatisticsQuery extends StatisticsQuery {
  @ApiPropertyOptional({ description: 'Rows per page.', type: 'integer', minimum: 1, maximum: 100, default: 20 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 20;

  @ApiPropertyOptional({ description: 'Rows to skip.', type: 'integer', minimum: 0, default: 0 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  offset: number = 0;
}

/** Figures of calls. */
export class UsageFigures {
  /** Calls with any outcome. */
  requests: number;
  /**
   * Calls that were refused or failed, in Gatehouse or at the provider, or whose response was cut; excludes those that
   * callers aborted.
   */
  errors: number;
  /** Tokens of requests, cached ones included. */
  inputTokens: number;
  /** Tokens of requests that providers read from their caches. */
  cachedInputTokens: number;
  /** Tokens of requests that providers wrote to their caches. */
  cacheWriteTokens: number;
  /** Tokens of responses, reasoning included. */
  outputTokens: number;
  /** Tokens of responses that were spent on reasoning. */
  reasoningTokens: number;
  /** US dollars, for metered calls with a known price. */
  costUsd: number;
  /** Calls covered by a seat at the provider; included in `requests`. */
  subscriptionRequests: number;
  /** US dollars that those calls would have cost if metered. */
  subscriptionCostUsd: number;
}

export class LatencyFigures extends UsageFigures {
  /**
   * Half of the successful calls took at most this long, to the end of their responses; accurate to a fifth. Null: no
   * calls.
   */
  latencyP50Ms: number | null;
  /** 95 % of the successful calls took at most this long; accurate to a fifth. */
  latencyP95Ms: number | null;
}

export class UsagePoint extends UsageFigures {
  /** When the step begins. */
  at: Date;
}

export class LatencyPoint extends LatencyFigures {
  /** When the step begins. */
  at: Date;
}

export class StatisticsTime {
  /** Start of the period, inclusive. */
  from: Date;
  /** End of the period, exclusive. */
  to: Date;
  /** Length of each step of a series. */
  @ApiProperty({ enum: STEPS })
  step: Step;
}

export class OverviewStatistics extends StatisticsTime {
  /** Totals of the period. */
  totals: LatencyFigures;
  /** One point for each step, oldest first, including steps without calls. */
  series: LatencyPoint[];
}

export class OwnStatistics extends StatisticsTime {
  /** Totals of the period. */
  totals: UsageFigures;
  /** One point for each step, oldest first, including steps without calls. */
  series: UsagePoint[];
}

export class RankedUsage {
  /**
   * Id of the user, team, LLM proxy, virtual key or application; for models `provider:model`; for sessions the session
   * as named by the client.
   */
  entityId: string;
  /** Its current name; null if it no longer exists. */
  name: string | null;
  /** Totals of the period. */
  totals: UsageFigures;
  /** One point for each step, oldest first, including steps without calls. */
  series: UsagePoint[];
}

export class RankedStatistics extends StatisticsTime {
  /** The most expensive first, then by number of calls. */
  data: RankedUsage[];
  /** Position of this page. */
  pagination: Pagination;
}

export class ModelUsage {
  /** `provider:model`. */
  entityId: string;
  /** Same as `entityId`. */
  name: string | null;
  /** Totals of the period. */
  totals: LatencyFigures;
  /** One point for each step, oldest first, including steps without calls. */
  series: UsagePoint[];
}

export class ModelStatistics extends StatisticsTime {
  /** The most expensive first, then by number of calls. */
  data: ModelUsage[];
  /** Position of this page. */
  pagination: Pagination;
}
