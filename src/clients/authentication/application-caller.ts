import type { Caller } from '../../auth/callers/caller.js';
import type { OrgId } from '../../platform/ids.js';
import type { OAuthClient } from './oauth-client.lookup.js';

const NOTHING: ReadonlySet<never> = new Set();

/** Returns the caller for an application that calls for itself, independent of how it authenticated. */
export const toApplicationCaller = (
  client: OAuthClient,
  organizationId: OrgId,
): Omit<Caller, 'scopes' | 'credentialId' | 'expiresAt' | 'tags'> => ({
  method: 'oauth-client',
  subject: { type: 'app', id: client.id },
  organizationId,
  permissions: NOTHING,
  keySource: { kind: 'bound', keys: client.bindings },
  // An empty list means none. An admin lists the proxies, independent of the teams they are open to.
  proxyAccess: { proxyIds: new Set(client.allowedProxyIds), teamIds: null },
  payerTeamId: client.payerTeamId,
  allowedModels: null,
});
