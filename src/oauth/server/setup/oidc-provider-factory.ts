import { Injectable } from '@nestjs/common';
import { Provider } from '../../oidc-library/oidc-provider.js';
import { mayRedirectTo } from '../../../clients/metadata/redirect-uri.js';
import { AppConfig } from '../../../platform/config/app-config.js';
import { SessionCookie } from '../../sessions/session-cookie.js';
import type { SigningJwk } from '../../signing-keys/signing-key.store.js';
import { ArtifactStore } from '../../storage/artifacts/artifact.store.js';
import { LIFETIMES } from '../../tokens/lifetimes.js';
import { toCanonicalResource } from '../../protocol/scopes.js';
import {
  claimAssertionsOnce,
  replaceRedirectUriComparison,
  keepLateSessions,
  usePrefixedTokens,
  canonicalizeResources,
  registerWithoutSecrets,
} from '../../oidc-library/oidc-provider-patches.js';
import { OidcConfiguration } from './oidc-configuration.js';
import { OidcExtensions } from './oidc-extensions.js';

/** Builds oidc-provider with the gateway's configuration and extensions. */
@Injectable()
export class OidcProviderFactory {
  constructor(
    private readonly config: AppConfig,
    private readonly configuration: OidcConfiguration,
    private readonly artifacts: ArtifactStore,
    private readonly extensions: OidcExtensions,
    private readonly cookie: SessionCookie,
  ) {}

  async build(keys: readonly SigningJwk[]): Promise<Provider> {
    const provider = new Provider(this.config.http.publicUrl, this.configuration.build(keys));
    provider.proxy = true; // trusts the headers that the mount has set
    usePrefixedTokens(provider);
    registerWithoutSecrets(provider);
    replaceRedirectUriComparison(provider, mayRedirectTo);
    canonicalizeResources(provider, (resource) => toCanonicalResource(this.config.http.publicUrl, resource));
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
