/**
 * Decides which scopes of the admin API a client can be granted. The person who registered a client chose where its
 * codes are sent. Such a client gets a scope only if that person holds every permission that the scope covers, so that
 * no person gains permissions through an app that a colleague allows. Pure.
 */
import { getScopePermissions, type AdminScope, type Permission } from '../../auth/callers/permissions.js';
import type { OAuthClient } from '../../clients/authentication/oauth-client.lookup.js';
import { DOCS_CLIENT_ID } from './first-party-clients.js';
import { ADMIN_SCOPES } from './scopes.js';

/**
 * Clients of the product itself that use the admin API. The API page redirects to PUBLIC_URL only. A native client of
 * the product (loopback redirect or device grant) belongs here too; `requiresRepeatedConsent` then applies to it.
 */
const FIRST_PARTY_ADMINISTRATORS: ReadonlySet<string> = new Set([DOCS_CLIENT_ID]);

/** `client`: its record; null for a client of the product, or an unknown one. */
export function listGrantableAdminScopes(clientId: string, client: OAuthClient | null): readonly AdminScope[] {
  if (FIRST_PARTY_ADMINISTRATORS.has(clientId)) return ADMIN_SCOPES;
  if (client?.source !== 'admin' || client.scope !== 'org') return [];
  const { registrant } = client;
  if (!registrant || registrant.isDisabled) return [];
  return ADMIN_SCOPES.filter((scope) =>
    getScopePermissions(scope).every((permission) => registrant.permissions.has(permission)),
  );
}

/**
 * Returns the permissions of a person in the admin API through a client: at most the person's, and at most the
 * registrant's. An owner who signs in to an app that an admin registered has an admin's permissions there.
 */
export function limitPermissions(
  clientId: string,
  client: OAuthClient | null,
  userPermissions: ReadonlySet<Permission>,
): ReadonlySet<Permission> {
  if (FIRST_PARTY_ADMINISTRATORS.has(clientId)) return userPermissions;
  const registrantPermissions = client?.registrant?.permissions;
  return new Set([...userPermissions].filter((permission) => registrantPermissions?.has(permission)));
}
