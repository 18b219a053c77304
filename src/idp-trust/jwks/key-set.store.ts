/** Stores the last good key set of each provider, and announces to every process when a provider has dropped a key. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { authTag } from '../../auth/callers/caller.js';
import { Clock } from '../../platform/time/clock.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import type { IdentityProviderId } from '../../platform/ids.js';
import { KeySetEntity } from './key-set.entity.js';
import { toVerificationKey, type VerificationKey } from './verification-key.js';

export interface StoredKeySet {
  /** The URL that the keys came from. */
  readonly source: string;
  readonly keys: readonly VerificationKey[];
  /** Unix milliseconds. */
  readonly fetchedAt: number;
}

/** Stores nothing for a provider that is only tried out or was just deleted. Keeps a newer set. */
const UPSERT = `
  INSERT INTO identity_key_set AS kept (identity_provider_id, jwks, fetched_at)
  SELECT id, $2::jsonb, $3 FROM identity_provider WHERE id = $1
  ON CONFLICT (identity_provider_id) DO UPDATE SET jwks = excluded.jwks, fetched_at = excluded.fetched_at
   WHERE kept.fetched_at < excluded.fetched_at OR kept.fetched_at > $4`;

/**
 * Clocks of processes differ by less. A set stamped further ahead comes from a wrong clock and does not count as newer.
 */
const CLOCK_SKEW_MS = 5 * 60_000;

@Injectable()
export class KeySetStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  async read(id: IdentityProviderId): Promise<StoredKeySet | null> {
    const row = await this.dataSource.manager.findOneBy(KeySetEntity, { identityProviderId: id });
    if (row === null) return null;
    const keys = (await Promise.all(row.jwks.keys.map(toVerificationKey))).filter((key) => key !== null);
    return keys.length === 0 ? null : { source: row.jwks.source, keys, fetchedAt: row.fetchedAt.getTime() };
  }

  /**
   * Announces keys of the stored set that the new one lacks: callers admitted by them are revoked, all others of the
   * provider are only validated again. The next save makes up for a failed one.
   */
  async save(id: IdentityProviderId, { source, keys, fetchedAt }: StoredKeySet): Promise<void> {
    await this.unitOfWork.run(async (work) => {
      const before = await work.manager.findOne(KeySetEntity, {
        where: { identityProviderId: id },
        lock: { mode: 'pessimistic_write' },
      });
      const maxFetchedAt = this.clock.now() + CLOCK_SKEW_MS;
      const storedAt = before?.fetchedAt.getTime() ?? -Infinity;
      if (storedAt >= fetchedAt && storedAt <= maxFetchedAt) return;
      const jwks = { source, keys: keys.map(({ jwk }) => jwk) };
      await work.manager.query(UPSERT, [id, JSON.stringify(jwks), new Date(fetchedAt), new Date(maxFetchedAt)]);
      const dropped = await findDroppedKeys(before, keys);
      if (dropped.length === 0) return;
      work.announce({ tag: authTag.identityProvider(id), effect: 'changed' });
      for (const key of dropped) work.announce({ tag: authTag.identityProviderKey(id, key.id), effect: 'revoked' });
    });
  }
}

/** Compares keys by content, not by name: a name can be reassigned to another key. */
async function findDroppedKeys(
  before: KeySetEntity | null,
  keys: readonly VerificationKey[],
): Promise<readonly VerificationKey[]> {
  if (before === null) return [];
  const thumbprints = new Set(keys.map(({ thumbprint }) => thumbprint));
  const previousKeys = await Promise.all(before.jwks.keys.map(toVerificationKey));
  return previousKeys.filter((key) => key !== null && !thumbprints.has(key.thumbprint)) as VerificationKey[];
}
