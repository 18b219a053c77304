// The guarded egress: upstream calls, key sets, metadata, secret stores, webhooks. Every HTTP request of this process
// is sent through it, and its address is checked and pinned. Redirects are not followed, and proxy variables are not
// read.
import { lookup as resolveHost } from 'node:dns/promises';
import { LRUCache } from 'lru-cache';
import { Pool } from 'undici';
import { GatewayError } from '../errors/gateway-error.js';
import { AllowedHosts } from '../addresses/allowed-hosts.js';
import { performBoundedFetch, type BoundedRequest, type BoundedResponse } from './bounded-fetch.js';
import type { EgressHandler, EgressRequest } from './egress-handler.js';
import { OriginPolicy, type UrlRefusal } from './origin-policy.js';
import { createPinnedConnector, type HostLookup } from './pinned-connector.js';

export interface EgressOptions {
  /** `UPSTREAM_ALLOWED_HOSTS`, one entry each; see AllowedHosts. */
  allowedHosts: readonly string[];
  /** Name resolution, TCP and TLS together. */
  connectTimeoutMs: number;
  /** From the sent request to the first header. A model may think for minutes before it responds. */
  headersTimeoutMs: number;
  /** Between two chunks of a response. */
  idleTimeoutMs: number;
  connectionsPerOrigin: number;
  lookup?: HostLookup;
}

/**
 * Maximum number of open origins. A deployment has tens of providers and trusts; beyond this number the least recently
 * used origin is closed gracefully.
 */
const MAX_ORIGINS = 512;

/** Requests that may wait per connection before more are refused: later ones would wait for several whole responses. */
const MAX_QUEUED_PER_CONNECTION = 4;

/** Hosted APIs keep idle connections for a minute or longer; a new one costs a TLS handshake. */
const KEEP_ALIVE_TLS_MS = 30_000;
/** Model servers in the own network (uvicorn, Node) close after 5 s, and reconnecting without TLS is cheap. */
const KEEP_ALIVE_PLAIN_MS = 4_000;

interface OpenOrigin {
  pool: Pool;
  isSaturated: boolean;
}

/** Safe for concurrent use; one per process. */
export class Egress {
  readonly #allowed: AllowedHosts;
  readonly #origins = new LRUCache<string, OpenOrigin>({
    max: MAX_ORIGINS,
    dispose: (origin, _key, reason) => void (reason === 'evict' && origin.pool.close()),
  });
  #isClosed = false;

  /** Throws a plain Error for an entry of `allowedHosts` that cannot be parsed: a start error. */
  constructor(private readonly options: EgressOptions) {
    this.#allowed = new AllowedHosts(options.allowedHosts);
  }

  /**
   * Sends one request on a kept-alive connection to `origin` (`https://api.openai.com`, as URL.origin writes it). Every
   * failure reaches `handler.onError`, refusals as a GatewayError; nothing is thrown. Returns false if all connections
   * are busy, so that more would wait.
   */
  dispatch(origin: string, request: EgressRequest, handler: EgressHandler): boolean {
    const open = this.#origins.get(origin) ?? this.#open(origin, handler);
    if (open === null) return false;
    if (open.isSaturated && open.pool.stats.queued >= this.options.connectionsPerOrigin * MAX_QUEUED_PER_CONNECTION) {
      handler.onError(createSaturatedError());
      return false;
    }
    const hasCapacity = open.pool.dispatch(request, handler);
    open.isSaturated = !hasCapacity;
    return hasCapacity;
  }

  /**
   * Fetches a small document completely. Redirects are returned, not followed.
   *
   * @throws GatewayError `upstream_unreachable` (also for a refused URL, or a response above `maxBytes`) or
   * `upstream_timeout`
   */
  async fetchBounded(url: string | URL, request: BoundedRequest): Promise<BoundedResponse> {
    const checked = this.#checkPolicy(url);
    if (!(checked instanceof OriginPolicy)) throw createNotAllowedError(checked);
    return performBoundedFetch(this, checked.url, request);
  }

  /**
   * Validates a URL before it is saved, and returns it parsed. Names are not resolved, so a name that leads to a
   * private address is refused only when it is used.
   *
   * @param pointer JSON Pointer of the field, for the error
   * @throws GatewayError `validation_failed`
   */
  checkUrl(url: string | URL, pointer?: string): URL {
    const checked = this.#checkPolicy(url);
    if (checked instanceof OriginPolicy) return checked.url;
    throw new GatewayError('validation_failed', checked.detail, {
      reason: checked.reason,
      ...(pointer === undefined ? {} : { fields: [{ pointer, detail: checked.detail }] }),
    });
  }

  /** Ends every connection; requests in flight receive `onError`. Callers drain first. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const pools = [...this.#origins.values()].map(({ pool }) => pool);
    this.#origins.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  #checkPolicy(url: string | URL): OriginPolicy | UrlRefusal {
    if (!URL.canParse(String(url))) return { reason: 'url_not_allowed', detail: 'This is not a URL.' };
    const policy = new OriginPolicy(new URL(url), this.#allowed);
    return policy.findRefusal() ?? policy;
  }

  #open(origin: string, handler: EgressHandler): OpenOrigin | null {
    const checked = this.#checkPolicy(origin);
    if (this.#isClosed || !(checked instanceof OriginPolicy)) {
      handler.onError(checked instanceof OriginPolicy ? createShuttingDownError() : createNotAllowedError(checked));
      return null;
    }
    const keepAliveTimeout = checked.url.protocol === 'https:' ? KEEP_ALIVE_TLS_MS : KEEP_ALIVE_PLAIN_MS;
    const pool = new Pool(checked.url.origin, {
      connections: this.options.connectionsPerOrigin,
      connect: createPinnedConnector(checked, this.options.lookup ?? lookupHost, this.options.connectTimeoutMs),
      headersTimeout: this.options.headersTimeoutMs,
      bodyTimeout: this.options.idleTimeoutMs,
      keepAliveTimeout,
    });
    const open = { pool, isSaturated: false };
    this.#origins.set(origin, open);
    return open;
  }
}

const lookupHost: HostLookup = (hostname) => resolveHost(hostname, { all: true });

function createNotAllowedError(refusal: UrlRefusal): GatewayError {
  return new GatewayError('upstream_unreachable', refusal.detail, { reason: refusal.reason });
}

function createSaturatedError(): GatewayError {
  return new GatewayError(
    'upstream_unreachable',
    'Too many requests are waiting for the upstream service. Try again shortly.',
    {
      reason: 'upstream_saturated',
      retryAfterSeconds: 1,
    },
  );
}

function createShuttingDownError(): GatewayError {
  return new GatewayError('shutting_down', 'This process is shutting down. Try again.', { reason: 'egress_closed' });
}
