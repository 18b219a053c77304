import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../auth/methods/route-access.js';
import { PasswordSignInService } from '../../orgs/sign-in/password-sign-in.service.js';
import { normalizeEmail } from '../../orgs/users/users.dto.js';
import { Secret } from '../../platform/crypto/secret.js';
import { SignInProviders } from '../idp-client/sign-in-providers.js';
import { Interactions } from '../sessions/interactions.js';
import { PageCsrf } from '../pages/http/csrf.js';
import { CurrentForm, type PageForm } from '../pages/http/form.js';
import { SignInAudit } from './audit.js';
import { SignInResponses } from './responses.js';
import { SignInThrottle } from './throttle.js';

/** The same for an unknown address, a wrong password and a disabled user. */
const WRONG_PASSWORD = 'The e-mail address or the password is wrong. Check both, and whether Caps Lock is on.';

/** The same for every address, known or not. */
const NO_PASSWORD = 'Type your password. This address has no sign-in through another provider.';

@ApiExcludeController()
@Public()
@Controller('auth/sign-in')
export class SignInController {
  constructor(
    private readonly interactions: Interactions,
    private readonly passwords: PasswordSignInService,
    private readonly throttle: SignInThrottle,
    private readonly audit: SignInAudit,
    private readonly csrf: PageCsrf,
    private readonly providers: SignInProviders,
    private readonly responses: SignInResponses,
  ) {}

  @Get(':uid')
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('uid') uid: string): Promise<void> {
    const interaction = await this.interactions.load(request, reply, uid, 'login');
    const { login_hint: hint } = interaction.details.params;
    await this.responses.showPage(reply, interaction, typeof hint === 'string' ? { email: hint } : {});
  }

  @Post(':uid')
  async submit(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('uid') uid: string,
    @CurrentForm() form: PageForm,
  ): Promise<void> {
    const interaction = await this.interactions.load(request, reply, uid, 'login');
    this.csrf.check(request, form, uid);
    const email = normalizeEmail(form.getText('email'));
    const remember = form.getText('remember') !== '';
    const password = form.getSecret('password');
    const homeProvider = await this.providers.findByAddress(email, interaction.client.clientId);
    if (password === '') {
      if (homeProvider) return this.responses.redirectToProvider(reply, interaction, homeProvider, { email, remember });
      return this.responses.showPage(reply, interaction, { email, remember, error: NO_PASSWORD }, 400);
    }
    const waitSeconds = await this.throttle.attempt(request.ip, email);
    if (waitSeconds !== null) {
      void reply.header('retry-after', String(waitSeconds));
      return this.responses.showPage(
        reply,
        interaction,
        { email, remember, error: describeThrottle(waitSeconds) },
        429,
      );
    }
    const user = await this.passwords.verify(email, new Secret(password));
    // Looked up independently of the password, so that neither the response nor its time reveals whether it was right.
    const requiredProvider = await this.providers.findRequired(email);
    if (!user || requiredProvider) {
      this.audit.recordRefusal(request, reply, email, requiredProvider ? 'sign_in_enforced' : 'password_wrong');
      const otherProvider = requiredProvider ?? (homeProvider?.enforceSignIn ? homeProvider : null);
      if (otherProvider)
        return this.responses.redirectToProvider(reply, interaction, otherProvider, { email, remember });
      return this.responses.showPage(reply, interaction, { email, remember, error: WRONG_PASSWORD }, 400);
    }
    await this.throttle.recordSuccess(request.ip, email);
    await this.audit.recordSignIn(request, user, interaction.client.clientId);
    return this.interactions.finish(request, reply, { login: { accountId: user.userId, remember, amr: ['pwd'] } });
  }
}

const describeThrottle = (seconds: number): string =>
  `There were too many attempts. Try again in ${Math.ceil(seconds / 60)} minutes, or ask an administrator for a new link.`;
