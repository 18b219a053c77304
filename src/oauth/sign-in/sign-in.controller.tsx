import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../auth/route-access.js';
import { PasswordSignIn } from '../../orgs/password-sign-in.service.js';
import { asAddress } from '../../orgs/users.dto.js';
import { Secret } from '../../platform/crypto/secret.js';
import { ACCOUNT_CLIENT_ID } from '../clients-of-ours.js';
import { formTargetOf } from '../pages/page-headers.js';
import { SignInPage } from '../pages/sign-in.page.js';
import { Interactions, type Stop } from './interaction.js';
import { PageCsrf } from './page-csrf.js';
import { CurrentForm, type PageForm } from './page-form.js';
import { replyWithPage } from './page-reply.js';
import { SignInAudit } from './sign-in-audit.js';
import { SignInThrottle } from './sign-in-throttle.js';

/** The same for an unknown address, a wrong password and a disabled user. */
const WRONG = 'This e-mail address and password do not belong together. Check both, and whether Caps Lock is on.';

@ApiExcludeController()
@Public()
@Controller('auth/sign-in')
export class SignInController {
  constructor(
    private readonly interactions: Interactions,
    private readonly passwords: PasswordSignIn,
    private readonly throttle: SignInThrottle,
    private readonly audit: SignInAudit,
    private readonly csrf: PageCsrf,
  ) {}

  @Get(':uid')
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('uid') uid: string): Promise<void> {
    const stop = await this.interactions.at(request, reply, uid, 'login');
    const { login_hint: hint } = stop.details.params;
    await this.#page(reply, stop, typeof hint === 'string' ? { email: hint } : {});
  }

  @Post(':uid')
  async submit(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('uid') uid: string,
    @CurrentForm() form: PageForm,
  ): Promise<void> {
    const stop = await this.interactions.at(request, reply, uid, 'login');
    this.csrf.check(request, form, uid);
    const email = asAddress(form.text('email'));
    const remember = form.text('remember') !== '';
    const waitSeconds = await this.throttle.attempt(request.ip, email);
    if (waitSeconds !== null) {
      void reply.header('retry-after', String(waitSeconds));
      return this.#page(reply, stop, { email, remember, error: tooOften(waitSeconds) }, 429);
    }
    const user = await this.passwords.verify(email, new Secret(form.secret('password')));
    if (!user) {
      await this.audit.refused(request, email);
      return this.#page(reply, stop, { email, remember, error: WRONG }, 400);
    }
    await this.throttle.succeeded(request.ip, email);
    await this.audit.signedIn(request, user, stop.client.clientId);
    return this.interactions.finish(request, reply, { login: { accountId: user.userId, remember, amr: ['pwd'] } });
  }

  #page(
    reply: FastifyReply,
    { details, client, redirectUri }: Stop,
    { email, error, remember = false }: { email?: string; error?: string; remember?: boolean },
    status = 200,
  ): Promise<void> {
    const isForAccount = client.clientId === ACCOUNT_CLIENT_ID;
    const page = (
      <SignInPage
        action={`/auth/sign-in/${details.uid}`}
        csrf={this.csrf.token(details.uid)}
        rememberDefault={remember}
        {...(email === undefined ? {} : { email })}
        {...(error === undefined ? {} : { error })}
        {...(isForAccount ? {} : { clientName: client.clientName ?? client.clientId })}
      />
    );
    // Whoever is known to have consented before is sent on to the app at once.
    return replyWithPage(reply, page, { status, formTargets: redirectUri === null ? [] : [formTargetOf(redirectUri)] });
  }
}

const tooOften = (seconds: number): string =>
  `There were too many attempts. Try again in ${Math.ceil(seconds / 60)} minutes, or ask an administrator for a new link.`;
