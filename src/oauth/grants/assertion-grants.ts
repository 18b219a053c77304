/**
 * Exchanges tokens of a trusted identity provider for access tokens of the gateway: token exchange (RFC 8693) and the
 * JWT bearer grant for an identity assertion (ID-JAG). Both use the same validator as authentication method 5. Each
 * assertion works once.
 */
import { Injectable } from '@nestjs/common';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { TokenRefusal } from '../../idp-trust/trusted-issuer/token-refusal.js';
import { AppLogger } from '../../platform/logging/app-logger.js';
import { JWT_BEARER, TOKEN_EXCHANGE } from '../protocol/first-party-clients.js';
import { errors } from '../oidc-library/oidc-provider.js';
import { getRequestContext } from '../oidc-library/request-context.js';
import { AssertedIdentity } from './asserted-identity.js';
import { IssuedTokens, type IssuedToken } from './issued-tokens.js';

/** RFC 8693 §3. An access token and an ID token are JWTs here too. */
const SUBJECT_TYPES: ReadonlySet<string> = new Set([
  'urn:ietf:params:oauth:token-type:jwt',
  'urn:ietf:params:oauth:token-type:access_token',
  'urn:ietf:params:oauth:token-type:id_token',
]);
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

@Injectable()
export class AssertionGrants {
  constructor(
    private readonly identities: AssertedIdentity,
    private readonly tokens: IssuedTokens,
    private readonly logger: AppLogger,
  ) {}

  install(provider: Provider): void {
    const exchange = ['subject_token', 'subject_token_type', 'requested_token_type', 'audience', 'resource', 'scope'];
    provider.registerGrantType(
      TOKEN_EXCHANGE,
      (ctx) => this.#handleTokenExchange(ctx),
      [...exchange, 'actor_token'],
      ['resource'],
    );
    provider.registerGrantType(
      JWT_BEARER,
      (ctx) => this.#handleJwtBearer(ctx),
      ['assertion', 'scope', 'resource'],
      ['resource'],
    );
  }

  async #handleTokenExchange(ctx: KoaContextWithOIDC): Promise<void> {
    const params = ctx.oidc.params!;
    const token = requireParameter(params.subject_token, 'subject_token');
    if (!SUBJECT_TYPES.has(requireParameter(params.subject_token_type, 'subject_token_type')))
      throw new errors.InvalidRequest('subject_token_type must name a JWT, an access token or an ID token');
    if (params.requested_token_type !== undefined && params.requested_token_type !== ACCESS_TOKEN)
      throw new errors.InvalidRequest(`requested_token_type must be ${ACCESS_TOKEN}`);
    if (params.actor_token !== undefined) throw new errors.InvalidRequest('actor_token is not supported');
    this.tokens.check(ctx);
    const identity = await this.#orInvalidGrant(ctx, () => this.identities.identifySubjectToken(ctx, token));
    setTokenResponse(ctx, await this.tokens.issue(ctx, identity), { issued_token_type: ACCESS_TOKEN });
  }

  async #handleJwtBearer(ctx: KoaContextWithOIDC): Promise<void> {
    const assertion = requireParameter(ctx.oidc.params!.assertion, 'assertion');
    this.tokens.check(ctx);
    const identity = await this.#orInvalidGrant(ctx, () => this.identities.identifyAssertion(ctx, assertion));
    setTokenResponse(ctx, await this.tokens.issue(ctx, identity), {});
  }

  /** Responds alike to every fault of an assertion (RFC 6749 §5.2). The reason is only logged. */
  async #orInvalidGrant<T>(ctx: KoaContextWithOIDC, identify: () => Promise<T>): Promise<T> {
    try {
      return await identify();
    } catch (error) {
      if (!(error instanceof TokenRefusal)) throw error;
      const requestId = getRequestContext(ctx.req)?.requestId;
      this.logger.pino.info({ requestId, reason: error.reason, internal: error.detail }, 'an assertion is refused');
      throw new errors.InvalidGrant(error.detail);
    }
  }
}

function requireParameter(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new errors.InvalidRequest(`missing required parameter ${name}`);
}

/** Issues no refresh token: the client must ask the provider again, which may have changed its decision. */
function setTokenResponse(ctx: KoaContextWithOIDC, token: IssuedToken, extraMembers: object): void {
  ctx.body = {
    access_token: token.value,
    ...extraMembers,
    token_type: 'Bearer',
    expires_in: token.expiresInSeconds,
    scope: token.scope,
  };
}
