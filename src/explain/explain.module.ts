/**
 * Owns: explanations of calls. Promises: it decides by the same rules as a call, in the same order. It sends no request
 * to a provider and reveals no secrets; it neither stores nor logs a credential in a question. The audit log records
 * each question with its actor and subject. Must not make decisions of its own.
 */
import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ClientsModule } from '../clients/clients.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { OrgsModule } from '../orgs/orgs.module.js';
import { ProxyModule } from '../proxy/proxy.module.js';
import { RouterModule } from '../router/router.module.js';
import { LimitsModule } from '../usage/limits/limits.module.js';
import { CallExplainer } from './call-explainer.js';
import { ExplainController } from './explain.controller.js';
import { TargetResolver } from './steps/target-resolver.js';
import { CallerResolver } from './steps/caller-resolver.js';
import { LimitChecker } from './steps/limit-checker.js';
import { TargetChecker } from './steps/target-checker.js';
import { Explainer } from './explainer.js';

@Module({
  imports: [AuditModule, OrgsModule, KeysModule, ClientsModule, ProxyModule, RouterModule, LimitsModule],
  controllers: [ExplainController],
  providers: [CallExplainer, Explainer, TargetResolver, CallerResolver, LimitChecker, TargetChecker],
})
export class ExplainModule {}
