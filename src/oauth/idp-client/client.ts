/** Gatehouse as a client of identity providers (OpenID Connect Core 1.0 §3.1, RFC 7636, RFC 9207). */
import { Injectable } from '@nestjs/common';
import * as openid from 'openid-client';
import { SignInSecret } from '../../idp-trust/identity-providers/sign-in-secret.js';
import { AppConfig } from '../../platform/config/app-config.js';
import type { Secret } from '../../platform/crypto/secret.js';
import { Egress } from '../../platform/egress/egress.js';
import { createGuardedFetch } from '../oidc-library/guarded-fetch.js';
import { buildCallbackUrl } from './paths.js';
import type { SignInProvider } from './sign-in-providers.js';

/** A person is waiting; a directory behind the provider may be slow. */
const TIMEOUT_MS = 8_000;

/** Values that the response must match. Secrets of this one sign-in. */
export interface ExpectedResponse {
  state: string;
  nonce: string;
  verifier: string;
}

export interface AuthorizationHints {
  /** Address that is known or was typed. */
  email: string | null;
  /** Whether the application requires a new authentication of the person. */
  isFresh: boolean;
}

@Injectable()
export class IdpClient {
  readonly #fetch: ReturnType<typeof createGuardedFetch>;

  constructor(
    private readonly secrets: SignInSecret,
    private readonly config: AppConfig,
    egress: Egress,
  ) {
    this.#fetch = createGuardedFetch(egress, TIMEOUT_MS);
  }

  /** Returns the URL for the person and the values to check the response against. Sends no request. */
  async begin(
    provider: SignInProvider,
    { email, isFresh }: AuthorizationHints,
  ): Promise<{ url: URL; expected: ExpectedResponse }> {
    const expected = {
      state: openid.randomState(),
      nonce: openid.randomNonce(),
      verifier: openid.randomPKCECodeVerifier(),
    };
    const url = openid.buildAuthorizationUrl(this.#buildConfiguration(provider, openid.None()), {
      redirect_uri: buildCallbackUrl(this.config.http.publicUrl, provider.providerId),
      scope: 'openid email profile',
      response_mode: 'query',
      state: expected.state,
      nonce: expected.nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(expected.verifier),
      code_challenge_method: 'S256',
      ...(email === null ? {} : { login_hint: email }),
      ...(isFresh ? { prompt: 'login' } : {}),
    });
    return { url, expected };
  }

  /**
   * Returns the ID token for the response that arrived at the callback with this query. Its state, issuer, nonce,
   * audience and times are checked; its signature is not. Throws the library's errors, and GatewayError when the
   * provider does not respond.
   */
  async redeem(provider: SignInProvider, query: URLSearchParams, expected: ExpectedResponse): Promise<string> {
    const responseUrl = new URL(buildCallbackUrl(this.config.http.publicUrl, provider.providerId));
    responseUrl.search = query.toString();
    const methods = selectAuthMethods(
      await this.secrets.open(provider.id),
      provider.endpoints.tokenAuthMethods ?? null,
    );
    for (const [i, method] of methods.entries()) {
      try {
        const { id_token: idToken } = await openid.authorizationCodeGrant(
          this.#buildConfiguration(provider, method),
          responseUrl,
          {
            expectedState: expected.state,
            expectedNonce: expected.nonce,
            pkceCodeVerifier: expected.verifier,
            idTokenExpected: true,
          },
        );
        return idToken!;
      } catch (error) {
        const isLast = i === methods.length - 1;
        if (isLast || !isClientRefused(error)) throw error;
      }
    }
    throw new Error('unreachable');
  }

  #buildConfiguration(provider: SignInProvider, authentication: openid.ClientAuth): openid.Configuration {
    const { issuer, jwksUrl, endpoints, clientId, algorithms, leewaySeconds } = provider;
    const configuration = new openid.Configuration(
      {
        issuer,
        jwks_uri: jwksUrl,
        authorization_endpoint: endpoints.authorization,
        token_endpoint: endpoints.token,
        // RFC 9207 §2.4: a response without `iss` is then refused.
        authorization_response_iss_parameter_supported: endpoints.issParameter ?? false,
        id_token_signing_alg_values_supported: [...algorithms],
      },
      clientId,
      { [openid.clockTolerance]: leewaySeconds },
      authentication,
    );
    configuration[openid.customFetch] = this.#fetch;
    // The guarded egress decides which hosts may be contacted without TLS, for all requests of this process.
    if (endpoints.token.startsWith('http:')) openid.allowInsecureRequests(configuration);
    return configuration;
  }
}

/**
 * Returns those of the two methods that the provider supports. If it names none or both, a client may still be
 * registered for only one: Basic is the default (OpenID Connect Discovery 1.0 §3), and the other is tried after it.
 */
function selectAuthMethods(secret: Secret | null, supportedMethods: readonly string[] | null): openid.ClientAuth[] {
  if (secret === null) return [openid.None()];
  const basic = openid.ClientSecretBasic(secret.expose());
  const post = openid.ClientSecretPost(secret.expose());
  const [hasBasic, hasPost] = ['client_secret_basic', 'client_secret_post'].map((method) =>
    supportedMethods?.includes(method),
  );
  if (hasBasic === hasPost) return [basic, post];
  return [hasBasic ? basic : post];
}

/** RFC 6749 §5.2. The provider has not used the code up then, because the client was not authenticated. */
const isClientRefused = (error: unknown): boolean =>
  (error instanceof openid.ResponseBodyError && error.error === 'invalid_client') ||
  error instanceof openid.WWWAuthenticateChallengeError;
