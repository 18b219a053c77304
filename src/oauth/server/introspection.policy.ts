/** Who may look into a token (RFC 7662 §4): its own client, and a resource server that an admin of the same organisation named. */
import { Injectable } from '@nestjs/common';
import { OAuthClientDirectory } from '../../clients/oauth-client.directory.js';
import { Accounts } from '../accounts.js';

interface LookedInto {
  clientId?: string | undefined;
  accountId?: string | undefined;
}

@Injectable()
export class IntrospectionPolicy {
  constructor(
    private readonly directory: OAuthClientDirectory,
    private readonly accounts: Accounts,
  ) {}

  /** False is answered `active: false`, so that nobody learns whether somebody else's token exists. */
  async allows(askingClientId: string, { clientId, accountId }: LookedInto): Promise<boolean> {
    // A token of somebody who is gone, or of an application that was switched off, is not active for anybody.
    const user = accountId === undefined ? null : await this.accounts.user(accountId);
    if (accountId !== undefined && (!user || (await this.accounts.refusal(user, clientId!)) !== null)) return false;
    const client = await this.directory.byClientId(clientId!);
    if (client?.isDisabled) return false;
    if (askingClientId === clientId) return true;
    const asking = await this.directory.byClientId(askingClientId);
    const organisationId = user?.organisationId ?? client?.organisationId;
    return asking !== null && asking.mayIntrospect && asking.organisationId === organisationId;
  }
}
