/** The key sets of all providers; this process has one of each. */
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../../platform/time/clock.js';
import { Egress } from '../../platform/egress/egress.js';
import { AuthEvents } from '../../platform/events/auth-events.js';
import type { IdentityProviderId } from '../../platform/ids.js';
import { AppLogger } from '../../platform/logging/app-logger.js';
import { authTag } from '../../auth/callers/caller.js';
import type { IdentityProvider } from '../trusted-issuer/identity-provider.js';
import type { WantedKey } from './key-ring.js';
import { fetchKeySet } from './fetch-key-set.js';
import { KeySetStore } from './key-set.store.js';
import { KeySet, type KeySetHealth } from './key-set.js';
import type { VerificationKey } from './verification-key.js';

/** With more providers, sets are occasionally read back from the database. */
const MAX_PROVIDERS = 1_000;

/** A set that could not be refreshed for this long justifies an alarm. */
const ALARM_AGE_SECONDS = 3_600;

const TAG_PREFIX = authTag.identityProvider('');

/** A provider and the URL of its keys. */
export type KeySetLocation = Pick<IdentityProvider, 'id' | 'jwksUrl'>;

@Injectable()
export class KeySets implements OnApplicationShutdown {
  readonly #sets = new LRUCache<IdentityProviderId, { source: string; keys: KeySet }>({ max: MAX_PROVIDERS });
  readonly #pendingSaves = new Set<Promise<void>>();

  constructor(
    private readonly egress: Egress,
    private readonly store: KeySetStore,
    private readonly clock: Clock,
    private readonly logger: AppLogger,
    events: AuthEvents,
  ) {
    events.subscribe(({ tag }) => {
      if (tag.startsWith(TAG_PREFIX))
        this.#sets.get(tag.slice(TAG_PREFIX.length) as IdentityProviderId)?.keys.suspect();
    });
    events.onResync(() => {
      for (const { keys } of this.#sets.values()) keys.suspect();
    });
  }

  /**
   * Returns the key that verifies a provider's token; null: the provider does not have it.
   * @throws GatewayError `idp_unreachable` with `retryAfterSeconds` when no keys are present and none can be fetched
   */
  find(provider: KeySetLocation, wanted: WantedKey): Promise<VerificationKey | null> {
    return this.#get(provider).find(wanted);
  }

  /** Returns the state of a provider's keys in this process. Fetches nothing. */
  getHealth(provider: KeySetLocation): Promise<KeySetHealth> {
    return this.#get(provider).getHealth();
  }

  /** Stores the last fetched sets before the database connection closes. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.#pendingSaves);
  }

  #get({ id, jwksUrl }: KeySetLocation): KeySet {
    const existing = this.#sets.get(id);
    // Keys from a URL that the provider no longer has are ignored.
    if (existing?.source === jwksUrl) return existing.keys;
    const keys = this.#open(id, jwksUrl);
    this.#sets.set(id, { source: jwksUrl, keys });
    return keys;
  }

  #open(id: IdentityProviderId, source: string): KeySet {
    return new KeySet(
      {
        fetch: () => fetchKeySet(this.egress, source),
        recall: async () => {
          const stored = await this.store.read(id);
          return stored?.source === source ? stored : null;
        },
        save: (keys, fetchedAt) => this.#save(id, this.store.save(id, { source, keys, fetchedAt })),
        reportFailure: (error, health) => this.#report(id, error, health),
      },
      this.clock,
    );
  }

  #save(id: IdentityProviderId, write: Promise<void>): void {
    const pending: Promise<void> = write
      .catch((error: unknown) =>
        this.logger.pino.warn(
          { err: error, identityProviderId: id },
          'the keys of an identity provider could not be stored',
        ),
      )
      .finally(() => this.#pendingSaves.delete(pending));
    this.#pendingSaves.add(pending);
  }

  #report(id: IdentityProviderId, error: unknown, { ageSeconds, failuresInARow }: KeySetHealth): void {
    const level = (ageSeconds ?? Infinity) >= ALARM_AGE_SECONDS ? 'error' : 'warn';
    this.logger.pino[level](
      { err: error, identityProviderId: id, ageSeconds, failuresInARow },
      'the keys of an identity provider could not be fetched',
    );
  }
}
