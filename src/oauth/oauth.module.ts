/**
 * Owns: the authorization server, its storage, the pages that a person sees, and authentication methods 3 and 4.
 * Promises: a code or refresh token is used once, across all processes; reading the storage does not yield usable
 * credentials; a user or client that loses a right loses the tokens with it. Must not decide whose provider key a call
 * gets.
 */
import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { IdpTrustModule } from '../idp-trust/idp-trust.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { OrgsModule } from '../orgs/orgs.module.js';
import { AccountAppsController } from './account/apps.controller.js';
import { AccountOverview } from './account/page/overview.js';
import { AccountProviderKeysController } from './account/provider-keys.controller.js';
import { AccountResponses } from './account/page/responses.js';
import { AccountSignInController } from './account/sign-in.controller.js';
import { AccountVirtualKeysController } from './account/virtual-keys.controller.js';
import { AccountController } from './account/account.controller.js';
import { AllowedAppsReader } from './account/page/allowed-apps.reader.js';
import { BrowserSessions } from './account/page/browser-sessions.js';
import { OwnKeys } from './account/keys/own-keys.js';
import { Accounts } from './oidc-library/accounts.js';
import { ConsentBilling } from './consent/page/billing.js';
import { ConsentDecisions } from './consent/page/decisions.js';
import { ConsentTerms } from './consent/page/terms.js';
import { ConsentController } from './consent/page/consent.controller.js';
import { ConsentStore } from './consent/consent.store.js';
import { ExistingGrants } from './consent/existing-grants.js';
import { ConsentOutcomes } from './consent/outcomes.js';
import { SingleDecision } from './consent/page/single-decision.js';
import { UserSwitch } from './consent/page/user-switch.js';
import { OAuthCleanup } from './cleanup.js';
import { BackchannelLogoutController } from './idp-logout/backchannel-logout.controller.js';
import { BrowserBinding } from './idp-client/browser-binding.js';
import { IdpCallback } from './sign-in/idp-callback.js';
import { IdpCallbackController } from './sign-in/idp-callback.controller.js';
import { IdpClient } from './idp-client/client.js';
import { IdpAuthorizationRequest } from './idp-client/authorization-request.js';
import { IdpSessions } from './idp-logout/idp-sessions.js';
import { IdpSignInController } from './sign-in/idp-sign-in.controller.js';
import { LogoutTokens } from './idp-logout/logout-tokens.js';
import { EncryptedStateStore } from './sessions/encrypted-state.store.js';
import { SignInProviders } from './idp-client/sign-in-providers.js';
import { AssertedIdentity } from './grants/asserted-identity.js';
import { AssertionGrants } from './grants/assertion-grants.js';
import { ExchangeOrganization } from './grants/exchange-organization.js';
import { IssuedTokens } from './grants/issued-tokens.js';
import { TrustedTokens } from './grants/trusted-tokens.js';
import { ProtectedResourceController } from './protocol/protected-resource.controller.js';
import { ClientAuthentication } from './server/http/client-authentication.js';
import { ClientRedirects } from './server/http/client-redirects.js';
import { IntrospectionPolicy } from './tokens/introspection.policy.js';
import { OidcProviderFetch } from './oidc-library/oidc-provider-fetch.js';
import { MetadataDocuments } from './registration/metadata-documents.js';
import { CurrentOidcProvider } from './oidc-library/current-oidc-provider.js';
import { OAuthServer } from './server/oauth-server.js';
import { PostedRequests } from './server/http/posted-requests.js';
import { ErrorResponses } from './server/http/error-responses.js';
import { ProtocolMiddleware } from './server/http/protocol-middleware.js';
import { ProtocolPages } from './server/http/protocol-pages.js';
import { OidcConfiguration } from './server/setup/oidc-configuration.js';
import { OidcExtensions } from './server/setup/oidc-extensions.js';
import { OidcProviderFactory } from './server/setup/oidc-provider-factory.js';
import { OidcFeatures } from './server/setup/oidc-features.js';
import { DynamicClientRegistration } from './registration/dynamic-client-registration.js';
import { ResourceIndicators } from './server/setup/resource-indicators.js';
import { UserInfo } from './tokens/userinfo.js';
import { BrowserSessionStrategy } from './sessions/browser-session.strategy.js';
import { Interactions } from './sessions/interactions.js';
import { PageCsrf } from './pages/http/csrf.js';
import { PageStylesController } from './pages/styles/stylesheet.controller.js';
import { SessionCookie } from './sessions/session-cookie.js';
import { SetPasswordController } from './sign-in/set-password.controller.js';
import { SignInAudit } from './sign-in/audit.js';
import { SignInController } from './sign-in/sign-in.controller.js';
import { SignInResponses } from './sign-in/responses.js';
import { SignInThrottle } from './sign-in/throttle.js';
import { SigningKeyStore } from './signing-keys/signing-key.store.js';
import { ArtifactStore } from './storage/artifacts/artifact.store.js';
import { ClientSource } from './registration/client-source.js';
import { GrantStore } from './storage/grant.store.js';
import { StorageAdapters } from './storage/adapters.js';
import { Sweeper } from './storage/sweeper.js';
import { OAuthClientStrategy } from './tokens/oauth-client.strategy.js';
import { OAuthUserStrategy } from './tokens/oauth-user.strategy.js';
import { TokenAudit } from './tokens/audit.js';
import { TokenLifetimes } from './tokens/lifetimes.js';
import { TokenLookup } from './tokens/token.lookup.js';

