/**
 * Owns: what calls said, where an LLM proxy keeps it. Promises: it is sealed, bounded, given up when its time is over, and
 * every reading of it stands in the audit log; `redacted` content holds nothing that a built-in detector finds; what a
 * guardrail refused is not kept. No call waits for it, and where there is no room for it the record of the call stays.
 * Must not hold a header or a credential.
 */
import { Module } from '@nestjs/common';
import { ContentController } from './content.controller.js';
import { ContentKeeper } from './content-keeper.js';
import { ContentReader } from './content.reader.js';
import { ContentRetention } from './content-retention.js';

@Module({
  controllers: [ContentController],
  providers: [ContentKeeper, ContentReader, ContentRetention],
  exports: [ContentKeeper],
})
export class ContentModule {}
