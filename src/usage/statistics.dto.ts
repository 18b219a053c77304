import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { IsInstant, Pagination } from '../platform/page.js';
import { DEFAULT_TIMEFRAME, TIMEFRAME_NAMES } from './statistics-range.js';
import { STEPS, type Step } from './usage-rollup.js';

export class StatisticsQuery {
  /** How far back from now, in whole minutes (1h), hours (24h, 7d) or days of UTC (30d, 90d), the present one included. */
  @IsOptional()
  @IsIn(TIMEFRAME_NAMES)
  @ApiPropertyOptional({ enum: TIMEFRAME_NAMES, default: DEFAULT_TIMEFRAME })
  timeframe?: string;

  /** Instead of a timeframe: calls from this instant on. Widened to whole minutes, hours or days; the answer says which. */
  @IsOptional()
  @IsInstant()
  @ApiPropertyOptional({ format: 'date-time' })
  from?: string;

  /** With `from`: calls before this instant; now, if left out. */
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

/** What calls came to. */
export class UsageFigures {
  /** Calls, however they ended. */
  requests: number;
  /** Calls that were refused or failed, here or at the provider, or whose answer was cut; not those that callers gave up. */
  errors: number;
  /** Tokens of requests, cached ones included. */
  inputTokens: number;
  /** Tokens of requests that providers read from their caches. */
  cachedInputTokens: number;
  /** Tokens of requests that providers wrote to their caches. */
  cacheWriteTokens: number;
  /** Tokens of answers, reasoning included. */
  outputTokens: number;
  /** Tokens of answers that were spent on reasoning. */
  reasoningTokens: number;
  /** US dollars, of metered calls whose price is known. */
  costUsd: number;
  /** Calls that a seat at the provider covers; `requests` counts them too. */
  subscriptionRequests: number;
  /** US dollars that those calls would have cost if they were metered. */
  subscriptionCostUsd: number;
}

export class LatencyFigures extends UsageFigures {
  /** Half of the successful calls took at most this long, to the end of their answers; true to a fifth. Null: there were none. */
  latencyP50Ms: number | null;
  /** 95 % of the successful calls took at most this long; true to a fifth. */
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
  /** The first instant that is counted. */
  from: Date;
  /** The first instant that is not counted any more. */
  to: Date;
  /** How long each point of a series is. */
  @ApiProperty({ enum: STEPS })
  step: Step;
}

export class OverviewStatistics extends StatisticsTime {
  /** All of the time together. */
  totals: LatencyFigures;
  /** One point for each step, oldest first, also where nothing was called. */
  series: LatencyPoint[];
}

export class OwnStatistics extends StatisticsTime {
  /** All of the time together. */
  totals: UsageFigures;
  /** One point for each step, oldest first, also where nothing was called. */
  series: UsagePoint[];
}

export class RankedUsage {
  /** The id of the user, team, LLM proxy, virtual key or application; of models `provider:model`; of sessions the session as the client named it. */
  entityId: string;
  /** Its present name; null if it is no more. */
  name: string | null;
  /** All of the time together. */
  totals: UsageFigures;
  /** One point for each step, oldest first, also where nothing was called. */
  series: UsagePoint[];
}

export class RankedStatistics extends StatisticsTime {
  /** The most expensive first, then those with the most calls. */
  data: RankedUsage[];
  /** Where this page stands. */
  pagination: Pagination;
}

export class ModelUsage {
  /** `provider:model`. */
  entityId: string;
  /** The same. */
  name: string | null;
  /** All of the time together. */
  totals: LatencyFigures;
  /** One point for each step, oldest first, also where nothing was called. */
  series: UsagePoint[];
}

export class ModelStatistics extends StatisticsTime {
  /** The most expensive first, then those with the most calls. */
  data: ModelUsage[];
  /** Where this page stands. */
  pagination: Pagination;
}
