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
import { AccountAppsController } from './account/account-apps.controller.js';
import { AccountOverview } from './account/account-overview.js';
import { AccountProviderKeysController } from './account/account-provider-keys.controller.js';
import { AccountReplies } from './account/account-replies.js';
import { AccountSignInController } from './account/account-sign-in.controller.js';
import { AccountVirtualKeysController } from './account/account-virtual-keys.controller.js';
import { AccountController } from './account/account.controller.js';
import { AllowedAppsReader } from './account/allowed-apps.reader.js';
import { BrowserSessions } from './account/browser-sessions.js';
import { OwnKeys } from './account/own-keys.js';
import { Accounts } from './accounts.js';
import { ConsentBilling } from './consent/consent-billing.js';
import { ConsentDecisions } from './consent/consent-decisions.js';
import { ConsentTerms } from './consent/consent-terms.js';
import { ConsentController } from './consent/consent.controller.js';
import { Consents } from './consent/consents.js';
import { ExistingGrants } from './consent/existing-grant.js';
import { ConsentOutcomes } from './consent/consent-outcomes.js';
import { SingleDecision } from './consent/single-decision.js';
import { UserSwitch } from './consent/user-switch.js';
import { OAuthDepartures } from './departures.js';
import { BackchannelLogoutController } from './idp-sign-in/backchannel-logout.controller.js';
import { BrowserBinding } from './idp-sign-in/browser-binding.js';
import { IdpArrival } from './idp-sign-in/idp-arrival.js';
import { IdpCallbackController } from './idp-sign-in/idp-callback.controller.js';
import { IdpClient } from './idp-sign-in/idp-client.js';
import { IdpDeparture } from './idp-sign-in/idp-departure.js';
import { IdpSessions } from './idp-sign-in/idp-sessions.js';
import { IdpSignInController } from './idp-sign-in/idp-sign-in.controller.js';
import { LogoutTokens } from './idp-sign-in/logout-tokens.js';
import { SealedNotes } from './idp-sign-in/sealed-notes.js';
import { SignInProviders } from './idp-sign-in/sign-in-providers.js';
import { AssertedIdentity } from './grants/asserted-identity.js';
import { AssertionGrants } from './grants/assertion-grants.js';
import { ExchangeOrganisation } from './grants/exchange-organisation.js';
import { IssuedTokens } from './grants/issued-tokens.js';
import { TrustedTokens } from './grants/trusted-tokens.js';
import { ProtectedResourceController } from './protected-resource.controller.js';
import { ClientAuthentication } from './server/client-authentication.js';
import { ClientRedirects } from './server/client-redirects.js';
import { IntrospectionPolicy } from './server/introspection.policy.js';
import { LibraryFetch } from './server/library-fetch.js';
import { MetadataDocuments } from './server/metadata-documents.js';
import { CurrentOidcProvider } from './server/current-oidc-provider.js';
import { OAuthServer } from './server/oauth-server.js';
import { PostedRequests } from './server/posted-requests.js';
import { ProtocolAnswers } from './server/protocol-answers.js';
import { ProtocolMiddleware } from './server/protocol-middleware.js';
import { ProtocolPages } from './server/protocol-pages.js';
import { ProviderConfiguration } from './server/provider-configuration.js';
import { ProviderExtensions } from './server/provider-extensions.js';
import { ProviderFactory } from './server/provider-factory.js';
import { ProviderFeatures } from './server/provider-features.js';
import { RegistrationDesk } from './server/registration-desk.js';
import { ResourceIndicators } from './server/resource-indicators.js';
import { UserInfo } from './server/userinfo.js';
import { BrowserSessionStrategy } from './sign-in/browser-session.strategy.js';
import { Interactions } from './sign-in/interaction.js';
import { PageCsrf } from './sign-in/page-csrf.js';
import { PageStylesController } from './sign-in/page-styles.controller.js';
import { SessionCookie } from './sign-in/session-cookie.js';
import { SetPasswordController } from './sign-in/set-password.controller.js';
import { SignInAudit } from './sign-in/sign-in-audit.js';
import { SignInController } from './sign-in/sign-in.controller.js';
import { SignInReplies } from './sign-in/sign-in-replies.js';
import { SignInThrottle } from './sign-in/sign-in-throttle.js';
import { SigningKeyStore } from './signing-keys/signing-key.store.js';
import { ArtifactStore } from './storage/artifact-store.js';
import { ClientSource } from './storage/client-source.js';
import { GrantStore } from './storage/grant-store.js';
import { StorageAdapters } from './storage/storage-adapter.js';
import { Sweeper } from './storage/sweeper.js';
import { OAuthClientStrategy } from './tokens/oauth-client.strategy.js';
import { OAuthUserStrategy } from './tokens/oauth-user.strategy.js';
import { TokenAudit } from './tokens/token-audit.js';
import { TokenLifetimes } from './tokens/token-lifetimes.js';
import { TokenLookup } from './tokens/token.lookup.js';

const STORAGE = [ArtifactStore, ClientSource, GrantStore, StorageAdapters, Sweeper, SigningKeyStore];
const TOKENS = [OAuthClientStrategy, OAuthUserStrategy, TokenAudit, TokenLifetimes, TokenLookup];
const SIGN_IN = [
  BrowserSessionStrategy,
  Interactions,
  PageCsrf,
  SessionCookie,
  SignInAudit,
  SignInReplies,
  SignInThrottle,
];
const IDP_SIGN_IN = [
  BrowserBinding,
  IdpArrival,
  IdpClient,
  IdpDeparture,
  IdpSessions,
  LogoutTokens,
  SealedNotes,
  SignInProviders,
];
const CONSENT = [
  ConsentBilling,
  ConsentDecisions,
  ConsentOutcomes,
  ConsentTerms,
  Consents,
  ExistingGrants,
  SingleDecision,
  UserSwitch,
];
const ACCOUNT = [AccountOverview, AccountReplies, AllowedAppsReader, BrowserSessions, OwnKeys];
const GRANTS = [AssertedIdentity, AssertionGrants, ExchangeOrganisation, IssuedTokens, TrustedTokens];
const SERVER = [
  ClientAuthentication,
  ClientRedirects,
  IntrospectionPolicy,
  LibraryFetch,
  MetadataDocuments,
  OAuthServer,
  PostedRequests,
  ProtocolAnswers,
  ProtocolMiddleware,
  ProtocolPages,
  ProviderConfiguration,
  ProviderExtensions,
  ProviderFactory,
  ProviderFeatures,
  RegistrationDesk,
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
    OAuthDepartures,
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
