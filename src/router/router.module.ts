/**
 * Owns: the Model Router, its model aliases, its list of models and the translations between vendors' API formats.
 * Promises: a list shows the models that the credential can reach, and a provider that is slow or down does not delay
 * it; no member of a client's request is lost silently. Must not decide who may call a model, nor whose key is used.
 */
import { Module } from '@nestjs/common';
import { KeysModule } from '../keys/keys.module.js';
import { ProxyModule } from '../proxy/proxy.module.js';
import { ModelAliasValidator } from './aliases/model-alias.validator.js';
import { ModelAliasLookup } from './aliases/model-alias.lookup.js';
import { ModelAliasesController } from './aliases/model-aliases.controller.js';
import { ModelAliasesReader } from './aliases/model-aliases.reader.js';
import { ModelAliasesService } from './aliases/model-aliases.service.js';
import { RouterController } from './router.controller.js';
import { RoutePlanner } from './routing/route-planner.js';
import { UpstreamRequestBuilder } from './routing/upstream-request-builder.js';
import { TargetFinder } from './routing/target-finder.js';
import { TargetCooldown } from './routing/target-cooldown.js';
import { RemoteFiles } from './routing/remote-files.js';
import { ModelCatalog } from './catalog/model-catalog.js';
import { ProviderModels } from './catalog/provider-models.js';

@Module({
  imports: [KeysModule, ProxyModule],
  controllers: [RouterController, ModelAliasesController],
  providers: [
    RoutePlanner,
    UpstreamRequestBuilder,
    TargetFinder,
    TargetCooldown,
    RemoteFiles,
    ModelAliasValidator,
    ModelAliasesReader,
    ModelAliasesService,
    ModelAliasLookup,
    ProviderModels,
    ModelCatalog,
  ],
  exports: [TargetCooldown, ModelAliasLookup, ModelCatalog],
})
export class RouterModule {}
