import type { JSX } from 'preact';
import { Layout } from '../parts/layout.js';
import { DoneMessage, ErrorMessage } from '../parts/messages.js';
import { AccountHeader, type AccountHeaderProps } from './header.js';
import { AllowedApps, type AllowedAppsProps } from './allowed-apps.js';
import { ProviderKeys, type ProviderKeysProps } from './provider-keys.js';
import { Sessions, type SessionsProps } from './sessions.js';
import { VirtualKeys, type VirtualKeysProps } from './virtual-keys.js';

export interface AccountPageProps {
  /** Proves that a form came from this page; part of every form. */
  csrf: string;
  header: Omit<AccountHeaderProps, 'csrf'>;
  sessions: SessionsProps['sessions'];
  apps: AllowedAppsProps['apps'];
  providerKeys: Omit<ProviderKeysProps, 'csrf'>;
  virtualKeys: Omit<VirtualKeysProps, 'csrf'>;
  /** Success message of the last form. */
  done?: string;
  /** Why the last form failed, unless a form on the page shows the error itself. */
  error?: string;
}

/** Shows everything that belongs to a person. Keys come first, because people open the page for them. */
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
