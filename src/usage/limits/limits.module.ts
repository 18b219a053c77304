/**
 * Owns: limits on what the parts of an organisation use, and the counters of what they did. Promises: what is held for a call
 * is held of all limits or of none, and is settled, given back, or free again when its lease is over; calls under way cannot
 * together pass a limit by more than they use beyond their estimates. Must not know what a call says.
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
