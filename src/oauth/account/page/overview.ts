/** Builds the account page: everything that belongs to the person. */
import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../auth/callers/actor.js';
import { userOf } from '../../../auth/callers/caller.js';
import { GatewayError } from '../../../platform/errors/gateway-error.js';
import { PROVIDERS } from '../../../providers/registry.js';
import { Accounts } from '../../oidc-library/accounts.js';
import type { AccountPageProps } from '../../pages/account/account.page.js';
import type { AddProviderKeyProps } from '../../pages/account/add-provider-key.js';
import type { CreateVirtualKeyProps } from '../../pages/account/create-virtual-key.js';
import { PageCsrf } from '../../pages/http/csrf.js';
import { accountPaths } from '../../pages/account/paths.js';
import { AllowedAppsReader } from './allowed-apps.reader.js';
import { BrowserSessions } from './browser-sessions.js';
import { keyChoice, providerKeyRow, virtualKeyRow } from '../keys/key-rows.js';
import { OwnKeys } from '../keys/own-keys.js';

/** Result of the last form: shown at the top, or in the form that failed. */
export interface Outcome {
  done?: string;
  error?: string;
  newProviderKey?: Pick<AddProviderKeyProps, 'error' | 'typed'>;
  newVirtualKey?: Pick<CreateVirtualKeyProps, 'error' | 'typed'>;
}

const BY_NAME = [...PROVIDERS].sort((a, b) => a.displayName.localeCompare(b.displayName, 'en'));

@Injectable()
export class AccountOverview {
  constructor(
    private readonly accounts: Accounts,
    private readonly sessions: BrowserSessions,
    private readonly apps: AllowedAppsReader,
    private readonly keys: OwnKeys,
    private readonly csrf: PageCsrf,
  ) {}

  async of(actor: Actor, { newProviderKey, newVirtualKey, ...said }: Outcome): Promise<AccountPageProps> {
    const userId = userOf(actor.caller)!;
    const user = await this.accounts.user(userId);
    if (!user) throw new GatewayError('credential_invalid', 'You are not signed in any more. Sign in again.');
    const usable = await this.keys.usable(actor);
    return {
      csrf: this.csrf.token(actor.caller.credentialId),
      header: { user, organisationName: user.organisationName, signOutAction: accountPaths.signOut },
      sessions: await this.sessions.of(actor),
      apps: await this.apps.of(userId),
      providerKeys: {
        keys: (await this.keys.providerKeys(actor)).map(providerKeyRow),
        add: { action: accountPaths.addProviderKey, providers: BY_NAME, ...newProviderKey },
      },
      virtualKeys: {
        keys: (await this.keys.virtualKeys(actor)).map(virtualKeyRow),
        create: { action: accountPaths.createVirtualKey, providerKeys: usable.map(keyChoice), ...newVirtualKey },
      },
      ...said,
    };
  }
}
