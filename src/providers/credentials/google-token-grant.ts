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

/** See `ProviderAdapter.findSecretProblem`; for secrets that are JSON. */
export function findCredentialsProblem(secret: Secret): string | null {
  const credentials = readCredentials(secret);
  return typeof credentials === 'string' ? credentials : null;
}

/** Returns the last characters of the service account's key id, or of the user's refresh token. */
export function readCredentialsLast4(secret: Secret): string {
  const credentials = readCredentials(secret);
  if (typeof credentials === 'string') return '';
  return new Secret(credentials.type === 'service_account' ? credentials.keyId : credentials.refreshToken).last4;
}

export const googleTokenGrant: TokenGrant = {
  isNeededFor: isCredentialsFile,
  async request(secret, nowSeconds) {
    const credentials = readCredentials(secret);
    if (typeof credentials === 'string') {
      throw new GatewayError('provider_key_unavailable', `The stored provider key cannot be used. ${credentials}`);
    }
    const form =
      credentials.type === 'service_account'
        ? await buildAssertionForm(credentials, nowSeconds)
        : buildRefreshForm(credentials);
    return {
      url: credentials.tokenUrl,
      form: new URLSearchParams(form).toString(),
      headers: buildQuotaHeaders(credentials),
    };
  },
};

/**
 * Builds the form of RFC 7523 §2.1 with the claims that Google requires
 * (developers.google.com/identity/protocols/oauth2/service-account).
 */
async function buildAssertionForm(account: ServiceAccount, nowSeconds: number): Promise<Record<string, string>> {
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
function buildRefreshForm({ clientId, clientSecret, refreshToken }: AuthorizedUser): Record<string, string> {
  return {
    grant_type: 'refresh_token',
    client_id: clientId,
    client_secret: clientSecret,
    refresh_token: refreshToken,
  };
}

/** Returns the header of the quota project (cloud.google.com/docs/quotas/set-quota-project). */
const buildQuotaHeaders = (credentials: Credentials): string[] =>
  credentials.type === 'authorized_user' && credentials.quotaProject
    ? ['x-goog-user-project', credentials.quotaProject]
    : [];

/** Returns the credentials, or their problem in words that do not quote them. */
function readCredentials(secret: Secret): Credentials | string {
  const file = parseObject(secret.expose());
  if (file === null) return 'The JSON of apiKey cannot be read. Send the whole key file, as Google gave it.';
  const { type } = file;
  const tokenUrl = readText(file, 'token_uri') || TOKEN_URL;
  if (!URL.canParse(tokenUrl)) return 'The token_uri in the key file is not a URL.';
  if (type === 'service_account') {
    const missing = findMissingMembers(file, ['client_email', 'private_key']);
    if (missing) return missing;
    const key = parseRsaKey(readText(file, 'private_key'));
    if (!key) return 'The private_key in the key file is not an RSA key. Send the whole key file, as Google gave it.';
    return { type, tokenUrl, email: readText(file, 'client_email'), key, keyId: readText(file, 'private_key_id') };
  }
  if (type === 'authorized_user') {
    const missing = findMissingMembers(file, ['client_id', 'client_secret', 'refresh_token']);
    if (missing) return missing;
    const [clientId, clientSecret] = [readText(file, 'client_id'), readText(file, 'client_secret')];
    const [refreshToken, quotaProject] = [readText(file, 'refresh_token'), readText(file, 'quota_project_id')];
    return { type, tokenUrl, clientId, clientSecret, refreshToken, quotaProject };
  }
  return 'This kind of credential cannot be used. Send the key file of a service account, or the file that "gcloud auth application-default login" writes.';
}

function findMissingMembers(file: Record<string, unknown>, names: readonly string[]): string | null {
  const missing = names.filter((name) => readText(file, name) === '');
  return missing.length > 0 ? `The key file lacks ${missing.join(' and ')}. Send it whole, as Google gave it.` : null;
}

function readText(file: Record<string, unknown>, name: string): string {
  const value = file[name];
  return typeof value === 'string' ? value : '';
}

function parseRsaKey(pem: string): KeyObject | null {
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === 'rsa' ? key : null;
  } catch {
    return null;
  }
}

function parseObject(json: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
