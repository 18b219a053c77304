import { Egress, type EgressOptions } from './egress.js';

/** Limits for small documents and files of hosts that no administrator has chosen. */
const TIMEOUT_MS = 10_000;
const CONNECTIONS_PER_ORIGIN = 8;

/**
 * Egress to public hosts only, for URLs that strangers and callers choose: client metadata documents,
 * `sector_identifier_uri`, key sets of clients that registered themselves, images in requests. `UPSTREAM_ALLOWED_HOSTS`
 * does not apply: it lists hosts in the own network that an administrator opens for providers and identity providers.
 */
export class PublicEgress extends Egress {
  /** `connectTimeoutMs` in milliseconds, at most ten seconds. */
  constructor({ connectTimeoutMs, ...rest }: Pick<EgressOptions, 'connectTimeoutMs' | 'lookup'>) {
    super({
      ...rest,
      allowedHosts: [],
      connectTimeoutMs: Math.min(TIMEOUT_MS, connectTimeoutMs),
      headersTimeoutMs: TIMEOUT_MS,
      idleTimeoutMs: TIMEOUT_MS,
      connectionsPerOrigin: CONNECTIONS_PER_ORIGIN,
    });
  }
}
