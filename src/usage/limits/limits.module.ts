/**
 * Owns: limits on the usage of an organization's entities, and the counters of that usage. Promises: a call is reserved
 * in all applicable limits or in none; its reservation is settled, released, or expires with its lease; calls in flight
 * together exceed a limit only by their usage beyond their estimates. Must not know the content of a call.
 */
import { Module } from '@nestjs/common';
import { UsageModule } from '../usage.module.js';
import { LimitCounters } from './limit-counters.js';
import { LimitNotices } from './limit-notices.js';
import { LimitLedger } from './limit-ledger.js';
import { LimitStandings } from './limit-standings.js';
import { LimitsController } from './limits.controller.js';
import { LimitsReader } from './limits.reader.js';
import { LimitsService } from './limits.service.js';
import { OrganisationLimits } from './organisation-limits.js';
import { UsageLimiter } from './usage-limiter.js';

@Module({
  imports: [UsageModule],
  controllers: [LimitsController],
  providers: [
    OrganisationLimits,
    LimitLedger,
    LimitCounters,
    LimitNotices,
    UsageLimiter,
    LimitsReader,
    LimitStandings,
    LimitsService,
  ],
  exports: [UsageLimiter, LimitStandings],
})
export class LimitsModule {}
