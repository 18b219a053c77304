/** Fetches a provider's key set from the one address that its record names. */
import type { Egress } from '../../platform/egress/egress.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { isObject } from '../trusted-issuer/token-json.js';
import { toVerificationKey, type VerificationKey } from './verification-key.js';

/** From the request to the last byte: callers wait for it. */
const TIMEOUT_MS = 3_000;
/** Real sets have two to ten keys, each with a certificate of 2 KB at most. */
const MAX_BYTES = 256 * 1024;
const MAX_KEYS = 100;

const DEFAULT_FRESH_MS = 10 * 60_000;
/** Bounds of the provider's cache lifetime: shorter would burden it, longer would keep dropped keys alive. */
const MIN_FRESH_MS = 5 * 60_000;
const MAX_FRESH_MS = 60 * 60_000;

export interface FetchedKeySet {
  /** At least one. */
  readonly keys: readonly VerificationKey[];
  /** How long the set stays fresh. */
  readonly freshMs: number;
}

/** @throws GatewayError `idp_unreachable`, whose detail explains the problem to an admin; LLM routes do not show it */
export async function fetchKeySet(egress: Egress, jwksUrl: string): Promise<FetchedKeySet> {
  const { status, headers, body } = await egress
    .fetchBounded(jwksUrl, {
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_BYTES,
      accept: 'application/jwk-set+json, application/json',
    })
    .catch((error: unknown) => {
      if (!(error instanceof GatewayError)) throw error;
      throw unusable(error.reason ?? error.code, error.detail, error);
    });
  if (status >= 300 && status < 400)
    throw unusable('key_set_redirected', `It responded with a redirect (${status}), which is not followed.`);
  if (status !== 200) throw unusable('key_set_status', `It responded with the status ${status}.`);
  const type = (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  if (!/^application\/(json|[a-z0-9.-]+\+json)$/.test(type))
    throw unusable('key_set_content_type', 'Its content type is not JSON.');
  return { keys: await readKeySet(body), freshMs: readFreshMs(headers['cache-control'] ?? '') };
}

async function readKeySet(body: Buffer): Promise<VerificationKey[]> {
  let document: unknown;
  try {
    document = JSON.parse(body.toString());
  } catch {
    throw unusable('key_set_malformed', 'It is not JSON.');
  }
  const entries: unknown = isObject(document) ? document.keys : undefined;
  if (!Array.isArray(entries)) throw unusable('key_set_malformed', 'It has no list of keys.');
  if (entries.length > MAX_KEYS) throw unusable('key_set_too_many', `It has more than ${MAX_KEYS} keys.`);
  const keys = (await Promise.all(entries.map(toVerificationKey))).filter((key) => key !== null);
  // More likely a mistake of the provider than its intention: it must not lock out all users.
  if (keys.length === 0) throw unusable('key_set_empty', 'It has no key that a signature can be verified with.');
  return keys;
}

function readFreshMs(cacheControl: string): number {
  const seconds = /(?:^|[,\s])max-age\s*=\s*"?(\d{1,9})/i.exec(cacheControl)?.[1];
  if (seconds === undefined) return DEFAULT_FRESH_MS;
  return Math.min(Math.max(Number(seconds) * 1000, MIN_FRESH_MS), MAX_FRESH_MS);
}

const unusable = (reason: string, problem: string, cause?: unknown): GatewayError =>
  new GatewayError('idp_unreachable', `The key set cannot be used. ${problem}`, { reason, cause });
