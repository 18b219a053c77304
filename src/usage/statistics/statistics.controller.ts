import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { RequirePermission } from '../../auth/methods/route-access.js';
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

  /** Returns the figures of all calls of your organization. */
  @Get('overview')
  getOverviewStatistics(
    @CurrentActor() { caller }: Actor,
    @Query() query: StatisticsQuery,
  ): Promise<OverviewStatistics> {
    return this.reader.readOverview(caller.organizationId, query);
  }

  /**
   * Returns figures by team. A call counts for the same teams as in limits: the team that pays for its key or
   * application, the team of a team's key, or the teams of its user at the time of the call. Calls of an application
   * that belongs to teams and not to a user count for those teams.
   */
  @Get('teams')
  getTeamStatistics(
    @CurrentActor() { caller }: Actor,
    @Query() query: RankedStatisticsQuery,
  ): Promise<RankedStatistics> {
    return this.reader.readRanked(caller.organizationId, 'team', query);
  }

  /** Returns figures by user, as proven by the credential. */
  @Get('users')
  getUserStatistics(
    @CurrentActor() { caller }: Actor,
    @Query() query: RankedStatisticsQuery,
  ): Promise<RankedStatistics> {
    return this.reader.readRanked(caller.organizationId, 'user', query);
  }

  /** Returns figures by model: the one that responded, otherwise the requested one. */
  @Get('models')
  getModelStatistics(
    @CurrentActor() { caller }: Actor,
    @Query() query: RankedStatisticsQuery,
  ): Promise<ModelStatistics> {
    return this.reader.readModels(caller.organizationId, query);
  }

  /** Returns figures by LLM proxy. */
  @Get('proxies')
  getProxyStatistics(
    @CurrentActor() { caller }: Actor,
    @Query() query: RankedStatisticsQuery,
  ): Promise<RankedStatistics> {
    return this.reader.readRanked(caller.organizationId, 'proxy', query);
  }

  /** Returns figures by application, for calls on its own behalf or for a user. */
  @Get('clients')
  getClientStatistics(
    @CurrentActor() { caller }: Actor,
    @Query() query: RankedStatisticsQuery,
  ): Promise<RankedStatistics> {
    return this.reader.readRanked(caller.organizationId, 'client', query);
  }

  /** Returns figures by virtual key. */
  @Get('keys')
  getKeyStatistics(
    @CurrentActor() { caller }: Actor,
    @Query() query: RankedStatisticsQuery,
  ): Promise<RankedStatistics> {
    return this.reader.readRanked(caller.organizationId, 'key', query);
  }

  /** Returns figures by session, a label that clients choose: for at most 31 days within the retention of records. */
  @Get('sessions')
  getSessionStatistics(
    @CurrentActor() { caller }: Actor,
    @Query() query: RankedStatisticsQuery,
  ): Promise<RankedStatistics> {
    return this.reader.readSessions(caller.organizationId, query);
  }

  /** Returns the figures of your own calls. */
  @Get('me')
  @RequirePermission('interaction:read_own')
  getOwnStatistics(@CurrentActor() { caller }: Actor, @Query() query: StatisticsQuery): Promise<OwnStatistics> {
    return this.reader.readOwn(caller, query);
  }
}
