/**
 * Which scopes of the admin API a client can be granted. The person who registered a client chose where its codes go. Such a
 * client gets a scope only if that person holds every permission that the scope reaches, so that no person gains permissions
 * by an app that a colleague allows. Pure.
 */
import { scopePermissions, type AdminScope, type Permission } from '../auth/permissions.js';
import type { OAuthClient } from '../clients/oauth-client.directory.js';
import { DOCS_CLIENT_ID } from './clients-of-ours.js';
import { ADMIN_SCOPES } from './scopes.js';

/**
 * Clients of the product itself that administer. The API page answers to PUBLIC_URL alone. A native client of the product
 * (loopback redirect or device grant) belongs here too; `isAskedEachTime` then holds for it.
 */
const FIRST_PARTY_ADMINISTRATORS: ReadonlySet<string> = new Set([DOCS_CLIENT_ID]);

/** `client`: its record; null for a client of the product, or an unknown one. */
export function adminScopesOf(clientId: string, client: OAuthClient | null): readonly AdminScope[] {
  if (FIRST_PARTY_ADMINISTRATORS.has(clientId)) return ADMIN_SCOPES;
  if (client?.source !== 'admin' || client.scope !== 'org') return [];
  const { registrant } = client;
  if (!registrant || registrant.isDisabled) return [];
  return ADMIN_SCOPES.filter((scope) =>
    scopePermissions(scope).every((permission) => registrant.permissions.has(permission)),
  );
}

/**
 * What a person may do in the admin API through a client: no more than the person, and no more than the registrant. An owner
 * who signs in to an app that an admin registered acts as an admin there.
 */
export function permissionsThrough(
  clientId: string,
  client: OAuthClient | null,
  ofPerson: ReadonlySet<Permission>,
): ReadonlySet<Permission> {
  if (FIRST_PARTY_ADMINISTRATORS.has(clientId)) return ofPerson;
  const ofRegistrant = client?.registrant?.permissions;
  return new Set([...ofPerson].filter((permission) => ofRegistrant?.has(permission)));
}
