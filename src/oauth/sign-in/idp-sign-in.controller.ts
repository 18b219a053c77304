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
import { SignInReplies } from './responses.js';
import { IdpDeparture } from '../idp-client/authorization-request.js';
import { signInPaths } from '../idp-client/paths.js';
import { OUTCOME, sentenceOf, statusOf } from '../idp-client/sign-in-outcome.js';
import { SealedNotes } from '../sessions/encrypted-state.store.js';
import { SignInProviders } from '../idp-client/sign-in-providers.js';

@ApiExcludeController()
@Public()
@Controller('auth/sign-in')
export class IdpSignInController {
  constructor(
    private readonly interactions: Interactions,
    private readonly providers: SignInProviders,
    private readonly departure: IdpDeparture,
    private readonly notes: SealedNotes,
    private readonly replies: SignInReplies,
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
    const stop = await this.interactions.at(request, reply, uid, 'login');
    this.csrf.check(request, form, uid);
    const provider = await this.providers.chosen(form.text('provider'), stop.client.clientId);
    if (!provider) throw notOffered();
    const isRemembered = form.text('remember') !== '';
    const url = await this.departure.begin(reply, stop, provider, { isRemembered });
    await reply.header('cache-control', 'no-store').redirect(url, 303);
  }

  /** The callback has identified the person. Here the browser proves that the interaction is its own. */
  @Get(':uid/idp-done')
  async end(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('uid') uid: string): Promise<void> {
    const stop = await this.interactions.at(request, reply, uid, 'login');
    const outcome = await this.notes.take(OUTCOME, uid);
    if (outcome === null) {
      await reply.header('cache-control', 'no-store').redirect(signInPaths(uid).page, 303);
      return;
    }
    if (outcome.kind === 'failed') {
      return this.replies.page(reply, stop, { error: sentenceOf(outcome) }, statusOf(outcome.why));
    }
    const { userId, through, isRemembered } = outcome;
    const { identityProviderId } = through;
    await this.audit.signedIn(request, outcome, stop.client.clientId, { method: 'idp', identityProviderId });
    return this.interactions.finish(request, reply, {
      login: { accountId: userId, remember: isRemembered, amr: ['fed'], through },
    });
  }
}

const notOffered = (): GatewayError =>
  new GatewayError(
    'not_found',
    'There is no such way to sign in to this application. Go back, load the page again, and choose anew.',
  );
