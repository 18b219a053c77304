/** Formats keys for the account page. Pure. */
import type { ProviderKeyView } from '../../../keys/provider-keys/provider-keys.dto.js';
import type { VirtualKeyView } from '../../../keys/virtual-keys/virtual-keys.dto.js';
import { findProvider } from '../../../providers/registry.js';
import type { CreateVirtualKeyProps } from '../../pages/account/create-virtual-key.js';
import type { ProviderKeyRow } from '../../pages/account/provider-keys.js';
import type { VirtualKeyRow } from '../../pages/account/virtual-keys.js';
import { accountPaths } from '../../pages/account/paths.js';

const PAYERS: Readonly<Record<string, string>> = {
  personal: 'yours',
  team: 'of your team',
  org: 'of the organization',
};

const displayName = (provider: string): string => findProvider(provider)?.displayName ?? provider;

export const toProviderKeyRow = (key: ProviderKeyView): ProviderKeyRow => ({
  id: key.id,
  name: key.name,
  provider: displayName(key.provider),
  last4: key.last4,
  createdAt: key.createdAt,
  lastUsedAt: key.lastUsedAt,
  replaceAction: accountPaths.replaceProviderKey(key.id),
  deleteAction: accountPaths.deleteProviderKey(key.id),
});

export const toVirtualKeyRow = (key: VirtualKeyView): VirtualKeyRow => ({
  id: key.id,
  name: key.name,
  tokenStart: key.tokenStart,
  status: key.status,
  expiresAt: key.expiresAt,
  providers: key.providerApiKeys.map(({ provider }) => displayName(provider)),
  lastUsedAt: key.lastUsedAt,
  ...(key.status === 'active' || key.status === 'unmapped'
    ? { rotateAction: accountPaths.rotateVirtualKey(key.id) }
    : {}),
  deleteAction: accountPaths.deleteVirtualKey(key.id),
});

/** Formats a provider key that can be chosen for a virtual key. */
export const toKeyChoice = ({
  id,
  name,
  provider,
  scope,
}: ProviderKeyView): CreateVirtualKeyProps['providerKeys'][number] => ({
  id,
  name,
  provider: `${displayName(provider)}, ${PAYERS[scope]!}`,
});
