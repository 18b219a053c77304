/**
 * Owns: stored provider keys, virtual keys, the keys that each holder uses, and the choice of the key for a call.
 * Promises: a secret is shown once and stored sealed or as a digest; a change of rights is announced in its own
 * transaction. Must not call a provider, except for an admin's test of a key and for the access tokens of some keys,
 * and must not know the LLM request.
 */
import { Module } from '@nestjs/common';
import { OrgsModule } from '../orgs/orgs.module.js';
import { ReachableProviders } from '../orgs/organization/reachable-providers.js';
import { AppConfig } from '../platform/config/app-config.js';
import { AccessTokens } from './credentials/access-tokens.js';
import { CredentialResolver } from './credentials/credential-resolver.js';
import { KeyUnmappingService } from './key-bindings/key-unmapping.service.js';
import { KeyActorReader } from './ownership/key-actor.reader.js';
import { KeyBindingStore } from './key-bindings/key-binding.store.js';
import { KeyChoiceReader } from './key-choice/key-choice.reader.js';
import { KeyCleanup } from './key-bindings/key-cleanup.js';
import { MemberKeysReader } from './credentials/member-keys.reader.js';
import { ProviderKeyValidator } from './provider-keys/provider-key.validator.js';
import { ProviderKeyTester } from './provider-keys/provider-key-tester.js';
import { ProviderKeyLookup } from './credentials/provider-key.lookup.js';
import { ProviderKeysController } from './provider-keys/provider-keys.controller.js';
import { ProviderKeysReader } from './provider-keys/provider-keys.reader.js';
import { ProviderKeysService } from './provider-keys/provider-keys.service.js';
import { createSecretSources } from './secret-sources/create-sources.js';
import { SecretSources } from './secret-sources/registry.js';
import { VirtualKeyValidator } from './virtual-keys/virtual-key.validator.js';
import { VirtualKeyLifecycleService } from './virtual-keys/virtual-key-lifecycle.service.js';
import { VirtualKeyLookup } from './virtual-keys/virtual-key.lookup.js';
import { VirtualKeySecretStore } from './virtual-keys/virtual-key-secret.store.js';
import { VirtualKeyStrategy } from './virtual-keys/virtual-key.strategy.js';
import { VirtualKeysController } from './virtual-keys/virtual-keys.controller.js';
import { VirtualKeysReader } from './virtual-keys/virtual-keys.reader.js';
import { VirtualKeysService } from './virtual-keys/virtual-keys.service.js';

@Module({
  imports: [OrgsModule],
  controllers: [ProviderKeysController, VirtualKeysController],
  providers: [
    {
      provide: SecretSources,
      useFactory: (config: AppConfig) => createSecretSources(config, process.env),
      inject: [AppConfig],
    },
    ProviderKeyLookup,
    MemberKeysReader,
    AccessTokens,
    CredentialResolver,
    VirtualKeyLookup,
    VirtualKeyStrategy,
    KeyUnmappingService,
    KeyActorReader,
    KeyBindingStore,
    KeyChoiceReader,
    KeyCleanup,
    ProviderKeyValidator,
    ProviderKeysReader,
    ProviderKeysService,
    ProviderKeyTester,
    VirtualKeyValidator,
    VirtualKeySecretStore,
    VirtualKeysReader,
    VirtualKeysService,
    VirtualKeyLifecycleService,
  ],
  exports: [
    SecretSources,
    ProviderKeyLookup,
    CredentialResolver,
    VirtualKeyLookup,
    VirtualKeyStrategy,
    KeyActorReader,
    KeyBindingStore,
    KeyChoiceReader,
    MemberKeysReader,
    ProviderKeysReader,
    ProviderKeysService,
    VirtualKeysReader,
    VirtualKeysService,
    VirtualKeyLifecycleService,
  ],
})
export class KeysModule {
  constructor(reachableProviders: ReachableProviders, resolver: CredentialResolver) {
    reachableProviders.register((source) => resolver.findReachableProviders(source));
  }
}
