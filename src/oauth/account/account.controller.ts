import { Controller, Get, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { PathId } from '../../admin-api/field-rules.js';
import { PROTOCOL_ROUTES } from '../protocol/paths.js';
import { SessionCookie } from '../sessions/session-cookie.js';
import { AccountRoutes } from './account.guard.js';
import { AccountResponses } from './page/responses.js';
import { BrowserSessions } from './page/browser-sessions.js';
import { findDoneMessage } from './page/done-message.js';

/** Handles a person's account and browser sessions. */
@AccountRoutes()
@Controller('account')
export class AccountController {
  constructor(
    private readonly responses: AccountResponses,
    private readonly sessions: BrowserSessions,
    private readonly cookie: SessionCookie,
  ) {}

  @Get()
  async show(@CurrentActor() actor: Actor, @Res() reply: FastifyReply, @Query('done') code: unknown): Promise<void> {
    const done = findDoneMessage(code);
    await this.sessions.stamp(actor);
    await this.responses.showPage(reply, actor, done === undefined ? {} : { done });
  }

  /** Ends this browser's session. Apps stay connected, because they hold their own grants. */
  @Post('sign-out')
  async signOut(@CurrentActor() actor: Actor, @Res() reply: FastifyReply): Promise<void> {
    await this.#signOut(actor, reply);
  }

  @Post('sessions/:id/end')
  async endSession(@CurrentActor() actor: Actor, @Res() reply: FastifyReply, @PathId() id: string): Promise<void> {
    if (id === actor.caller.credentialId) return this.#signOut(actor, reply);
    await this.sessions.end(actor, id);
    await this.responses.redirectToPage(reply, 'session-ended');
  }

  async #signOut(actor: Actor, reply: FastifyReply): Promise<void> {
    await this.sessions.end(actor, actor.caller.credentialId);
    await reply
      .headers({ 'set-cookie': this.cookie.removalHeaders, 'cache-control': 'no-store' })
      .redirect(`${PROTOCOL_ROUTES.end_session}/success`, 303);
  }
}
