/**
 * Owns: the records of calls, what calls cost, when keys were last used. Promises: one record per call, readable within a
 * second; nothing is written on the request path; what is gathered is written before the process ends. Must not decide
 * who may call what, and must not see a secret or a body.
 */
import { Module } from '@nestjs/common';
import { LastUsedWriter } from './last-used.writer.js';
import { PriceBook } from './price-book.js';
import { UsageRecorder } from './usage-recorder.js';

@Module({
  providers: [UsageRecorder, PriceBook, LastUsedWriter],
  exports: [UsageRecorder, PriceBook, LastUsedWriter],
})
export class UsageModule {}
