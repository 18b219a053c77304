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

const TAG_PREFIX = 'provider-key:';
const NONE: readonly ListedModel[] = [];

/** State of a key's list. Immutable: an update replaces it. */
interface CachedList {
  /** Null: nothing was learnt yet, or nothing that is still valid. */
  readonly models: readonly ListedModel[] | null;
  /** Time of the last list, in monotonic milliseconds. */
  readonly fetchedAt: number;
  /** Time of the failure since the last list, in monotonic milliseconds. Null: none. */
  readonly failedAt: number | null;
}

const NOT_FETCHED: CachedList = { models: null, fetchedAt: 0, failedAt: null };

@Injectable()
export class ProviderModels {
  readonly #lists = new LRUCache<ProviderKeyId, CachedList>({
    maxSize: MODEL_CACHE_SIZE,
    sizeCalculation: ({ models }) => 1 + (models?.length ?? 0),
  });
  readonly #inFlight = new Map<ProviderKeyId, Promise<void>>();

  constructor(
    private readonly egress: Egress,
    private readonly clock: Clock,
    private readonly logger: AppLogger,
    events: AuthEvents,
  ) {
    events.subscribe(({ tag }) => {
      if (tag.startsWith(TAG_PREFIX)) this.#remove(tag.slice(TAG_PREFIX.length) as ProviderKeyId);
    });
    events.onResync(() => {
      this.#lists.clear();
      this.#inFlight.clear();
    });
  }

  /**
   * Returns the models that the stored key reaches; empty where the provider is unavailable. Resolves immediately where
   * the models are cached, otherwise only after the provider has responded, without a time limit of its own. Never
   * throws.
   */
  async list(adapter: ProviderAdapter, key: UpstreamCredential): Promise<readonly ListedModel[]> {
    const id = key.providerKeyId;
    if (id === null) return NONE;
    const cached = this.#lists.get(id) ?? NOT_FETCHED;
    const now = this.clock.monotonicNow();
    const models = getUsableModels(cached, now);
    if (models !== null && now - cached.fetchedAt < FRESH_MS) return models;
    if (cached.failedAt !== null && now - cached.failedAt < RETRY_AFTER_MS) return models ?? NONE;
    const fetching = this.#inFlight.get(id) ?? this.#startFetch(id, adapter, key);
    if (models !== null) return models;
    await fetching;
    return getUsableModels(this.#lists.get(id) ?? NOT_FETCHED, now) ?? NONE;
  }

  #startFetch(id: ProviderKeyId, adapter: ProviderAdapter, key: UpstreamCredential): Promise<void> {
    // A result that arrives after the key has changed is discarded: it was learnt with the former key.
    const store = (list: CachedList): void => {
      if (this.#inFlight.get(id) !== fetching) return;
      this.#inFlight.delete(id);
      this.#lists.set(id, list);
    };
    const fetching: Promise<void> = this.#fetchList(adapter, key).then(
      (models) => store({ models, fetchedAt: this.clock.monotonicNow(), failedAt: null }),
      (error: unknown) => {
        const previous = this.#lists.get(id) ?? NOT_FETCHED;
        const isRefused = error instanceof ModelListRejected && error.status === REFUSED_KEY;
        this.logger.pino.warn(
          { provider: adapter.id, providerKeyId: id, reason: describeError(error) },
          'a provider did not list its models',
        );
        store({ ...previous, models: isRefused ? null : previous.models, failedAt: this.clock.monotonicNow() });
      },
    );
    this.#inFlight.set(id, fetching);
    return fetching;
  }

  async #fetchList(adapter: ProviderAdapter, key: UpstreamCredential): Promise<readonly ListedModel[]> {
    const address = getModelList(adapter);
    if (address === null) return listPricedModels(adapter.id);
    try {
      return await fetchModelList(this.egress, adapter, key, address);
    } catch (error) {
      if (error instanceof ModelListRejected && NO_LIST.has(error.status)) return listPricedModels(adapter.id);
      throw error;
    }
  }

  #remove(id: ProviderKeyId): void {
    this.#lists.delete(id);
    this.#inFlight.delete(id);
  }
}

const getUsableModels = ({ models, fetchedAt: learntAt }: CachedList, now: number): readonly ListedModel[] | null =>
  models !== null && now - learntAt < STALE_MS ? models : null;

/** Returns our own description of the error: a text that a provider wrote may repeat the key. */
const describeError = (error: unknown): string =>
  error instanceof SyntaxError ? 'it is not JSON' : error instanceof Error ? error.message : 'unknown';
