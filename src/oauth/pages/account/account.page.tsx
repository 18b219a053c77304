import type { JSX } from 'preact';
import { Layout } from '../layout.js';
import { DoneMessage, ErrorMessage } from '../parts/messages.js';
import { AccountHeader, type AccountHeaderProps } from './account-header.js';
import { AllowedApps, type AllowedAppsProps } from './allowed-apps.js';
import { ProviderKeys, type ProviderKeysProps } from './provider-keys.js';
import { Sessions, type SessionsProps } from './sessions.js';
import { VirtualKeys, type VirtualKeysProps } from './virtual-keys.js';

export interface AccountPageProps {
  /** Proves that a form came from this page; goes into every one of them. */
  csrf: string;
  header: Omit<AccountHeaderProps, 'csrf'>;
  sessions: SessionsProps['sessions'];
  apps: AllowedAppsProps['apps'];
  providerKeys: Omit<ProviderKeysProps, 'csrf'>;
  virtualKeys: Omit<VirtualKeysProps, 'csrf'>;
  /** What the last form did. */
  done?: string;
  /** Why the last form did nothing, where no form on the page shows it itself. */
  error?: string;
}

/** Everything that is a person's own here. Keys first: those are what people come for. */
export function AccountPage({ csrf, header, sessions, apps, ...props }: AccountPageProps): JSX.Element {
  return (
    <Layout title="Your account" width="wide">
      <AccountHeader csrf={csrf} {...header} />
      {props.done !== undefined && <DoneMessage>{props.done}</DoneMessage>}
      {props.error !== undefined && <ErrorMessage>{props.error}</ErrorMessage>}
      <VirtualKeys csrf={csrf} {...props.virtualKeys} />
      <ProviderKeys csrf={csrf} {...props.providerKeys} />
      <AllowedApps csrf={csrf} apps={apps} />
      <Sessions csrf={csrf} sessions={sessions} />
    </Layout>
  );
}
