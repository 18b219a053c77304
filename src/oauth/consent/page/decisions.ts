/** Carries out a person's decision on the consent page. */
import { Injectable } from '@nestjs/common';
import type { InteractionResults } from 'oidc-provider';
import { SelfRegisteredClients } from '../../../clients/storage/self-registered-clients.js';
import { AppConfig } from '../../../platform/config/app-config.js';
import { OWN_DESCRIPTIONS } from '../../protocol/error-texts.js';
import { CurrentOidcProvider } from '../../oidc-library/current-oidc-provider.js';
import type { InteractionContext } from '../../sessions/interactions.js';
import { readConsentRequest } from './consent-request.js';
import { ConsentStore, type Decision } from '../consent.store.js';
import { ExistingGrants, grantScopes } from '../existing-grants.js';

@Injectable()
export class ConsentDecisions {
  constructor(
    private readonly oidc: CurrentOidcProvider,
    private readonly consents: ConsentStore,
    private readonly existing: ExistingGrants,
    private readonly registered: SelfRegisteredClients,
    private readonly config: AppConfig,
  ) {}

  /** Stores the consent and creates the grant of this one authorization. */
  async allow(interaction: InteractionContext, decision: Decision): Promise<InteractionResults> {
    const { clientId } = interaction.client;
    const { scopes, indicators, audiences } = readConsentRequest(interaction, this.config.http.publicUrl);
    const version = await this.existing.getClientVersion(clientId);
    for (const resource of audiences) {
      await this.consents.allow(decision, { userId: decision.user.id, clientId, resource }, scopes, version);
    }
    await this.registered.markUsed(clientId);
    const grant = new this.oidc.provider.Grant({ accountId: decision.user.id, clientId });
    grantScopes(grant, indicators, scopes);
    return { consent: { grantId: await grant.save() } };
  }

  async deny(interaction: InteractionContext, decision: Decision): Promise<InteractionResults> {
    const { scopes } = readConsentRequest(interaction, this.config.http.publicUrl);
    await this.consents.deny(decision, interaction.client.clientId, scopes);
    return { error: 'access_denied', error_description: OWN_DESCRIPTIONS.denied };
  }
}
