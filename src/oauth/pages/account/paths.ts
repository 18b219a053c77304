/** Targets of the forms on the account page. */
import { PAGE_ROUTES } from '../../protocol/paths.js';

const buildPath = (collection: string, id: string, verb: string): string =>
  `${PAGE_ROUTES.account}/${collection}/${id}/${verb}`;

export const accountPaths = {
  signOut: `${PAGE_ROUTES.account}/sign-out`,
  endSession: (id: string) => buildPath('sessions', id, 'end'),
  revokeApp: (id: string) => buildPath('apps', id, 'revoke'),
  addProviderKey: `${PAGE_ROUTES.account}/provider-keys`,
  replaceProviderKey: (id: string) => buildPath('provider-keys', id, 'replace'),
  deleteProviderKey: (id: string) => buildPath('provider-keys', id, 'delete'),
  createVirtualKey: `${PAGE_ROUTES.account}/virtual-keys`,
  rotateVirtualKey: (id: string) => buildPath('virtual-keys', id, 'rotate'),
  deleteVirtualKey: (id: string) => buildPath('virtual-keys', id, 'delete'),
} as const;
