/** Forms of a stored AWS key: a bearer key, or the parts of an access key as a JSON object. */
import type { Secret } from '../../platform/crypto/secret.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';

/** Access key that signs requests (SigV4). */
export interface AwsAccessKey {
  accessKeyId: string;
  secretAccessKey: string;
  /** Present in temporary access keys. */
  sessionToken?: string;
  /** Absent: the region of the address applies. */
  region?: string;
}

const EXPECTED_FORM =
  '{"accessKeyId": "…", "secretAccessKey": "…", "sessionToken": "…" (if temporary), "region": "…" (if wanted)}';
const VISIBLE = /^[\x21-\x7e]+$/;
const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d$/;
const RULES: Readonly<Record<keyof AwsAccessKey, RegExp>> = {
  accessKeyId: /^[A-Z0-9]{16,128}$/,
  secretAccessKey: VISIBLE,
  sessionToken: VISIBLE,
  region: REGION,
};

const accessKeys = new WeakMap<Secret, AwsAccessKey | null>();

/** Returns the access key; null for a bearer key. Throws `provider_key_unavailable` for a secret that is neither. */
export function readAwsAccessKey(secret: Secret): AwsAccessKey | null {
  let accessKey = accessKeys.get(secret);
  if (accessKey !== undefined) return accessKey;
  const problem = findAwsSecretProblem(secret);
  if (problem !== null)
    throw new GatewayError(
      'provider_key_unavailable',
      'The stored provider key cannot be used. Ask your administrator to check it.',
      { internal: problem },
    );
  accessKey = isObject(secret) ? (JSON.parse(secret.expose()) as AwsAccessKey) : null;
  accessKeys.set(secret, accessKey);
  return accessKey;
}

/** Returns the problem of a secret without quoting it; null if the secret is valid. */
export function findAwsSecretProblem(secret: Secret): string | null {
  const value = secret.expose();
  if (!isObject(secret)) {
    if (!VISIBLE.test(value)) return 'A bearer key must consist of visible ASCII characters, without white space.';
    return /^A[KS]IA[A-Z0-9]{12,}$/.test(value) ? `An access key id alone is not a key. Send ${EXPECTED_FORM}.` : null;
  }
  let members: Record<string, unknown>;
  try {
    members = JSON.parse(value) as Record<string, unknown>;
  } catch {
    return `The key is not valid JSON. Send a bearer key, or ${EXPECTED_FORM}.`;
  }
  for (const name of Object.keys(members))
    if (!(name in RULES)) return `The key has a member that is none of ${EXPECTED_FORM}.`;
  for (const name of ['accessKeyId', 'secretAccessKey'] as const)
    if (typeof members[name] !== 'string') return `The key has no ${name}. Send ${EXPECTED_FORM}.`;
  for (const [name, value] of Object.entries(members))
    if (typeof value !== 'string' || !RULES[name as keyof AwsAccessKey].test(value))
      return name === 'region'
        ? 'region must be the name of an AWS region, such as eu-central-1.'
        : `${name} does not look like one of AWS. Check that the whole of it was copied.`;
  return null;
}

/** Returns the last characters of the access key's id, which is not secret; of a bearer key its own. */
export function readAwsSecretEnding(secret: Secret): string {
  return isObject(secret) ? readAwsAccessKey(secret)!.accessKeyId.slice(-4) : secret.last4;
}

const isObject = (secret: Secret): boolean => secret.expose().trimStart().startsWith('{');
