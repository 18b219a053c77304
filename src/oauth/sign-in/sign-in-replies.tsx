/** The sign-in page as answer: with the ways in that there are for this application. */
import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { resemblesProduct } from '../../clients/product-name.js';
import { ACCOUNT_CLIENT_ID, isOurs } from '../clients-of-ours.js';
import { IdpDeparture } from '../idp-sign-in/idp-departure.js';
import { signInPaths } from '../idp-sign-in/idp-paths.js';
import { SignInProviders, type SignInProvider } from '../idp-sign-in/sign-in-providers.js';
import { IdpLeavePage } from '../pages/idp-leave.page.js';
import { formTargetOf } from '../pages/page-headers.js';
import { SignInPage } from '../pages/sign-in.page.js';
import type { Stop } from './interaction.js';
import { PageCsrf } from './page-csrf.js';
import { replyWithPage } from './page-reply.js';

/** What was typed, and what was wrong with it. */
export interface Typed {
  email?: string;
  remember?: boolean;
  error?: string;
}

@Injectable()
export class SignInReplies {
  constructor(
    private readonly csrf: PageCsrf,
    private readonly providers: SignInProviders,
    private readonly departure: IdpDeparture,
  ) {}

  async page(reply: FastifyReply, stop: Stop, { email, error, remember }: Typed, status = 200): Promise<void> {
    const { details, client, redirectUri } = stop;
    const paths = signInPaths(details.uid);
    const isForAccount = client.clientId === ACCOUNT_CLIENT_ID;
    const clientName = client.clientName ?? client.clientId;
    const [providers, byAddress] = await Promise.all([
      this.providers.offered(client.clientId),
      this.providers.goByAddress(client.clientId),
    ]);
    const page = (
      <SignInPage
        action={paths.page}
        csrf={this.csrf.token(details.uid)}
        imitatesProduct={!isOurs(client.clientId) && resemblesProduct(clientName)}
        rememberDefault={remember ?? false}
        idp={{ action: paths.leave, providers, byAddress }}
        {...(email === undefined ? {} : { email })}
        {...(error === undefined ? {} : { error })}
        {...(isForAccount ? {} : { clientName })}
      />
    );
    // Whoever is known to have consented before is sent on to the app at once; a button leads to its provider.
    const targets = [redirectUri ?? [], providers.map(({ endpoints }) => endpoints.authorization)].flat();
    return replyWithPage(reply, page, { status, formTargets: targets.map(formTargetOf) });
  }

  /**
   * Leads from the main form to a provider. Not by a redirect: browsers let a form lead to places alone that the page has
   * named (CSP, `form-action`), and to name every provider there is would tell who the customers are.
   */
  async leave(reply: FastifyReply, stop: Stop, provider: SignInProvider, { email, remember }: Typed): Promise<void> {
    const wish = { email: email ?? null, isRemembered: remember ?? false };
    const url = await this.departure.begin(reply, stop, provider, wish);
    void reply.header('refresh', `0; url=${url}`);
    return replyWithPage(reply, <IdpLeavePage providerName={provider.name} url={url} />);
  }
}
