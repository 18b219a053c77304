/**
 * Owns: the records of calls, their statistics, the cost of calls, and the last use of keys. Promises: one record per
 * call, readable within a second; nothing is written on the request path; collected data is written before the process
 * ends; statistics are counted by the statement that writes the records. Must not decide permissions, and must not see
 * a secret or a body.
 */
import { Module } from '@nestjs/common';
import { HealthModule } from '../health/health.module.js';
import { GuardrailNotices } from './guardrail-notices.js';
import { InteractionExport } from './interaction-export.js';
import { InteractionsController } from './interactions.controller.js';
import { InteractionsReader } from './interactions.reader.js';
import { LastUsedWriter } from './last-used.writer.js';
import { ModelPricesService } from './model-prices.service.js';
import { ModelsController } from './models.controller.js';
import { ModelsReader } from './models.reader.js';
import { PriceBook } from './price-book.js';
import { Rerating } from './rerating.js';
import { RecordKeeping } from './record-keeping.js';
import { StatisticsController } from './statistics.controller.js';
import { RecordSpool } from './spool/record-spool.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsReader } from './sessions.reader.js';
import { SpoolCheck } from './spool/spool-check.js';
import { StatisticsReader } from './statistics.reader.js';
import { UsageRecorder } from './usage-recorder.js';

@Module({
  imports: [HealthModule],
  controllers: [InteractionsController, ModelsController, SessionsController, StatisticsController],
  providers: [
    UsageRecorder,
    RecordSpool,
    SpoolCheck,
    PriceBook,
    LastUsedWriter,
    GuardrailNotices,
    InteractionsReader,
    ModelsReader,
    ModelPricesService,
    SessionsReader,
    StatisticsReader,
    RecordKeeping,
    InteractionExport,
    Rerating,
  ],
  exports: [UsageRecorder, RecordSpool, PriceBook, LastUsedWriter],
})
export class UsageModule {}
