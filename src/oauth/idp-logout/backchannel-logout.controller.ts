import { Controller, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../auth/methods/route-access.js';
import { IdentityProviderLookup } from '../../idp-trust/identity-providers/identity-provider.lookup.js';
import { TokenRefusal } from '../../idp-trust/trusted-issuer/token-refusal.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { AppLogger } from '../../platform/logging/app-logger.js';
import { CurrentForm, type PageForm } from '../pages/http/form.js';
import { IdpSessions } from './idp-sessions.js';
import { LogoutTokens } from './logout-tokens.js';
import { isReady } from '../idp-client/sign-in-providers.js';

/**
 * Receives notices from identity providers that a person has signed out there (OpenID Connect Back-Channel Logout 1.0
 * §2.5).
 */
@ApiExcludeController()
@Public()
@Controller('auth/idp')
export class BackchannelLogoutController {
  constructor(
    private readonly directory: IdentityProviderLookup,
    private readonly tokens: LogoutTokens,
    private readonly sessions: IdpSessions,
    private readonly logger: AppLogger,
  ) {}

  /** The client is a program, so the responses are those of §2.8 instead of pages. */
  @Post(':providerId/backchannel-logout')
  async end(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('providerId') providerId: string,
    @CurrentForm() form: PageForm,
  ): Promise<void> {
    void reply.header('cache-control', 'no-store');
    try {
      await this.#end(request, providerId, form.getSecret('logout_token'));
      await reply.status(200).send();
    } catch (error) {
      const response = toErrorResponse(error);
      if (response === null) throw error;
      this.logger.pino.warn({ requestId: request.id, providerId, err: error }, 'a logout token was rejected');
      await reply.status(response.status).send({ error: response.error, error_description: response.sentence });
    }
  }

  async #end(request: FastifyRequest, providerId: string, token: string): Promise<void> {
    const provider = await this.directory.findByProviderId(providerId);
    if (provider === null || !isReady(provider))
      throw new TokenRefusal('jwt_issuer_unknown', 'Users do not sign in through such a provider.');
    const notice = await this.tokens.read(token, provider);
    const context = { requestId: request.id, clientAddress: request.ip };
    if (!(await this.sessions.end(provider, notice, context)))
      throw new TokenRefusal('jwt_replayed', 'This logout token has been used.');
  }
}

/** Returns the same sentence for every fault of a token; the log has the reason. */
function toErrorResponse(error: unknown): { status: number; error: string; sentence: string } | null {
  if (error instanceof TokenRefusal)
    return { status: 400, error: 'invalid_request', sentence: 'the logout token is not accepted' };
  if (error instanceof GatewayError && error.status >= 500)
    return { status: 503, error: 'temporarily_unavailable', sentence: 'the keys cannot be fetched; try again' };
  return null;
}
