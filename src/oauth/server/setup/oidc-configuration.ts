/**
 * Configuration of oidc-provider. Each setting that differs from the library's default has its reason beside it. The
 * public API fixes paths, prefixes and responses.
 */
import { Injectable } from '@nestjs/common';
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { errors, interactionPolicy } from '../../oidc-library/oidc-provider.js';
import { isRegisteredUri } from '../../../clients/metadata/redirect-uri.js';
import { AppConfig } from '../../../platform/config/app-config.js';
import { Accounts } from '../../oidc-library/accounts.js';
import { buildFirstPartyClients } from '../../protocol/first-party-clients.js';
import { requiresRepeatedConsent } from '../../consent/repeated-consent.js';
import { ExistingGrants } from '../../consent/existing-grants.js';
import { PAGE_ROUTES, PROTOCOL_ROUTES } from '../../protocol/paths.js';
import { ALL_SCOPES } from '../../protocol/scopes.js';
import { SessionCookie } from '../../sessions/session-cookie.js';
import type { SigningJwk } from '../../signing-keys/signing-key.store.js';
import { StorageAdapters } from '../../storage/adapters.js';
import { LIFETIMES, computeRefreshTokenLifetime } from '../../tokens/lifetimes.js';
import { OidcProviderFetch } from '../../oidc-library/oidc-provider-fetch.js';
import { OidcFeatures } from './oidc-features.js';

/**
 * Asymmetric algorithms only: the library would derive HMAC keys from client secrets, which are stored as digests only.
 */
const CLIENT_ASSERTION_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const;

/** Long enough for a client's clock difference, too short to matter (RFC 7519 §4.1.4). */
const CLOCK_TOLERANCE_SECONDS = 5;

/**
 * Assertions that expire unreasonably late are rejected (RFC 7523 §3). Used assertions are remembered until they
 * expire.
 */
const MAX_ASSERTION_SECONDS = 3600;

const KEY_SET_BYTES = 64 * 1024;

@Injectable()
export class OidcConfiguration {
  constructor(
    private readonly config: AppConfig,
    private readonly oidcFetch: OidcProviderFetch,
    private readonly storage: StorageAdapters,
    private readonly accounts: Accounts,
    private readonly existingGrants: ExistingGrants,
    private readonly cookie: SessionCookie,
    private readonly features: OidcFeatures,
  ) {}

  build(keys: readonly SigningJwk[]): Configuration {
    return {
      adapter: (model: string) => this.storage.getAdapter(model),
      clients: buildFirstPartyClients(this.config.http.publicUrl),
      jwks: { keys: [...keys] },
      routes: PROTOCOL_ROUTES,
      scopes: [...ALL_SCOPES],
      claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
      // Implicit and hybrid flows expose tokens in the browser's history.
      responseTypes: ['code'],
      clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
      enabledJWA: {
        clientAuthSigningAlgValues: [...CLIENT_ASSERTION_ALGORITHMS],
        idTokenSigningAlgValues: ['RS256', 'ES256'],
      },
      clientDefaults: {
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
        id_token_signed_response_alg: 'RS256',
      },
      assertJwtClientAuthClaimsAndHeader: (_ctx, { exp }) => checkAssertionEnd(exp),
      pkce: { required: () => true },
      allowOmittingSingleRegisteredRedirectUri: false,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      fetch: this.oidcFetch.fetch,
      fetchResponseBodyLimits: { jwks_uri: KEY_SET_BYTES },
      findAccount: (ctx, sub) => this.accounts.find(ctx, sub),
      loadExistingGrant: (ctx) => this.existingGrants.load(ctx),
      interactions: { policy: buildInteractionPolicy(this.config.http.publicUrl), url: buildInteractionUrl },
      // A browser that signs out must not end the sessions of editors and command-line tools; ending their grants does
      // that.
      expiresWithSession: () => false,
      // The library would require the scope offline_access, which it drops unless `prompt=consent` was sent; real apps
      // send no prompt.
      issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
      rotateRefreshToken: true,
      // Also when an access token is revoked: a token that is being issued on the grant at that moment must not outlive
      // it.
      revokeGrantPolicy: () => true,
      clientBasedCORS: (_ctx, origin, client) => isOwnOrigin(origin, client.redirectUris ?? []),
      renderError: (ctx, out, error) => this.features.renderError(ctx, out, error),
      cookies: this.cookie.settings,
      ttl: {
        AccessToken: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? LIFETIMES.accessToken,
        ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? LIFETIMES.accessToken,
        AuthorizationCode: LIFETIMES.authorizationCode,
        DeviceCode: LIFETIMES.deviceCode,
        Grant: LIFETIMES.grant,
        IdToken: LIFETIMES.idToken,
        Interaction: LIFETIMES.interaction,
        PushedAuthorizationRequest: LIFETIMES.pushedRequest,
        RefreshToken: (_ctx, token) => computeRefreshTokenLifetime(token.iiat ?? getEpochSeconds(), getEpochSeconds()),
        Session: (_ctx, session) => getSessionTtlSeconds(session),
      },
      features: this.features.build(),
    };
  }
}

/** Returns the lifetime of a session. Without a signed-in user, it only has to outlast a form. */
function getSessionTtlSeconds({ accountId, transient }: { accountId?: string; transient?: boolean }): number {
  if (accountId === undefined) return LIFETIMES.anonymousSession;
  return transient ? LIFETIMES.session : LIFETIMES.rememberedSession;
}

const getEpochSeconds = (): number => Math.floor(Date.now() / 1000);

const buildInteractionUrl = (
  _ctx: KoaContextWithOIDC,
  { uid, prompt }: { uid: string; prompt: { name: string } },
): string => `${prompt.name === 'login' ? PAGE_ROUTES.signIn : PAGE_ROUTES.consent}/${uid}`;

function checkAssertionEnd(exp: unknown): void {
  if (typeof exp === 'number' && exp - getEpochSeconds() <= MAX_ASSERTION_SECONDS) return;
  throw new errors.InvalidClientAuth(`the assertion must end within ${MAX_ASSERTION_SECONDS} seconds`);
}

/**
 * The library's checks, and two more: a session of a deleted or disabled user requires a sign-in, and loopback clients
 * require consent each time.
 */
function buildInteractionPolicy(issuer: string): interactionPolicy.DefaultPolicy {
  const policy = interactionPolicy.base();
  const { Check } = interactionPolicy;
  policy
    .get('login')!
    .checks.add(
      new Check('account_gone', 'End-User authentication is required', (ctx) =>
        ctx.oidc.session?.accountId && !ctx.oidc.account ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT,
      ),
    );
  policy
    .get('consent')!
    .checks.add(
      new Check(
        'loopback_client_prompt',
        'native clients require End-User interaction',
        'interaction_required',
        (ctx) =>
          !ctx.oidc.result?.consent && requiresRepeatedConsent(ctx, issuer)
            ? Check.REQUEST_PROMPT
            : Check.NO_NEED_TO_PROMPT,
      ),
      0,
    );
  return policy;
}

/**
 * Whether the origin is that of a redirect URI: browser apps call the token endpoint from the page that they are
 * redirected to.
 */
function isOwnOrigin(origin: string, redirectUris: readonly string[]): boolean {
  const origins = redirectUris.flatMap((uri) => (URL.canParse(uri) ? [new URL(uri).origin] : []));
  // Custom schemes have the origin `null`, which sandboxed pages send too.
  return origin !== 'null' && isRegisteredUri(origin, origins);
}
