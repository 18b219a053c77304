/** Properties of an OAuth client, and which of them may be combined. Pure. */
import type { FieldError } from '../../platform/errors/gateway-error.js';
import type { OAuthClientEntity } from '../storage/oauth-client.entity.js';
import { findRedirectUriProblem, type ApplicationType } from './redirect-uri.js';

export const GRANT_TYPES = ['client_credentials', 'authorization_code'] as const;
export const APPLICATION_TYPES = ['web', 'native'] as const;
/** `none`: a public client, which cannot keep a secret. */
export const AUTH_METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'] as const;

export type GrantType = (typeof GRANT_TYPES)[number];
export type AuthMethodName = (typeof AUTH_METHODS)[number];

type Profile = Pick<
  OAuthClientEntity,
  | 'grantType'
  | 'applicationType'
  | 'tokenEndpointAuthMethod'
  | 'redirectUris'
  | 'postLogoutRedirectUris'
  | 'jwks'
  | 'jwksUri'
  | 'mayIntrospect'
  | 'tokenLifetimeSeconds'
>;

/** Whether the client authenticates with a secret that the gateway issued. */
export const hasSecret = ({ tokenEndpointAuthMethod }: Pick<Profile, 'tokenEndpointAuthMethod'>): boolean =>
  tokenEndpointAuthMethod.startsWith('client_secret_');

export function findProfileFaults(profile: Profile): FieldError[] {
  const grantFaults =
    profile.grantType === 'authorization_code' ? findFaultsWithUsers(profile) : findFaultsWithoutUsers(profile);
  return [...grantFaults, ...findAuthenticationFaults(profile)];
}

/** Checks a client that people sign in to and are redirected back to. */
function findFaultsWithUsers(profile: Profile): FieldError[] {
  const faults: FieldError[] = [];
  if (profile.redirectUris.length === 0) faults.push(createFault('/redirectUris', 'Send at least one redirect URI.'));
  for (const field of ['redirectUris', 'postLogoutRedirectUris'] as const) {
    profile[field].forEach((uri, i) => {
      const refusal = findRedirectUriProblem(uri, profile.applicationType as ApplicationType);
      if (refusal !== null) faults.push(createFault(`/${field}/${i}`, refusal));
    });
  }
  if (profile.tokenLifetimeSeconds !== null)
    faults.push(
      createFault(
        '/tokenLifetimeSeconds',
        "Only for client_credentials. The organization's settings apply to users' tokens.",
      ),
    );
  return faults;
}

/** Checks a client that acts for itself. */
function findFaultsWithoutUsers(profile: Profile): FieldError[] {
  const faults: FieldError[] = [];
  for (const field of ['redirectUris', 'postLogoutRedirectUris'] as const) {
    if (profile[field].length > 0)
      faults.push(createFault(`/${field}`, 'A client_credentials client has no redirects. Leave this out.'));
  }
  if (profile.tokenEndpointAuthMethod === 'none')
    faults.push(
      createFault('/tokenEndpointAuthMethod', 'A client_credentials client must authenticate. Choose a method.'),
    );
  return faults;
}

/** Checks how the client authenticates, and the settings that the method needs. */
function findAuthenticationFaults({
  tokenEndpointAuthMethod: method,
  jwks,
  jwksUri,
  mayIntrospect,
}: Profile): FieldError[] {
  const faults: FieldError[] = [];
  const hasKeys = jwks !== null || jwksUri !== null;
  if (jwks !== null && jwksUri !== null)
    faults.push(createFault('/jwksUri', 'Send either jwks or jwksUri, not both. Null removes one.'));
  if (hasKeys && method !== 'private_key_jwt')
    faults.push(
      createFault(
        '/tokenEndpointAuthMethod',
        'A client with keys of its own can only authenticate by private_key_jwt.',
      ),
    );
  if (!hasKeys && method === 'private_key_jwt')
    faults.push(createFault('/jwks', 'private_key_jwt needs the public keys of the client: send jwks or jwksUri.'));
  if (mayIntrospect && method === 'none')
    faults.push(
      createFault('/mayIntrospect', 'A client that introspects tokens must authenticate. Choose another method.'),
    );
  return faults;
}

const createFault = (pointer: string, detail: string): FieldError => ({ pointer, detail });
