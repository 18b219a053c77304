/**
 * Owns: limits on the usage of an organization's entities, and the counters of that usage. Promises: a call is reserved
 * in all applicable limits or in none; its reservation is settled, released, or expires with its lease; calls in flight
 * together exceed a limit only by their usage beyond their estimates. Must not know the content of a call.
 */
import { Module } from '@nestjs/common';
import { UsageModule } from '../usage.module.js';
import { LimitCounters } from './counters/limit-counters.js';
import { LimitNotices } from './enforcement/limit-notices.js';
import { LimitLedger } from './counters/limit-ledger.js';
import { LimitUsageReader } from './limit-usage.reader.js';
import { LimitsController } from './admin/limits.controller.js';
import { LimitsReader } from './admin/limits.reader.js';
import { LimitsService } from './admin/limits.service.js';
import { OrganizationLimitsLookup } from './definitions/organization-limits.lookup.js';
import { UsageLimiter } from './enforcement/usage-limiter.js';

@Module({
  imports: [UsageModule],
  controllers: [LimitsController],
  providers: [
    OrganizationLimitsLookup,
    LimitLedger,
    LimitCounters,
    LimitNotices,
    UsageLimiter,
    LimitsReader,
    LimitUsageReader,
    LimitsService,
  ],
  exports: [UsageLimiter, LimitUsageReader],
})
export class LimitsModule {}
