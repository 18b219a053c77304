/** Rules for a client that registers itself: public, with users, with safe redirect URIs. Pure. */
import type { AdapterPayload } from 'oidc-provider';
import { errors } from '../oidc-library/oidc-provider.js';
import { findRedirectUriProblem } from '../../clients/metadata/redirect-uri.js';

const GRANTS: ReadonlySet<string> = new Set([
  'authorization_code',
  'refresh_token',
  'urn:ietf:params:oauth:grant-type:device_code',
]);

const MAX_REDIRECT_URIS = 20;
const MAX_NAME_LENGTH = 200;
/** A single line, because people see it when they decide. */
const NAME = /^[^\p{Cc}\p{Cf}\p{Cs}]*$/u;

/** Throws `invalid_client_metadata` (RFC 7591 §3.2.2), which names the member and the values that are allowed. */
export function checkRegistration(metadata: AdapterPayload): void {
  if (metadata.token_endpoint_auth_method !== 'none') {
    throw createMetadataError(
      'token_endpoint_auth_method must be none: only public clients register themselves. An administrator can register a confidential one',
    );
  }
  const grant = metadata.grant_types?.find((type) => !GRANTS.has(type));
  if (grant !== undefined)
    throw createMetadataError(`grant_types must not contain ${grant}: only an administrator can register such clients`);
  checkAddresses(metadata);
  checkName(metadata.client_name);
}

/** Checks a metadata document by the same rules, but also allows keys for authentication. */
export function checkMetadataDocument(metadata: AdapterPayload): void {
  const method = metadata.token_endpoint_auth_method;
  if (method !== 'none' && method !== 'private_key_jwt') {
    throw createMetadataError('token_endpoint_auth_method must be none or private_key_jwt');
  }
  checkRegistration({ ...metadata, token_endpoint_auth_method: 'none' });
}

/** Both lists are targets of redirects, so the same rules apply to both. */
const URI_MEMBERS = ['redirect_uris', 'post_logout_redirect_uris'] as const;

function checkAddresses({ application_type: type = 'web', ...metadata }: AdapterPayload): void {
  for (const member of URI_MEMBERS) {
    const uris: readonly string[] = metadata[member] ?? [];
    if (uris.length > MAX_REDIRECT_URIS)
      throw createMetadataError(`${member} must not contain more than ${MAX_REDIRECT_URIS}`);
    for (const uri of uris) {
      const refusal = findRedirectUriProblem(uri, type);
      if (refusal !== null) throw createMetadataError(`${member}: ${refusal}`);
    }
  }
}

function checkName(name: string | undefined): void {
  if (name === undefined || (name.length <= MAX_NAME_LENGTH && NAME.test(name))) return;
  throw createMetadataError(`client_name must be one line of at most ${MAX_NAME_LENGTH} characters`);
}

const createMetadataError = (description: string): Error => new errors.InvalidClientMetadata(description);
