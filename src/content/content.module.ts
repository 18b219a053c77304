/**
 * Owns: the content of calls, if an LLM proxy captures it. Promises: content is encrypted, bounded, and deleted when it
 * expires; the audit log records every read; `redacted` content contains no match of a built-in detector; content that
 * a guardrail refused is not stored. Calls never wait for it; if there is not enough room for it, the interaction
 * record remains. Must not contain a header or a credential.
 */
import { Module } from '@nestjs/common';
import { ContentController } from './content.controller.js';
import { ContentWriter } from './capture/content-writer.js';
import { ContentReader } from './content.reader.js';
import { ContentRetention } from './retention.js';

@Module({
  controllers: [ContentController],
  providers: [ContentWriter, ContentReader, ContentRetention],
  exports: [ContentWriter],
})
export class ContentModule {}
