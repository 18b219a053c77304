/** Builds the account page: everything that belongs to the person. */
import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../auth/callers/actor.js';
import { getUserId } from '../../../auth/callers/caller.js';
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
import { toKeyChoice, toProviderKeyRow, toVirtualKeyRow } from '../keys/key-rows.js';
import { OwnKeys } from '../keys/own-keys.js';

/** Result of the last form: shown at the top, or in the form that failed. */
export interface FormOutcome {
  done?: string;
  error?: string;
  newProviderKey?: Pick<AddProviderKeyProps, 'error' | 'typed'>;
  newVirtualKey?: Pick<CreateVirtualKeyProps, 'error' | 'typed'>;
}

const PROVIDERS_BY_NAME = [...PROVIDERS].sort((a, b) => a.displayName.localeCompare(b.displayName, 'en'));

@Injectable()
export class AccountOverview {
  constructor(
    private readonly accounts: Accounts,
    private readonly sessions: BrowserSessions,
    private readonly apps: AllowedAppsReader,
    private readonly keys: OwnKeys,
    private readonly csrf: PageCsrf,
  ) {}

  async build(actor: Actor, { newProviderKey, newVirtualKey, ...messages }: FormOutcome): Promise<AccountPageProps> {
    const userId = getUserId(actor.caller)!;
    const user = await this.accounts.findUser(userId);
    if (!user) throw new GatewayError('credential_invalid', 'You are no longer signed in. Sign in again.');
    const usableKeys = await this.keys.listUsable(actor);
    return {
      csrf: this.csrf.createToken(actor.caller.credentialId),
      header: { user, organizationName: user.organizationName, signOutAction: accountPaths.signOut },
      sessions: await this.sessions.list(actor),
      apps: await this.apps.list(userId),
      providerKeys: {
        keys: (await this.keys.listProviderKeys(actor)).map(toProviderKeyRow),
        add: { action: accountPaths.addProviderKey, providers: PROVIDERS_BY_NAME, ...newProviderKey },
      },
      virtualKeys: {
        keys: (await this.keys.listVirtualKeys(actor)).map(toVirtualKeyRow),
        create: { action: accountPaths.createVirtualKey, providerKeys: usableKeys.map(toKeyChoice), ...newVirtualKey },
      },
      ...messages,
    };
  }
}
