/**
 * Identifies the person who comes back from an identity provider. Applies the library's rules to the response, then the
 * gateway's rules to the token and the user.
 */
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import * as openid from 'openid-client';
import { IdentityLinker } from '../../idp-trust/identity-links/identity-linker.js';
import type { IdentityProvider } from '../../idp-trust/trusted-issuer/identity-provider.js';
import { JwtValidator } from '../../idp-trust/token-validation/jwt.validator.js';
import { TokenRefusal } from '../../idp-trust/trusted-issuer/token-refusal.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { AppLogger } from '../../platform/logging/app-logger.js';
import { SignInAudit } from './audit.js';
import { IdpClient } from '../idp-client/client.js';
import type { SignInFailure, SignInOutcome, PendingSignIn } from '../idp-client/sign-in-outcome.js';
import { isReady, type SignInProvider } from '../idp-client/sign-in-providers.js';

@Injectable()
export class IdpCallback {
  constructor(
    private readonly client: IdpClient,
    private readonly validator: JwtValidator,
    private readonly linker: IdentityLinker,
    private readonly audit: SignInAudit,
    private readonly logger: AppLogger,
  ) {}

  /** Never throws for errors of a provider or a person. The audit log of the organization has the reason. */
  async resolveOutcome(
    request: FastifyRequest,
    provider: IdentityProvider,
    query: URLSearchParams,
    pending: PendingSignIn,
  ): Promise<SignInOutcome> {
    try {
      if (!isReady(provider))
        throw new TokenRefusal('jwt_issuer_unknown', 'sign-in through the provider was turned off');
      return await this.#identify(provider, query, pending);
    } catch (error) {
      const { why, reason } = classifyError(error);
      this.logger.pino.info(
        { requestId: request.id, identityProviderId: provider.id, reason, err: error },
        'a sign-in through an identity provider failed',
      );
      await this.audit.recordIdpRefusal(request, provider, reason);
      return { kind: 'failed', why, providerName: provider.name };
    }
  }

  async #identify(provider: SignInProvider, query: URLSearchParams, pending: PendingSignIn): Promise<SignInOutcome> {
    const idToken = await this.client.redeem(provider, query, pending);
    const validated = await this.validator.validate(idToken, toIdTokenIssuer(provider));
    const { userId, organizationId } = await this.linker.resolveUser(provider, validated);
    const { sub, sid } = validated.claims;
    return {
      kind: 'arrived',
      userId,
      organizationId,
      isRemembered: pending.isRemembered,
      through: {
        identityProviderId: provider.id,
        subject: sub as string,
        providerSession: typeof sid === 'string' ? sid : null,
      },
    };
  }
}

/**
 * Sign-in accepts only ID tokens for the client that Gatehouse is at the provider. The other requirements on tokens
 * stay.
 */
const toIdTokenIssuer = (provider: SignInProvider): IdentityProvider => ({
  ...provider,
  audiences: [provider.clientId],
  authorizedParties: [],
  tokenTypes: ['jwt', ''],
  acceptIdTokens: true,
});

/** Classifies an error. `reason`: for the log and the audit log. */
function classifyError(error: unknown): { why: SignInFailure; reason: string } {
  if (error instanceof TokenRefusal) return { why: 'refused', reason: error.reason };
  if (error instanceof openid.AuthorizationResponseError)
    return {
      why: error.error === 'access_denied' ? 'denied' : 'failed',
      reason: `provider: ${sanitizeCode(error.error)}`,
    };
  if (error instanceof openid.ResponseBodyError)
    return { why: 'failed', reason: `provider: ${sanitizeCode(error.error)}` };
  const outage = findOutage(error);
  if (outage) return { why: 'unreachable', reason: outage.reason ?? outage.code };
  if (error instanceof openid.ClientError || error instanceof openid.WWWAuthenticateChallengeError)
    return { why: 'failed', reason: error.code ?? 'answer_not_valid' };
  throw error;
}

/** The library wraps errors that the egress throws. */
function findOutage(error: unknown): GatewayError | null {
  for (let each = error; each instanceof Error; each = each.cause) if (each instanceof GatewayError) return each;
  return null;
}

/** RFC 6749 §4.1.2.1 and §5.2 define codes of this form; any other value is free text from outside. */
const sanitizeCode = (code: string): string => (/^[a-z_]{1,60}$/.test(code) ? code : 'unnamed error');
