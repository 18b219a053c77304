/** Reads what an application asks a user for from the interaction. */
import type { Client } from 'oidc-provider';
import type { OAuthClient } from '../../../clients/authentication/oauth-client.lookup.js';
import { resemblesProduct } from '../../../clients/metadata/product-name.js';
import type { RequestingClient } from '../../pages/parts/client-card.js';
import { findResource, SCOPE_MEANINGS } from '../../protocol/scopes.js';
import type { InteractionContext } from '../../sessions/interactions.js';

export interface ConsentRequest {
  scopes: string[];
  /** Resource indicators as the application sent them: the grant must contain these. */
  indicators: string[];
  /** Audiences of the indicators: consent is stored for these. */
  audiences: string[];
}

export function readConsentRequest({ details }: InteractionContext, issuer: string): ConsentRequest {
  const { scope, resource } = details.params as { scope?: string; resource?: string | string[] };
  const indicators = resource === undefined ? [] : [resource].flat();
  const audiences = indicators.flatMap((indicator) => findResource(issuer, indicator)?.audience ?? []);
  return { scopes: scope?.split(' ').filter(Boolean) ?? [], indicators, audiences: [...new Set(audiences)] };
}

export const describeScopes = (scopes: readonly string[]): { name: string; meaning: string }[] =>
  scopes.map((name) => ({ name, meaning: SCOPE_MEANINGS[name] ?? name }));

const LOOPBACK = /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?(?:\/|$)/;

/** Returns the asking client. `record` is null for first-party clients. */
export function describeClient(
  client: Client,
  record: OAuthClient | null,
  redirectUri: string | null,
): RequestingClient {
  const uris = redirectUri === null ? [] : [redirectUri];
  const { clientUri } = client;
  return {
    name: client.clientName ?? client.clientId,
    host: redirectUri === null ? 'the device that shows the code' : getRedirectHost(redirectUri),
    isSelfRegistered: record !== null && record.organizationId === null,
    // First-party clients are not loopback-only: they run on this server itself, even if it runs on loopback.
    ...describeRegistration(client, record),
    isLoopbackOnly: record !== null && uris.length > 0 && uris.every((uri) => LOOPBACK.test(uri)),
    ...(typeof clientUri === 'string' ? { uri: clientUri } : {}),
    ...(record?.source === 'metadata_document' ? { clientIdHost: new URL(client.clientId).host } : {}),
  };
}

/** Returns what the pages state about a client besides its own claims. `record` is null for a client of the product. */
export function describeRegistration(
  client: Pick<Client, 'clientId' | 'clientName'>,
  record: OAuthClient | null,
): Pick<RequestingClient, 'imitatesProduct' | 'registration'> {
  if (record === null) return { imitatesProduct: false, registration: null };
  const { organizationId, registrant, registeredAt } = record;
  return {
    imitatesProduct: resemblesProduct(client.clientName ?? client.clientId),
    registration: organizationId === null ? null : { by: registrant, at: registeredAt },
  };
}

/** Returns the host that a response is sent to, or the private scheme of an app. */
export function getRedirectHost(redirectUri: string): string {
  const { host, protocol } = new URL(redirectUri);
  return /^https?:$/.test(protocol) ? host : protocol;
}
