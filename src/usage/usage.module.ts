/**
 * Owns: the records of calls, what calls cost, when keys were last used. Promises: one record per call, readable within a
 * second; nothing is written on the request path; what is gathered is written before the process ends. Must not decide
 * who may call what, and must not see a secret or a body.
 */
import { Module } from '@nestjs/common';
import { InteractionsController } from './interactions.controller.js';
import { InteractionsReader } from './interactions.reader.js';
import { LastUsedWriter } from './last-used.writer.js';
import { ModelPricesService } from './model-prices.service.js';
import { ModelsController } from './models.controller.js';
import { ModelsReader } from './models.reader.js';
import { PriceBook } from './price-book.js';
import { UsageRecorder } from './usage-recorder.js';

@Module({
  controllers: [InteractionsController, ModelsController],
  providers: [UsageRecorder, PriceBook, LastUsedWriter, InteractionsReader, ModelsReader, ModelPricesService],
  exports: [UsageRecorder, PriceBook, LastUsedWriter],
})
export class UsageModule {}
