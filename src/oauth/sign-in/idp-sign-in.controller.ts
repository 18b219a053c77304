/** The parts of a sign-in through an identity provider that belong to the sign-in page. */
import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../auth/methods/route-access.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { Interactions } from '../sessions/interactions.js';
import { PageCsrf } from '../pages/http/csrf.js';
import { CurrentForm, type PageForm } from '../pages/http/form.js';
import { SignInAudit } from './audit.js';
import { SignInResponses } from './responses.js';
import { IdpAuthorizationRequest } from '../idp-client/authorization-request.js';
import { buildSignInPaths } from '../idp-client/paths.js';
import { SIGN_IN_OUTCOME, describeSignInFailure, getSignInFailureStatus } from '../idp-client/sign-in-outcome.js';
import { EncryptedStateStore } from '../sessions/encrypted-state.store.js';
import { SignInProviders } from '../idp-client/sign-in-providers.js';

@ApiExcludeController()
@Public()
@Controller('auth/sign-in')
export class IdpSignInController {
  constructor(
    private readonly interactions: Interactions,
    private readonly providers: SignInProviders,
    private readonly authorizationRequest: IdpAuthorizationRequest,
    private readonly stateStore: EncryptedStateStore,
    private readonly responses: SignInResponses,
    private readonly audit: SignInAudit,
    private readonly csrf: PageCsrf,
  ) {}

  @Post(':uid/idp')
  async leave(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('uid') uid: string,
    @CurrentForm() form: PageForm,
  ): Promise<void> {
    const interaction = await this.interactions.load(request, reply, uid, 'login');
    this.csrf.check(request, form, uid);
    const provider = await this.providers.findChosen(form.getText('provider'), interaction.client.clientId);
    if (!provider) throw notOffered();
    const isRemembered = form.getText('remember') !== '';
    const url = await this.authorizationRequest.begin(reply, interaction, provider, { isRemembered });
    await reply.header('cache-control', 'no-store').redirect(url, 303);
  }

  /** The callback has identified the person. Here the browser proves that the interaction is its own. */
  @Get(':uid/idp-done')
  async end(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('uid') uid: string): Promise<void> {
    const interaction = await this.interactions.load(request, reply, uid, 'login');
    const outcome = await this.stateStore.take(SIGN_IN_OUTCOME, uid);
    if (outcome === null) {
      await reply.header('cache-control', 'no-store').redirect(buildSignInPaths(uid).page, 303);
      return;
    }
    if (outcome.kind === 'failed') {
      return this.responses.showPage(
        reply,
        interaction,
        { error: describeSignInFailure(outcome) },
        getSignInFailureStatus(outcome.why),
      );
    }
    const { userId, through, isRemembered } = outcome;
    const { identityProviderId } = through;
    await this.audit.recordSignIn(request, outcome, interaction.client.clientId, { method: 'idp', identityProviderId });
    return this.interactions.finish(request, reply, {
      login: { accountId: userId, remember: isRemembered, amr: ['fed'], through },
    });
  }
}

const notOffered = (): GatewayError =>
  new GatewayError(
    'not_found',
    'This application does not offer that sign-in. Go back, reload the page, and choose again.',
  );
