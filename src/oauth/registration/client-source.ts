/**
 * Provides clients in the form that oidc-provider expects (RFC 7591 metadata), from the records created by admins and
 * registrations.
 */
import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { AdapterPayload } from 'oidc-provider';
import { OAuthClientLookup, type OAuthClient } from '../../clients/authentication/oauth-client.lookup.js';
import { SelfRegisteredClients } from '../../clients/storage/self-registered-clients.js';
import { JWT_BEARER, TOKEN_EXCHANGE } from '../protocol/first-party-clients.js';
import { checkRegistration } from './client-metadata.validator.js';
import { getCurrentRequestContext } from '../oidc-library/request-context.js';

/**
 * The library requires a secret for clients that authenticate with one. It gets a random value: secrets are compared by
 * digest (client-authentication.ts), and if that comparison were ever missing, no secret would match.
 */
export const PLACEHOLDER_SECRET = randomBytes(32).toString('base64url');

const USER_GRANTS = [
  'authorization_code',
  'refresh_token',
  'urn:ietf:params:oauth:grant-type:device_code',
  TOKEN_EXCHANGE,
  JWT_BEARER,
];

@Injectable()
export class ClientSource {
  constructor(
    private readonly directory: OAuthClientLookup,
    private readonly registered: SelfRegisteredClients,
  ) {}

  /**
   * Returns undefined for a disabled client. The library fetches metadata documents itself; they are not read from
   * here.
   */
  async find(clientId: string): Promise<AdapterPayload | undefined> {
    const client = await this.directory.findByClientId(clientId);
    if (!client || client.isDisabled || client.source === 'metadata_document') return undefined;
    const epochs = getCurrentRequestContext()?.tokenEpochs;
    if (epochs && !epochs.has(clientId)) epochs.set(clientId, client.tokenEpoch);
    return (client.source === 'registration' ? client.registration : buildClientMetadata(client)) as AdapterPayload;
  }

  /** Registers a client with its own metadata (RFC 7591), after the library has checked their form. */
  async register(metadata: AdapterPayload): Promise<void> {
    checkRegistration(metadata);
    await this.registered.register({ ...metadata }, 'registration');
  }
}

function buildClientMetadata(client: OAuthClient): object {
  const isApplication = client.grantType === 'client_credentials';
  const hasSecret = client.tokenEndpointAuthMethod.startsWith('client_secret');
  return {
    client_id: client.clientId,
    client_name: client.name,
    grant_types: isApplication ? ['client_credentials'] : USER_GRANTS,
    response_types: isApplication ? [] : ['code'],
    redirect_uris: client.redirectUris,
    post_logout_redirect_uris: client.postLogoutRedirectUris,
    application_type: client.applicationType,
    token_endpoint_auth_method: client.tokenEndpointAuthMethod,
    ...(hasSecret ? { client_secret: PLACEHOLDER_SECRET } : {}),
    ...(client.jwks ? { jwks: client.jwks } : {}),
    ...(client.jwksUri ? { jwks_uri: client.jwksUri } : {}),
  };
}
