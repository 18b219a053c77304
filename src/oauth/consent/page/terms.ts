/** Contents of the consent page: the client, the requested scopes, and who pays. */
import { Injectable } from '@nestjs/common';
import { OAuthClientLookup } from '../../../clients/authentication/oauth-client.lookup.js';
import { AppConfig } from '../../../platform/config/app-config.js';
import { GatewayError } from '../../../platform/errors/gateway-error.js';
import { Accounts, type SignedInUser } from '../../oidc-library/accounts.js';
import type { ConsentPageProps } from '../../pages/consent.page.js';
import { LLM_SCOPE } from '../../protocol/scopes.js';
import type { InteractionContext } from '../../sessions/interactions.js';
import { ConsentBilling } from './billing.js';
import { describeClient, describeScopes, readConsentRequest } from './consent-request.js';

const DURATION =
  'Until you revoke it on your account page. It also ends after 14 days without use, and after 90 days in any case.';

@Injectable()
export class ConsentTerms {
  constructor(
    private readonly accounts: Accounts,
    private readonly directory: OAuthClientLookup,
    private readonly billing: ConsentBilling,
    private readonly config: AppConfig,
  ) {}

  async build(
    interaction: InteractionContext,
  ): Promise<Omit<ConsentPageProps, 'action' | 'csrf' | 'switchUserAction'>> {
    const user = await this.getUser(interaction);
    const { scopes } = readConsentRequest(interaction, this.config.http.publicUrl);
    const record = await this.directory.findByClientId(interaction.client.clientId);
    return {
      client: describeClient(interaction.client, record, interaction.redirectUri),
      organizationName: user.organizationName,
      user: { email: user.email },
      scopes: describeScopes(scopes),
      billing: scopes.includes(LLM_SCOPE) ? await this.billing.describe(user.id, user.organizationName) : [],
      duration: DURATION,
    };
  }

  /** Returns the user who was signed in when the question was asked. */
  async getUser({ details }: InteractionContext): Promise<SignedInUser> {
    const id = details.session?.accountId;
    const user = id === undefined ? null : await this.accounts.findUser(id);
    if (user) return user;
    throw new GatewayError('not_found', 'You are no longer signed in. Go back to the app and start again.');
  }
}
