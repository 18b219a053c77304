/**
 * Credential files of Google's tools (google.aip.dev/auth): the key file of a service account, or the `authorized_user`
 * file of `gcloud auth application-default login`. Neither is ever sent to a model: it is exchanged for a token.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { Secret } from '../../platform/crypto/secret.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { TokenGrant } from '../contract/provider-adapter.js';

const TOKEN_URL = 'https://oauth2.googleapis.com/token';
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
/** Maximum lifetime that Google accepts, in seconds. */
const ASSERTION_SECONDS = 3600;

type Credentials = ServiceAccount | AuthorizedUser;

interface ServiceAccount {
  type: 'service_account';
  tokenUrl: string;
  email: string;
  key: KeyObject;
  keyId: string;
}

interface AuthorizedUser {
  type: 'authorized_user';
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
  refreshToken: string;
  /** Project that pays, because a user does not have one. */
  quotaProject: string;
}

/** Whether the secret is a JSON document rather than an API key or a token. */
export const isCredentialsFile = (secret: Secret): boolean => /^\s*\{/.test(secret.expose());

/** See `ProviderAdapter.problemWith`; for secrets that are JSON. */
export function findCredentialsProblem(secret: Secret): string | null {
  const read = credentialsOf(secret);
  return typeof read === 'string' ? read : null;
}

/** Returns the last characters of the service account's key id, or of the user's refresh token. */
export function readCredentialsLast4(secret: Secret): string {
  const read = credentialsOf(secret);
  if (typeof read === 'string') return '';
  return new Secret(read.type === 'service_account' ? read.keyId : read.refreshToken).last4;
}

export const googleTokenGrant: TokenGrant = {
  isNeededFor: isCredentialsFile,
  async request(secret, nowSeconds) {
    const read = credentialsOf(secret);
    if (typeof read === 'string') {
      throw new GatewayError('provider_key_unavailable', `The stored provider key cannot be used. ${read}`);
    }
    const form = read.type === 'service_account' ? await assertionForm(read, nowSeconds) : refreshForm(read);
    return { url: read.tokenUrl, form: new URLSearchParams(form).toString(), headers: billedTo(read) };
  },
};

/**
 * Builds the form of RFC 7523 §2.1 with the claims that Google requires
 * (developers.google.com/identity/protocols/oauth2/service-account).
 */
async function assertionForm(account: ServiceAccount, nowSeconds: number): Promise<Record<string, string>> {
  const assertion = await new SignJWT({ scope: SCOPE })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...(account.keyId && { kid: account.keyId }) })
    .setIssuer(account.email)
    .setAudience(account.tokenUrl)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + ASSERTION_SECONDS)
    .sign(account.key);
  return { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion };
}

/** Builds the form of RFC 6749 §6. */
function refreshForm({ clientId, clientSecret, refreshToken }: AuthorizedUser): Record<string, string> {
  return {
    grant_type: 'refresh_token',
    client_id: clientId,
    client_secret: clientSecret,
    refresh_token: refreshToken,
  };
}

/** Returns the header of the quota project (cloud.google.com/docs/quotas/set-quota-project). */
const billedTo = (read: Credentials): string[] =>
  read.type === 'authorized_user' && read.quotaProject ? ['x-goog-user-project', read.quotaProject] : [];

/** Returns the credentials, or their problem in words that do not quote them. */
function credentialsOf(secret: Secret): Credentials | string {
  const file = parsed(secret.expose());
  if (file === null) return 'The JSON of apiKey cannot be read. Send the whole key file, as Google gave it.';
  const { type } = file;
  const tokenUrl = text(file, 'token_uri') || TOKEN_URL;
  if (!URL.canParse(tokenUrl)) return 'The token_uri in the key file is not a URL.';
  if (type === 'service_account') {
    const missing = missingIn(file, ['client_email', 'private_key']);
    if (missing) return missing;
    const key = rsaKey(text(file, 'private_key'));
    if (!key) return 'The private_key in the key file is not an RSA key. Send the whole key file, as Google gave it.';
    return { type, tokenUrl, email: text(file, 'client_email'), key, keyId: text(file, 'private_key_id') };
  }
  if (type === 'authorized_user') {
    const missing = missingIn(file, ['client_id', 'client_secret', 'refresh_token']);
    if (missing) return missing;
    const [clientId, clientSecret] = [text(file, 'client_id'), text(file, 'client_secret')];
    const [refreshToken, quotaProject] = [text(file, 'refresh_token'), text(file, 'quota_project_id')];
    return { type, tokenUrl, clientId, clientSecret, refreshToken, quotaProject };
  }
  return 'This kind of credential cannot be used. Send the key file of a service account, or the file that "gcloud auth application-default login" writes.';
}

function missingIn(file: Record<string, unknown>, names: readonly string[]): string | null {
  const missing = names.filter((name) => text(file, name) === '');
  return missing.length > 0 ? `The key file lacks ${missing.join(' and ')}. Send it whole, as Google gave it.` : null;
}

function text(file: Record<string, unknown>, name: string): string {
  const value = file[name];
  return typeof value === 'string' ? value : '';
}

function rsaKey(pem: string): KeyObject | null {
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === 'rsa' ? key : null;
  } catch {
    return null;
  }
}

function parsed(json: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
