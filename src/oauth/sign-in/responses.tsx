/** Responds with the sign-in page, with the sign-in options of the application. */
import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { resemblesProduct } from '../../clients/metadata/product-name.js';
import { ACCOUNT_CLIENT_ID, isOurs } from '../protocol/first-party-clients.js';
import { IdpDeparture } from '../idp-client/authorization-request.js';
import { signInPaths } from '../idp-client/paths.js';
import { SignInProviders, type SignInProvider } from '../idp-client/sign-in-providers.js';
import { IdpLeavePage } from '../pages/idp-redirect.page.js';
import { formTargetOf } from '../pages/http/headers.js';
import { SignInPage } from '../pages/sign-in.page.js';
import type { Stop } from '../sessions/interactions.js';
import { PageCsrf } from '../pages/http/csrf.js';
import { replyWithPage } from '../pages/http/send-page.js';

/** The previous input and its error. */
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
    // A person who consented before is redirected to the app immediately; a button leads to its provider.
    const targets = [redirectUri ?? [], providers.map(({ endpoints }) => endpoints.authorization)].flat();
    return replyWithPage(reply, page, { status, formTargets: targets.map(formTargetOf) });
  }

  /**
   * Leads from the main form to a provider by a page, not by a redirect. Browsers let a form lead only to targets that
   * the page has named (CSP, `form-action`), and naming every provider would reveal the customers.
   */
  async leave(reply: FastifyReply, stop: Stop, provider: SignInProvider, { email, remember }: Typed): Promise<void> {
    const wish = { email: email ?? null, isRemembered: remember ?? false };
    const url = await this.departure.begin(reply, stop, provider, wish);
    void reply.header('refresh', `0; url=${url}`);
    return replyWithPage(reply, <IdpLeavePage providerName={provider.name} url={url} />);
  }
}
