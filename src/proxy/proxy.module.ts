/**
 * Owns: the provider routes, authentication by the caller's own provider key, the relay and requests to providers.
 * Promises: a credential of the gateway never leaves it; a stream is never held back; every call is recorded. Must not
 * know how a caller was admitted, nor decide whose key is used.
 */
import { Module } from '@nestjs/common';
import { KeysModule } from '../keys/keys.module.js';
import { OrgsModule } from '../orgs/orgs.module.js';
import { PolicyModule } from '../policy/policy.module.js';
import { LimitsModule } from '../usage/limits/limits.module.js';
import { UsageModule } from '../usage/usage.module.js';
import { ContentModule } from '../content/content.module.js';
import { CallAccounting } from './accounting/call-accounting.js';
import { CallExplanations } from './call/explanations.js';
import { ProxyAccessGuard } from './access/proxy-access.guard.js';
import { RunningCalls } from './call/running-calls.js';
import { ProviderKeyStrategy } from './access/provider-key.strategy.js';
import { ProxyController } from './proxy.controller.js';
import { RefusalRecorder } from './accounting/refusal-recorder.js';
import { Relay } from './relay.js';
import { RequestBodies } from './request/body.js';
import { RequestGuardrails } from './request/guardrails.js';
import { UpstreamSender } from './upstream/sender.js';

@Module({
  imports: [OrgsModule, KeysModule, PolicyModule, UsageModule, LimitsModule, ContentModule],
  controllers: [ProxyController],
  providers: [
    CallAccounting,
    CallExplanations,
    ProxyAccessGuard,
    RunningCalls,
    ProviderKeyStrategy,
    RefusalRecorder,
    Relay,
    RequestBodies,
    RequestGuardrails,
    UpstreamSender,
  ],
  exports: [CallExplanations, ProxyAccessGuard, RunningCalls, RefusalRecorder, Relay],
})
export class ProxyModule {}
