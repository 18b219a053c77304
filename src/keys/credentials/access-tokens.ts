/**
 * Exchanges stored keys that a model server does not accept directly (Google's service accounts) for access tokens. A
 * token is kept in memory only, never written or logged, and bound to its key: it is dropped when the key changes,
 * works for one secret alone, and is only returned together with the opened key.
 */
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { authTag } from '../../auth/callers/caller.js';
import { Clock } from '../../platform/time/clock.js';
import { computeSecretDigestKey } from '../../platform/crypto/token-digest.js';
import { Secret } from '../../platform/crypto/secret.js';
import { Egress } from '../../platform/egress/egress.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { AuthEvents } from '../../platform/events/auth-events.js';
import type { ProviderAdapter, TokenGrant } from '../../providers/contract/provider-adapter.js';
import type { UpstreamCredential } from './upstream-credential.js';

interface Token {
  secret: Secret;
  /** See `TokenRequest.headers`. */
  headers: readonly string[];
  /** Digest of the secret that bought it. */
  secretDigest: string;
  /** Monotonic milliseconds: when to fetch a new token, and when this one expires. */
  refreshAt: number;
  endsAt: number;
}

type FetchedToken = Omit<Token, 'secretDigest'>;

const TOKEN_CACHE_SIZE = 10_000;

const KEY_TAG = authTag.providerKey('');

/** Replaces a token this long before it expires: a call may wait in a queue, and stream for minutes. */
const REFRESH_AHEAD_MS = 5 * 60_000;
/** A token that cannot be replaced is used until this long before it expires. */
const MIN_REMAINING_MS = 30_000;
/** Pause after a failure, as long as the present token still works. */
const PAUSE_MS = 10_000;
/** RFC 6749 §5.1 makes the lifetime optional; Google's is an hour. */
const DEFAULT_LIFETIME_SECONDS = 3600;

/** Calls wait for the token. */
const TIMEOUT_MS = 10_000;
const MAX_BYTES = 64 * 1024;

@Injectable()
export class AccessTokens {
  /** Keyed by the provider key's id. */
  readonly #tokens = new LRUCache<string, Token>({ max: TOKEN_CACHE_SIZE });
  readonly #pendingFetches = new Map<string, Promise<Token>>();
  /** The last result per opened key: found without computing its digest, and collected when the key is opened again. */
  readonly #preparedCredentials = new WeakMap<
    UpstreamCredential,
    { credential: UpstreamCredential; refreshAt: number }
  >();

  constructor(
    private readonly egress: Egress,
    private readonly clock: Clock,
    events: AuthEvents,
  ) {
    events.subscribe(({ tag }) => void (tag.startsWith(KEY_TAG) && this.#tokens.delete(tag.slice(KEY_TAG.length))));
  }

  /**
   * Returns the opened key with a token in place of its secret, if this provider needs one; synchronously while a token
   * is cached. Concurrent calls share one fetch. Throws `provider_key_unavailable` when the token is refused, and as
   * `Egress.fetchBounded` does.
   */
  obtain<K extends UpstreamCredential>(key: K, { tokenGrant }: ProviderAdapter): K | Promise<K> {
    const { secret } = key;
    if (!tokenGrant || secret === null || !tokenGrant.isNeededFor(secret)) return key;
    const prepared = this.#preparedCredentials.get(key);
    if (prepared && this.clock.monotonicNow() < prepared.refreshAt) return prepared.credential as K;
    return this.#obtainFresh(key, secret, tokenGrant);
  }

  async #obtainFresh<K extends UpstreamCredential>(key: K, secret: Secret, grant: TokenGrant): Promise<K> {
    const id = key.providerKeyId ?? '';
    const digest = computeSecretDigestKey(secret);
    let token = this.#findCached(id, digest);
    if (!token || this.clock.monotonicNow() >= token.refreshAt)
      token = await this.#renew(id, digest, () => this.#fetch(secret, grant));
    const extraHeaders = withHeaders(key.extraHeaders, token.headers);
    const credential = Object.freeze({ ...key, secret: token.secret, extraHeaders });
    this.#preparedCredentials.set(key, { credential, refreshAt: token.refreshAt });
    return credential;
  }

  #findCached(id: string, digest: string): Token | undefined {
    const token = this.#tokens.get(id);
    return token?.secretDigest === digest ? token : undefined;
  }

  #renew(id: string, digest: string, fetch: () => Promise<FetchedToken>): Promise<Token> {
    const name = `${id} ${digest}`;
    const pending = this.#pendingFetches.get(name);
    if (pending) return pending;
    const pendingFetch = fetch()
      .then((fetched) => ({ ...fetched, secretDigest: digest }))
      .catch((error: unknown) => this.#reuseOrThrow(id, digest, error))
      .then((token) => {
        this.#tokens.set(id, token);
        return token;
      })
      .finally(() => this.#pendingFetches.delete(name));
    this.#pendingFetches.set(name, pendingFetch);
    return pendingFetch;
  }

  /** Returns the previous token if it is still valid for a while; otherwise throws `error`. */
  #reuseOrThrow(id: string, digest: string, error: unknown): Token {
    const token = this.#findCached(id, digest);
    const now = this.clock.monotonicNow();
    if (token && now < token.endsAt - MIN_REMAINING_MS) return { ...token, refreshAt: now + PAUSE_MS };
    throw error;
  }

  async #fetch(secret: Secret, grant: TokenGrant): Promise<FetchedToken> {
    const requestedAt = this.clock.monotonicNow();
    const { url, form, headers } = await grant.request(secret, Math.floor(this.clock.now() / 1000));
    const response = await this.egress.fetchBounded(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form,
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_BYTES,
    });
    const tokenResponse = parseMembers(response.body);
    const token = tokenResponse['access_token'];
    if (response.status !== 200 || typeof token !== 'string' || token === '')
      throw tokenRefused(response.status, tokenResponse['error']);
    const lifeMs = (Number(tokenResponse['expires_in']) || DEFAULT_LIFETIME_SECONDS) * 1000;
    const endsAt = requestedAt + lifeMs;
    return { secret: new Secret(token), headers, refreshAt: endsAt - Math.min(REFRESH_AHEAD_MS, lifeMs / 2), endsAt };
  }
}

/** Headers that an admin set for the key take precedence. */
function withHeaders(keyHeaders: readonly string[], tokenHeaders: readonly string[]): readonly string[] {
  const added = tokenHeaders.filter((_, i) => !keyHeaders.includes(tokenHeaders[i - (i % 2)]!));
  return added.length === 0 ? keyHeaders : [...keyHeaders, ...added];
}

/** Reveals only the error's registered name (RFC 6749 §5.2): its description may quote the request. */
function tokenRefused(status: number, error: unknown): GatewayError {
  const name = typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? error : `status ${status}`;
  return new GatewayError(
    'provider_key_unavailable',
    `No access token was issued for the stored provider key (${name}). Ask your administrator to check it.`,
    { reason: 'token_refused', internal: `the token endpoint responded with ${status} ${name}` },
  );
}

function parseMembers(body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
