/**
 * Decides who may introspect a token (RFC 7662 §4): its own client, and a resource server that an admin of the same
 * organization authorized.
 */
import { Injectable } from '@nestjs/common';
import { OAuthClientLookup } from '../../clients/authentication/oauth-client.lookup.js';
import { Accounts } from '../oidc-library/accounts.js';

interface IntrospectedToken {
  clientId?: string | undefined;
  accountId?: string | undefined;
}

@Injectable()
export class IntrospectionPolicy {
  constructor(
    private readonly directory: OAuthClientLookup,
    private readonly accounts: Accounts,
  ) {}

  /** False results in `active: false`, so that a client cannot find out whether a foreign token exists. */
  async mayIntrospect(requestingClientId: string, { clientId, accountId }: IntrospectedToken): Promise<boolean> {
    // A token of a deleted or disabled user, or of a disabled application, is inactive for every client.
    const user = accountId === undefined ? null : await this.accounts.findUser(accountId);
    if (accountId !== undefined && (!user || (await this.accounts.findRefusal(user, clientId!)) !== null)) return false;
    const client = await this.directory.findByClientId(clientId!);
    if (client?.isDisabled) return false;
    if (requestingClientId === clientId) return true;
    const requestingClient = await this.directory.findByClientId(requestingClientId);
    const organizationId = user?.organizationId ?? client?.organizationId;
    return (
      requestingClient !== null && requestingClient.mayIntrospect && requestingClient.organizationId === organizationId
    );
  }
}
