/**
 * Owns: admin API keys and the authentication by them. Promises: a key acts as its user, within its scopes, and never
 * beyond what the user's role allows now; its value is shown once. Must not open any LLM route.
 */
import { Module } from '@nestjs/common';
import { OrgsModule } from '../../orgs/orgs.module.js';
import { AdminApiKeyLookup } from './admin-api-key.lookup.js';
import { AdminApiKeyStrategy } from './admin-api-key.strategy.js';
import { AdminApiKeysController } from './admin-api-keys.controller.js';
import { AdminApiKeysReader } from './admin-api-keys.reader.js';
import { AdminApiKeysService } from './admin-api-keys.service.js';
import { BootstrapApiKey } from './bootstrap-api-key.js';

@Module({
  imports: [OrgsModule],
  controllers: [AdminApiKeysController],
  providers: [AdminApiKeysReader, AdminApiKeysService, AdminApiKeyLookup, AdminApiKeyStrategy, BootstrapApiKey],
  exports: [BootstrapApiKey],
})
export class AdminApiKeysModule {}
