/** Who has come back from an identity provider: the library's rules for the answer, then ours for the token and the user. */
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import * as openid from 'openid-client';
import { IdentityLinker } from '../../idp-trust/identity-linker.js';
import type { IdentityProvider } from '../../idp-trust/identity-provider.js';
import { JwtValidator } from '../../idp-trust/jwt-validator.js';
import { TokenRefusal } from '../../idp-trust/token-refusal.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { AppLogger } from '../../platform/logging/app-logger.js';
import { SignInAudit } from '../sign-in/sign-in-audit.js';
import { IdpClient } from './idp-client.js';
import type { Failure, Outcome, Pending } from './outcome.js';
import { isReady, type SignInProvider } from './sign-in-providers.js';

@Injectable()
export class IdpArrival {
  constructor(
    private readonly client: IdpClient,
    private readonly validator: JwtValidator,
    private readonly linker: IdentityLinker,
    private readonly audit: SignInAudit,
    private readonly logger: AppLogger,
  ) {}

  /** Never throws for what a provider or a person does. What went wrong stands in the audit log of the organisation. */
  async outcomeOf(
    request: FastifyRequest,
    provider: IdentityProvider,
    query: URLSearchParams,
    pending: Pending,
  ): Promise<Outcome> {
    try {
      if (!isReady(provider))
        throw new TokenRefusal('jwt_issuer_unknown', 'sign-in through the provider was turned off');
      return await this.#arrived(provider, query, pending);
    } catch (error) {
      const { why, reason } = causeOf(error);
      this.logger.pino.info(
        { requestId: request.id, identityProviderId: provider.id, reason, err: error },
        'a sign-in through an identity provider failed',
      );
      await this.audit.refusedByIdp(request, provider, reason);
      return { kind: 'failed', why, providerName: provider.name };
    }
  }

  async #arrived(provider: SignInProvider, query: URLSearchParams, pending: Pending): Promise<Outcome> {
    const idToken = await this.client.redeem(provider, query, pending);
    const validated = await this.validator.validate(idToken, asIdTokenIssuer(provider));
    const { userId, organisationId } = await this.linker.userOf(provider, validated);
    const { sub, sid } = validated.claims;
    return {
      kind: 'arrived',
      userId,
      organisationId,
      isRemembered: pending.isRemembered,
      through: {
        identityProviderId: provider.id,
        subject: sub as string,
        providerSession: typeof sid === 'string' ? sid : null,
      },
    };
  }
}

/** What sign-in believes: ID tokens for the client that Gatehouse is there. What else must be in a token stays. */
const asIdTokenIssuer = (provider: SignInProvider): IdentityProvider => ({
  ...provider,
  audiences: [provider.clientId],
  authorizedParties: [],
  tokenTypes: ['jwt', ''],
  acceptIdTokens: true,
});

/** `reason`: for the log and the audit log. */
function causeOf(error: unknown): { why: Failure; reason: string } {
  if (error instanceof TokenRefusal) return { why: 'refused', reason: error.reason };
  if (error instanceof openid.AuthorizationResponseError)
    return { why: error.error === 'access_denied' ? 'denied' : 'failed', reason: `provider: ${named(error.error)}` };
  if (error instanceof openid.ResponseBodyError) return { why: 'failed', reason: `provider: ${named(error.error)}` };
  const outage = outageIn(error);
  if (outage) return { why: 'unreachable', reason: outage.reason ?? outage.code };
  if (error instanceof openid.ClientError || error instanceof openid.WWWAuthenticateChallengeError)
    return { why: 'failed', reason: error.code ?? 'answer_not_valid' };
  throw error;
}

/** The library wraps what the way out throws. */
function outageIn(error: unknown): GatewayError | null {
  for (let each = error; each instanceof Error; each = each.cause) if (each instanceof GatewayError) return each;
  return null;
}

/** RFC 6749 §4.1.2.1 and §5.2 name codes of this form; anything else is somebody's text. */
const named = (code: string): string => (/^[a-z_]{1,60}$/.test(code) ? code : 'unnamed error');