const STORAGE = [ArtifactStore, ClientSource, GrantStore, StorageAdapters, Sweeper, SigningKeyStore];
const TOKENS = [OAuthClientStrategy, OAuthUserStrategy, TokenAudit, TokenLifetimes, TokenLookup];
const SIGN_IN = [
  BrowserSessionStrategy,
  Interactions,
  PageCsrf,
  SessionCookie,
  SignInAudit,
  SignInResponses,
  SignInThrottle,
];
const IDP_SIGN_IN = [
  BrowserBinding,
  IdpCallback,
  IdpClient,
  IdpAuthorizationRequest,
  IdpSessions,
  LogoutTokens,
  EncryptedStateStore,
  SignInProviders,
];
const CONSENT = [
  ConsentBilling,
  ConsentDecisions,
  ConsentOutcomes,
  ConsentTerms,
  ConsentStore,
  ExistingGrants,
  SingleDecision,
  UserSwitch,
];
const ACCOUNT = [AccountOverview, AccountResponses, AllowedAppsReader, BrowserSessions, OwnKeys];
const GRANTS = [AssertedIdentity, AssertionGrants, ExchangeOrganization, IssuedTokens, TrustedTokens];
const SERVER = [
  ClientAuthentication,
  ClientRedirects,
  IntrospectionPolicy,
  OidcProviderFetch,
  MetadataDocuments,
  OAuthServer,
  PostedRequests,
  ErrorResponses,
  ProtocolMiddleware,
  ProtocolPages,
  OidcConfiguration,
  OidcExtensions,
  OidcProviderFactory,
  OidcFeatures,
  DynamicClientRegistration,
  ResourceIndicators,
  UserInfo,
];

@Module({
  imports: [OrgsModule, KeysModule, ClientsModule, IdpTrustModule],
  controllers: [
    AccountSignInController,
    AccountController,
    AccountAppsController,
    AccountProviderKeysController,
    AccountVirtualKeysController,
    BackchannelLogoutController,
    ConsentController,
    IdpCallbackController,
    IdpSignInController,
    PageStylesController,
    ProtectedResourceController,
    SetPasswordController,
    SignInController,
  ],
  providers: [
    Accounts,
    OAuthCleanup,
    ...STORAGE,
    ...TOKENS,
    ...SIGN_IN,
    ...IDP_SIGN_IN,
    ...CONSENT,
    ...GRANTS,
    ...ACCOUNT,
    ...SERVER,
    { provide: CurrentOidcProvider, useExisting: OAuthServer },
  ],
  exports: [OAuthServer],
})
export class OAuthModule {}
