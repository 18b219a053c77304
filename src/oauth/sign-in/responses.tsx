/** Responds with the sign-in page, with the sign-in options of the application. */
import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { resemblesProduct } from '../../clients/metadata/product-name.js';
import { ACCOUNT_CLIENT_ID, isFirstPartyClient } from '../protocol/first-party-clients.js';
import { IdpAuthorizationRequest } from '../idp-client/authorization-request.js';
import { buildSignInPaths } from '../idp-client/paths.js';
import { SignInProviders, type SignInProvider } from '../idp-client/sign-in-providers.js';
import { IdpRedirectPage } from '../pages/idp-redirect.page.js';
import { toFormTarget } from '../pages/http/headers.js';
import { SignInPage } from '../pages/sign-in.page.js';
import type { InteractionContext } from '../sessions/interactions.js';
import { PageCsrf } from '../pages/http/csrf.js';
import { sendPage } from '../pages/http/send-page.js';

/** The previous input and its error. */
export interface SignInInput {
  email?: string;
  remember?: boolean;
  error?: string;
}

@Injectable()
export class SignInResponses {
  constructor(
    private readonly csrf: PageCsrf,
    private readonly providers: SignInProviders,
    private readonly authorizationRequest: IdpAuthorizationRequest,
  ) {}

  async showPage(
    reply: FastifyReply,
    interaction: InteractionContext,
    { email, error, remember }: SignInInput,
    status = 200,
  ): Promise<void> {
    const { details, client, redirectUri } = interaction;
    const paths = buildSignInPaths(details.uid);
    const isForAccount = client.clientId === ACCOUNT_CLIENT_ID;
    const clientName = client.clientName ?? client.clientId;
    const [providers, byAddress] = await Promise.all([
      this.providers.listOffered(client.clientId),
      this.providers.supportsAddressDiscovery(client.clientId),
    ]);
    const page = (
      <SignInPage
        action={paths.page}
        csrf={this.csrf.createToken(details.uid)}
        imitatesProduct={!isFirstPartyClient(client.clientId) && resemblesProduct(clientName)}
        rememberDefault={remember ?? false}
        idp={{ action: paths.leave, providers, byAddress }}
        {...(email === undefined ? {} : { email })}
        {...(error === undefined ? {} : { error })}
        {...(isForAccount ? {} : { clientName })}
      />
    );
    // A person who consented before is redirected to the app immediately; a button leads to its provider.
    const targets = [redirectUri ?? [], providers.map(({ endpoints }) => endpoints.authorization)].flat();
    return sendPage(reply, page, { status, formTargets: targets.map(toFormTarget) });
  }

  /**
   * Leads from the main form to a provider by a page, not by a redirect. Browsers let a form lead only to targets that
   * the page has named (CSP, `form-action`), and naming every provider would reveal the customers.
   */
  async redirectToProvider(
    reply: FastifyReply,
    interaction: InteractionContext,
    provider: SignInProvider,
    { email, remember }: SignInInput,
  ): Promise<void> {
    const hints = { email: email ?? null, isRemembered: remember ?? false };
    const url = await this.authorizationRequest.begin(reply, interaction, provider, hints);
    void reply.header('refresh', `0; url=${url}`);
    return sendPage(reply, <IdpRedirectPage providerName={provider.name} url={url} />);
  }
}
