/**
 * Owns: stored provider keys, virtual keys, the keys that each holder uses, and the choice of the key for a call.
 * Promises: a secret is shown once and stored sealed or as a digest; a change of rights is announced in its own
 * transaction. Must not call a provider, except for an admin's test of a key and for the access tokens of some keys,
 * and must not know the LLM request.
 */
import { Module } from '@nestjs/common';
import { OrgsModule } from '../orgs/orgs.module.js';
import { ReachableProviders } from '../orgs/reachable-providers.js';
import { AppConfig } from '../platform/config/app-config.js';
import { AccessTokens } from './access-tokens.js';
import { CredentialResolver } from './credential-resolver.js';
import { EndedMappings } from './ended-mappings.js';
import { KeyActorReader } from './key-actor.reader.js';
import { KeyBindings } from './key-bindings.js';
import { KeyChoiceReader } from './key-choice.reader.js';
import { KeyDepartures } from './key-departures.js';
import { MemberKeysReader } from './member-keys.reader.js';
import { ProviderKeyIntake } from './provider-key.intake.js';
import { ProviderKeyTester } from './provider-key.tester.js';
import { ProviderKeyVault } from './provider-key.vault.js';
import { ProviderKeysController } from './provider-keys.controller.js';
import { ProviderKeysReader } from './provider-keys.reader.js';
import { ProviderKeysService } from './provider-keys.service.js';
import { configuredSources } from './secret-sources/configured-sources.js';
import { SecretSources } from './secret-sources/secret-sources.js';
import { VirtualKeyIntake } from './virtual-key.intake.js';
import { VirtualKeyLifecycleService } from './virtual-key-lifecycle.service.js';
import { VirtualKeyLookup } from './virtual-key.lookup.js';
import { VirtualKeySecrets } from './virtual-key.secrets.js';
import { VirtualKeyStrategy } from './virtual-key.strategy.js';
import { VirtualKeysController } from './virtual-keys.controller.js';
import { VirtualKeysReader } from './virtual-keys.reader.js';
import { VirtualKeysService } from './virtual-keys.service.js';

@Module({
  imports: [OrgsModule],
  controllers: [ProviderKeysController, VirtualKeysController],
  providers: [
    {
      provide: SecretSources,
      useFactory: (config: AppConfig) => configuredSources(config, process.env),
      inject: [AppConfig],
    },
    ProviderKeyVault,
    MemberKeysReader,
    AccessTokens,
    CredentialResolver,
    VirtualKeyLookup,
    VirtualKeyStrategy,
    EndedMappings,
    KeyActorReader,
    KeyBindings,
    KeyChoiceReader,
    KeyDepartures,
    ProviderKeyIntake,
    ProviderKeysReader,
    ProviderKeysService,
    ProviderKeyTester,
    VirtualKeyIntake,
    VirtualKeySecrets,
    VirtualKeysReader,
    VirtualKeysService,
    VirtualKeyLifecycleService,
  ],
  exports: [
    SecretSources,
    ProviderKeyVault,
    CredentialResolver,
    VirtualKeyLookup,
    VirtualKeyStrategy,
    KeyActorReader,
    KeyBindings,
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
  constructor(reachable: ReachableProviders, resolver: CredentialResolver) {
    reachable.register((source) => resolver.reachableProviders(source));
  }
}
