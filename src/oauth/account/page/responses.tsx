/** Responses of the account pages: the page, or a redirect to it. */
import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Actor } from '../../../auth/callers/actor.js';
import { GatewayError } from '../../../platform/errors/gateway-error.js';
import { PAGE_ROUTES } from '../../protocol/paths.js';
import { AccountPage } from '../../pages/account/account.page.js';
import { sendPage } from '../../pages/http/send-page.js';
import { AccountOverview, type FormOutcome } from './overview.js';
import type { DoneCode } from './done-message.js';
import { describeRefusal } from './refusal-sentence.js';

@Injectable()
export class AccountResponses {
  constructor(private readonly overview: AccountOverview) {}

  async showPage(reply: FastifyReply, actor: Actor, outcome: FormOutcome = {}, status = 200): Promise<void> {
    await sendPage(reply, <AccountPage {...await this.overview.build(actor, outcome)} />, { status });
  }

  /** Redirects to the page, so that reloading does not repeat the action. */
  async redirectToPage(reply: FastifyReply, code: DoneCode): Promise<void> {
    await reply.header('cache-control', 'no-store').redirect(`${PAGE_ROUTES.account}?done=${code}`, 303);
  }

  /**
   * Runs `attempt`, which sends the response. When it is refused, shows the page again, with the reason where `told`
   * puts it. `not_found` and internal errors get their own pages.
   */
  async attempt(
    reply: FastifyReply,
    actor: Actor,
    action: () => Promise<void>,
    toOutcome: (error: string) => FormOutcome = (error) => ({ error }),
  ): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof GatewayError) || error.status >= 500 || error.code === 'not_found') throw error;
      await this.showPage(reply, actor, toOutcome(describeRefusal(error)), error.status);
    }
  }
}
