/** Requests that need the person's consent each time, regardless of earlier consents. */
import type { KoaContextWithOIDC } from 'oidc-provider';
import { isLoopbackUri } from '../../clients/metadata/redirect-uri.js';
import { isFirstPartyRedirect } from '../protocol/first-party-clients.js';

/**
 * Any program on the same machine can listen at a loopback address or claim a scheme, so neither identifies the client
 * (RFC 8252 §8.6). The `application_type` that a client states changes nothing. A first-party client that redirects to
 * this server is never asked for this reason, even when the server itself runs on loopback.
 */
export function requiresRepeatedConsent({ oidc }: KoaContextWithOIDC, issuer: string): boolean {
  const { clientId, applicationType } = oidc.client!;
  const { redirect_uri: redirectUri } = oidc.params ?? {};
  if (isFirstPartyRedirect(clientId, redirectUri, issuer)) return false;
  return applicationType === 'native' || (typeof redirectUri === 'string' && isLoopbackUri(redirectUri));
}
