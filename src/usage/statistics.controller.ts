import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../auth/actor.js';
import { RequirePermission } from '../auth/route-access.js';
import {
  OverviewStatistics,
  OwnStatistics,
  RankedStatistics,
  RankedStatisticsQuery,
  StatisticsQuery,
  ModelStatistics,
} from './statistics.dto.js';
import { StatisticsReader } from './statistics.reader.js';

@ApiTags('Statistics')
@RequirePermission('statistics:read')
@Controller('api/statistics')
export class StatisticsController {
  constructor(private readonly reader: StatisticsReader) {}

  /** Tells what all calls of your organisation came to. */
  @Get('overview')
  getOverviewStatistics(
    @CurrentActor() { caller }: Actor,
    @Query() query: StatisticsQuery,
  ): Promise<OverviewStatistics> {
    return this.reader.overview(caller.organisationId, query);
  }

  /** Tells what calls came to by team. A call counts for the teams that limits count it for: the one that pays for its key or application, that of a team's key, or those of its user when it was made. Where an application belongs to no user but to teams, its calls count for those. */
  @Get('teams')
  getTeamStatistics(
    @CurrentActor() { caller }: Actor,
    @Query() query: RankedStatisticsQuery,
  ): Promise<RankedStatistics> {
    return this.reader.ranked(caller.organisationId, 'team', query);
  }

  /** Tells what calls came to by user, as proven by the credential. */
  @Get('users')
  getUserStatistics(
    @CurrentActor() { caller }: Actor,
    @Query() query: RankedStatisticsQuery,
  ): Promise<RankedStatistics> {
    return this.reader.ranked(caller.organisationId, 'user', query);
  }

  /** Tells what calls came to by model: the one that answered, else the one that was asked for. */
  @Get('models')
  getModelStatistics(
    @CurrentActor() { caller }: Actor,
    @Query() query: RankedStatisticsQuery,
  ): Promise<ModelStatistics> {
    return this.reader.models(caller.organisationId, query);
  }

  /** Tells what calls came to by LLM proxy. */
  @Get('proxies')
  getProxyStatistics(
    @CurrentActor() { caller }: Actor,
    @Query() query: RankedStatisticsQuery,
  ): Promise<RankedStatistics> {
    return this.reader.ranked(caller.organisationId, 'proxy', query);
  }

  /** Tells what calls came to by application, called for itself or for a user. */
  @Get('clients')
  getClientStatistics(
    @CurrentActor() { caller }: Actor,
    @Query() query: RankedStatisticsQuery,
  ): Promise<RankedStatistics> {
    return this.reader.ranked(caller.organisationId, 'client', query);
  }

  /** Tells what calls came to by virtual key. */
  @Get('keys')
  getKeyStatistics(
    @CurrentActor() { caller }: Actor,
    @Query() query: RankedStatisticsQuery,
  ): Promise<RankedStatistics> {
    return this.reader.ranked(caller.organisationId, 'key', query);
  }

  /** Tells what calls came to by session, a label that clients choose: of at most 31 days for which records are kept. */
  @Get('sessions')
  getSessionStatistics(
    @CurrentActor() { caller }: Actor,
    @Query() query: RankedStatisticsQuery,
  ): Promise<RankedStatistics> {
    return this.reader.sessions(caller.organisationId, query);
  }

  /** Tells what your own calls came to. */
  @Get('me')
  @RequirePermission('interaction:read_own')
  getOwnStatistics(@CurrentActor() { caller }: Actor, @Query() query: StatisticsQuery): Promise<OwnStatistics> {
    return this.reader.own(caller, query);
  }
}
