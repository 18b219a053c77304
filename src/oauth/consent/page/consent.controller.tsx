import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../../auth/methods/route-access.js';
import { ConsentPage } from '../../pages/consent.page.js';
import { toFormTarget } from '../../pages/http/headers.js';
import { Interactions } from '../../sessions/interactions.js';
import { PageCsrf } from '../../pages/http/csrf.js';
import { CurrentForm, type PageForm } from '../../pages/http/form.js';
import { sendPage } from '../../pages/http/send-page.js';
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
    private readonly singleDecision: SingleDecision,
    private readonly userSwitch: UserSwitch,
    private readonly csrf: PageCsrf,
  ) {}

  @Get(':uid')
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('uid') uid: string): Promise<void> {
    const interaction = await this.interactions.load(request, reply, uid, 'consent');
    const action = `/oauth/consent/${uid}`;
    const page = (
      <ConsentPage
        {...await this.terms.build(interaction)}
        action={action}
        switchUserAction={`${action}/switch`}
        csrf={this.csrf.createToken(uid)}
      />
    );
    await sendPage(reply, page, {
      formTargets: interaction.redirectUri === null ? [] : [toFormTarget(interaction.redirectUri)],
    });
  }

  @Post(':uid')
  async decide(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('uid') uid: string,
    @CurrentForm() form: PageForm,
  ): Promise<void> {
    const outcome = await this.singleDecision.findOutcome(request, reply, uid);
    if (outcome !== null) {
      this.csrf.check(request, form, uid);
      await this.interactions.leave(reply, outcome);
      return;
    }
    const interaction = await this.interactions.load(request, reply, uid, 'consent');
    this.csrf.check(request, form, uid);
    const user = await this.terms.getUser(interaction);
    const decision = { user, context: { requestId: request.id, clientAddress: request.ip } };
    // Only this exact value allows anything.
    const isAllowed = form.getText('decision') === 'allow';
    const next = await this.singleDecision.decideOnce(interaction.details, async () => {
      const result = await (isAllowed
        ? this.decisions.allow(interaction, decision)
        : this.decisions.deny(interaction, decision));
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
    const interaction = await this.interactions.load(request, reply, uid, 'consent');
    this.csrf.check(request, form, uid);
    await this.userSwitch.begin(request, reply, interaction);
  }
}
