import { Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../auth/methods/route-access.js';
import { InvitationsService } from '../../orgs/sign-in/invitations.service.js';
import { Secret } from '../../platform/crypto/secret.js';
import { SignInProviders } from '../idp-client/sign-in-providers.js';
import { PAGE_ROUTES } from '../protocol/paths.js';
import { ConfirmInvitationPage } from '../pages/idp-redirect.page.js';
import { InvitationEndedPage } from '../pages/invitation-ended.page.js';
import { PasswordSetPage, SetPasswordPage } from '../pages/set-password.page.js';
import { PageCsrf } from '../pages/http/csrf.js';
import { CurrentForm, type PageForm } from '../pages/http/form.js';
import { sendPage } from '../pages/http/send-page.js';

const MIN_PASSWORD_LENGTH = 12;
/** Argon2id accepts any length; this bounds the form. */
const MAX_PASSWORD_LENGTH = 256;

/** The target of an invitation link: a first password, or a new one to replace a forgotten one. */
@ApiExcludeController()
@Public()
@Controller('auth/set-password')
export class SetPasswordController {
  constructor(
    private readonly invitations: InvitationsService,
    private readonly csrf: PageCsrf,
    private readonly providers: SignInProviders,
  ) {}

  @Get()
  async show(@Res() reply: FastifyReply, @Query('token') token: unknown): Promise<void> {
    await this.#showPage(reply, typeof token === 'string' ? token : '');
  }

  @Post()
  async submit(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentForm() form: PageForm,
  ): Promise<void> {
    const token = form.getText('token');
    this.csrf.check(request, form, token);
    const invitation = await this.invitations.find(token);
    if (invitation && (await this.providers.findRequired(invitation.email)))
      return this.#confirm(request, reply, token);
    const password = form.getSecret('password');
    const problem = findPasswordProblem(password, form.getAll('passwordAgain'));
    if (problem !== null) return this.#showPage(reply, token, problem);
    const context = { requestId: request.id, clientAddress: request.ip };
    if (!(await this.invitations.accept(token, new Secret(password), context))) return this.#showEnded(reply, token);
    return sendPage(reply, <PasswordSetPage continueUrl={PAGE_ROUTES.account} />);
  }

  /**
   * Accepts an invitation without a password, for a user who must sign in through a provider. It proves that the
   * address is reachable, so that the provider's account can be linked.
   */
  async #confirm(request: FastifyRequest, reply: FastifyReply, token: string): Promise<void> {
    const context = { requestId: request.id, clientAddress: request.ip };
    if (!(await this.invitations.confirm(token, context))) return this.#showEnded(reply, token);
    await reply.header('cache-control', 'no-store').redirect(PAGE_ROUTES.account, 303);
  }

  async #showEnded(reply: FastifyReply, token: string): Promise<void> {
    const page = <InvitationEndedPage end={await this.invitations.findState(token)} signInUrl={PAGE_ROUTES.account} />;
    return sendPage(reply, page, { status: 404 });
  }

  async #showPage(reply: FastifyReply, token: string, error?: string): Promise<void> {
    const invitation = await this.invitations.find(token);
    if (!invitation) return this.#showEnded(reply, token);
    const requiredProvider = await this.providers.findRequired(invitation.email);
    if (requiredProvider) {
      const { email } = invitation;
      const fields = { action: PAGE_ROUTES.setPassword, csrf: this.csrf.createToken(token), token, email };
      return sendPage(reply, <ConfirmInvitationPage {...fields} providerName={requiredProvider.name} />);
    }
    const page = (
      <SetPasswordPage
        action={PAGE_ROUTES.setPassword}
        csrf={this.csrf.createToken(token)}
        token={token}
        email={invitation.email}
        {...(error === undefined ? {} : { error })}
      />
    );
    await sendPage(reply, page, { status: error === undefined ? 200 : 400 });
  }
}

/** `again`: the second input of the password. It is optional: a script that omits it cannot mistype. */
function findPasswordProblem(password: string, repeated: readonly string[]): string | null {
  if ([...password].length < MIN_PASSWORD_LENGTH) return `A password has at least ${MIN_PASSWORD_LENGTH} characters.`;
  if (password.length > MAX_PASSWORD_LENGTH) return `A password has at most ${MAX_PASSWORD_LENGTH} characters.`;
  return repeated.every((each) => each === password) ? null : 'The two passwords differ. Type them again.';
}
