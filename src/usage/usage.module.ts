/**
 * Owns: the records of calls, their statistics, the cost of calls, and the last use of keys. Promises: one record per
 * call, readable within a second; nothing is written on the request path; collected data is written before the process
 * ends; statistics are counted by the statement that writes the records. Must not decide permissions, and must not see
 * a secret or a body.
 */
import { Module } from '@nestjs/common';
import { HealthModule } from '../health/health.module.js';
import { GuardrailNotices } from './recording/guardrail-notices.js';
import { InteractionExport } from './interactions/export.js';
import { InteractionsController } from './interactions/interactions.controller.js';
import { InteractionsReader } from './interactions/interactions.reader.js';
import { LastUsedWriter } from './recording/last-used.writer.js';
import { ModelPricesService } from './prices/model-prices.service.js';
import { ModelsController } from './prices/models.controller.js';
import { ModelsReader } from './prices/models.reader.js';
import { PriceBook } from './prices/price-book.js';
import { Repricing } from './prices/repricing.js';
import { InteractionRetention } from './interactions/retention.js';
import { StatisticsController } from './statistics/statistics.controller.js';
import { RecordSpool } from './spool/record-spool.js';
import { SessionsController } from './sessions/sessions.controller.js';
import { SessionsReader } from './sessions/sessions.reader.js';
import { SpoolHealthCheck } from './spool/health-check.js';
import { StatisticsReader } from './statistics/statistics.reader.js';
import { UsageRecorder } from './recording/usage-recorder.js';

@Module({
  imports: [HealthModule],
  controllers: [InteractionsController, ModelsController, SessionsController, StatisticsController],
  providers: [
    UsageRecorder,
    RecordSpool,
    SpoolHealthCheck,
    PriceBook,
    LastUsedWriter,
    GuardrailNotices,
    InteractionsReader,
    ModelsReader,
    ModelPricesService,
    SessionsReader,
    StatisticsReader,
    InteractionRetention,
    InteractionExport,
    Repricing,
  ],
  exports: [UsageRecorder, RecordSpool, PriceBook, LastUsedWriter],
})
export class UsageModule {}
