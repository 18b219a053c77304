import { Injectable } from '@nestjs/common';
import { Provider } from '../../oidc-library/oidc-provider.js';
import { mayRedirectTo } from '../../../clients/metadata/redirect-uri.js';
import { AppConfig } from '../../../platform/config/app-config.js';
import { SessionCookie } from '../../sessions/session-cookie.js';
import type { SigningJwk } from '../../signing-keys/signing-key.store.js';
import { ArtifactStore } from '../../storage/artifacts/artifact.store.js';
import { LIFETIMES } from '../../tokens/lifetimes.js';
import { canonicalResource } from '../../protocol/scopes.js';
import {
  claimAssertionsOnce,
  compareRedirectUrisBy,
  keepLateSessions,
  mintOurTokens,
  readResources,
  registerWithoutSecrets,
} from '../../oidc-library/oidc-provider-patches.js';
import { ProviderConfiguration } from './oidc-configuration.js';
import { ProviderExtensions } from './oidc-extensions.js';

/** Builds oidc-provider with the gateway's configuration and extensions. */
@Injectable()
export class ProviderFactory {
  constructor(
    private readonly config: AppConfig,
    private readonly configuration: ProviderConfiguration,
    private readonly artifacts: ArtifactStore,
    private readonly extensions: ProviderExtensions,
    private readonly cookie: SessionCookie,
  ) {}

  async build(keys: readonly SigningJwk[]): Promise<Provider> {
    const provider = new Provider(this.config.http.publicUrl, this.configuration.with(keys));
    provider.proxy = true; // trusts the headers that the mount has set
    mintOurTokens(provider);
    registerWithoutSecrets(provider);
    compareRedirectUrisBy(provider, mayRedirectTo);
    readResources(provider, (resource) => canonicalResource(this.config.http.publicUrl, resource));
    keepLateSessions(
      provider,
      LIFETIMES.session,
      (id) => void Provider.ctx!.oidc.cookies.set(this.cookie.name, id, this.cookie.settings.long),
    );
    claimAssertionsOnce(provider, (iss, jti, expiresAt) =>
      this.artifacts.claim('ReplayDetection', `${iss} ${jti}`, expiresAt),
    );
    await this.extensions.install(provider);
    return provider;
  }
}
