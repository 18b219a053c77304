/**
 * Models that each stored key reaches, as its provider lists them. A list is kept in memory and is fresh for ten
 * minutes. Then it is fetched again while the old one is still served, for up to a day if the provider is unavailable.
 */
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { UpstreamCredential } from '../../keys/credentials/upstream-credential.js';
import { Clock } from '../../platform/time/clock.js';
import { Egress } from '../../platform/egress/egress.js';
import { AuthEvents } from '../../platform/events/auth-events.js';
import type { ProviderKeyId } from '../../platform/ids.js';
import { AppLogger } from '../../platform/logging/app-logger.js';
import type { ProviderAdapter } from '../../providers/contract/provider-adapter.js';
import { fetchModelList, getModelList, ModelListRejected } from './model-list-fetch.js';
import type { ListedModel } from '../../providers/dialects/base/model-list.js';
import { listPricedModels } from './priced-models.js';

const FRESH_MS = 10 * 60_000;
const STALE_MS = 24 * 60 * 60_000;
/** Time for which a provider that failed is not asked again. */
const RETRY_AFTER_MS = 30_000;

/** Maximum number of models of all keys together: some 20 MB. */
const MODEL_CACHE_SIZE = 200_000;

/** Statuses of a key that may not list models, and of an address without a list. Neither says anything about calls. */
const NO_LIST = new Set([403, 404, 405, 501]);
const REFUSED_KEY = 401;

const TAG = 'provider-key:';
const NONE: readonly ListedModel[] = [];

/** State of a key's list. Immutable: an update replaces it. */
interface Knowledge {
  /** Null: nothing was learnt yet, or nothing that is still valid. */
  readonly models: readonly ListedModel[] | null;
  /** Time of the last list, in monotonic milliseconds. */
  readonly learntAt: number;
  /** Time of the failure since the last list, in monotonic milliseconds. Null: none. */
  readonly failedAt: number | null;
}

const NOTHING: Knowledge = { models: null, learntAt: 0, failedAt: null };

@Injectable()
export class ProviderModels {
  readonly #known = new LRUCache<ProviderKeyId, Knowledge>({
    maxSize: MODEL_CACHE_SIZE,
    sizeCalculation: ({ models }) => 1 + (models?.length ?? 0),
  });
  readonly #flights = new Map<ProviderKeyId, Promise<void>>();

  constructor(
    private readonly egress: Egress,
    private readonly clock: Clock,
    private readonly logger: AppLogger,
    events: AuthEvents,
  ) {
    events.subscribe(({ tag }) => {
      if (tag.startsWith(TAG)) this.#forget(tag.slice(TAG.length) as ProviderKeyId);
    });
    events.onResync(() => {
      this.#known.clear();
      this.#flights.clear();
    });
  }

  /**
   * Returns the models that the stored key reaches; empty where the provider is unavailable. Resolves immediately where
   * the models are cached, otherwise only after the provider has responded, without a time limit of its own. Never
   * throws.
   */
  async of(adapter: ProviderAdapter, key: UpstreamCredential): Promise<readonly ListedModel[]> {
    const id = key.providerKeyId;
    if (id === null) return NONE;
    const known = this.#known.get(id) ?? NOTHING;
    const now = this.clock.monotonicNow();
    const models = usable(known, now);
    if (models !== null && now - known.learntAt < FRESH_MS) return models;
    if (known.failedAt !== null && now - known.failedAt < RETRY_AFTER_MS) return models ?? NONE;
    const flight = this.#flights.get(id) ?? this.#depart(id, adapter, key);
    if (models !== null) return models;
    await flight;
    return usable(this.#known.get(id) ?? NOTHING, now) ?? NONE;
  }

  #depart(id: ProviderKeyId, adapter: ProviderAdapter, key: UpstreamCredential): Promise<void> {
    // A result that arrives after the key has changed is discarded: it was learnt with the former key.
    const land = (knowledge: Knowledge): void => {
      if (this.#flights.get(id) !== flight) return;
      this.#flights.delete(id);
      this.#known.set(id, knowledge);
    };
    const flight: Promise<void> = this.#learn(adapter, key).then(
      (models) => land({ models, learntAt: this.clock.monotonicNow(), failedAt: null }),
      (error: unknown) => {
        const before = this.#known.get(id) ?? NOTHING;
        const isRefused = error instanceof ModelListRejected && error.status === REFUSED_KEY;
        this.logger.pino.warn(
          { provider: adapter.id, providerKeyId: id, reason: reasonOf(error) },
          'a provider did not list its models',
        );
        land({ ...before, models: isRefused ? null : before.models, failedAt: this.clock.monotonicNow() });
      },
    );
    this.#flights.set(id, flight);
    return flight;
  }

  async #learn(adapter: ProviderAdapter, key: UpstreamCredential): Promise<readonly ListedModel[]> {
    const address = getModelList(adapter);
    if (address === null) return listPricedModels(adapter.id);
    try {
      return await fetchModelList(this.egress, adapter, key, address);
    } catch (error) {
      if (error instanceof ModelListRejected && NO_LIST.has(error.status)) return listPricedModels(adapter.id);
      throw error;
    }
  }

  #forget(id: ProviderKeyId): void {
    this.#known.delete(id);
    this.#flights.delete(id);
  }
}

const usable = ({ models, learntAt }: Knowledge, now: number): readonly ListedModel[] | null =>
  models !== null && now - learntAt < STALE_MS ? models : null;

/** Returns our own description of the error: a text that a provider wrote may repeat the key. */
const reasonOf = (error: unknown): string =>
  error instanceof SyntaxError ? 'it is not JSON' : error instanceof Error ? error.message : 'unknown';
