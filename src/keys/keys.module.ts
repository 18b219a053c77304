/**
 * Owns: stored provider keys, virtual keys, which key a holder uses, and the decision which one a call gets. Promises: a
 * secret is shown once and stored sealed or as a digest; a change of rights is announced in its own transaction. Must not
 * call an LLM, but for an admin's test of a key, and must not know the request.
 */
import { Module } from '@nestjs/common';
import { OrgsModule } from '../orgs/orgs.module.js';
import { AppConfig } from '../platform/config/app-config.js';
import { CredentialResolver } from './credential-resolver.js';
import { MemberKeysReader } from './member-keys.reader.js';
import { ProviderKeyVault } from './provider-key.vault.js';
import { configuredSources } from './secret-sources/configured-sources.js';
import { SecretSources } from './secret-sources/secret-sources.js';
import { VirtualKeyLookup } from './virtual-key.lookup.js';
import { VirtualKeyStrategy } from './virtual-key.strategy.js';

@Module({
  imports: [OrgsModule],
  providers: [
    { provide: SecretSources, useFactory: configuredSources, inject: [AppConfig] },
    ProviderKeyVault,
    MemberKeysReader,
    CredentialResolver,
    VirtualKeyLookup,
    VirtualKeyStrategy,
  ],
  exports: [SecretSources, ProviderKeyVault, CredentialResolver, VirtualKeyLookup, VirtualKeyStrategy],
})
export class KeysModule {}
