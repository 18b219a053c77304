import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../../auth/methods/route-access.js';
import { ConsentPage } from '../../pages/consent.page.js';
import { formTargetOf } from '../../pages/http/headers.js';
import { Interactions } from '../../sessions/interactions.js';
import { PageCsrf } from '../../pages/http/csrf.js';
import { CurrentForm, type PageForm } from '../../pages/http/form.js';
import { replyWithPage } from '../../pages/http/send-page.js';
import { ConsentDecisions } from './decisions.js';
import { ConsentTerms } from './terms.js';
import { SingleDecision } from './single-decision.js';
import { UserSwitch } from './user-switch.js';

@ApiExcludeController()
@Public()
@Controller('oauth/consent')
export class ConsentController {
  constructor(
    private readonly interactions: Interactions,
    private readonly terms: ConsentTerms,
    private readonly decisions: ConsentDecisions,
    private readonly once: SingleDecision,
    private readonly userSwitch: UserSwitch,
    private readonly csrf: PageCsrf,
  ) {}

  @Get(':uid')
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('uid') uid: string): Promise<void> {
    const stop = await this.interactions.at(request, reply, uid, 'consent');
    const action = `/oauth/consent/${uid}`;
    const page = (
      <ConsentPage
        {...await this.terms.of(stop)}
        action={action}
        switchUserAction={`${action}/switch`}
        csrf={this.csrf.token(uid)}
      />
    );
    await replyWithPage(reply, page, {
      formTargets: stop.redirectUri === null ? [] : [formTargetOf(stop.redirectUri)],
    });
  }

  @Post(':uid')
  async decide(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('uid') uid: string,
    @CurrentForm() form: PageForm,
  ): Promise<void> {
    const outcome = await this.once.outcomeFor(request, reply, uid);
    if (outcome !== null) {
      this.csrf.check(request, form, uid);
      await this.interactions.leave(reply, outcome);
      return;
    }
    const stop = await this.interactions.at(request, reply, uid, 'consent');
    this.csrf.check(request, form, uid);
    const user = await this.terms.user(stop);
    const decision = { user, facts: { requestId: request.id, clientAddress: request.ip } };
    // Only this exact value allows anything.
    const isAllowed = form.text('decision') === 'allow';
    const next = await this.once.settle(stop.details, async () => {
      const result = await (isAllowed ? this.decisions.allow(stop, decision) : this.decisions.deny(stop, decision));
      return this.interactions.submit(request, reply, result);
    });
    await this.interactions.leave(reply, next);
  }

  /** Starts the same authorization again, as a different user. */
  @Post(':uid/switch')
  async switch(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('uid') uid: string,
    @CurrentForm() form: PageForm,
  ): Promise<void> {
    const stop = await this.interactions.at(request, reply, uid, 'consent');
    this.csrf.check(request, form, uid);
    await this.userSwitch.begin(request, reply, stop);
  }
}
