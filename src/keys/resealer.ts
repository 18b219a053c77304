/**
 * Moves the stored provider keys to the first of ENCRYPTION_KEYS, so that the ones behind it can be given up. It can run
 * beside servers and be run again at any time: what it has done it finds done.
 */
import { IsNull, MoreThan, Not, type DataSource } from 'typeorm';
import type { SealedBox } from '../platform/crypto/sealed-box.js';
import { ProviderKeyEntity } from './provider-key.entity.js';
import { providerKeyPlace } from './provider-key.vault.js';

/** Rows in memory at a time. */
const BATCH = 200;

export interface ResealReport {
  /** Encryption key id → how many were sealed with it and still are. */
  kept: ReadonlyMap<string, number>;
  /** Encryption key id → how many were sealed with it and are now sealed with the first key. */
  resealed: ReadonlyMap<string, number>;
  /** Provider keys that none of the keys opens. */
  unopened: readonly { id: string; reason: string }[];
}

type SealedRow = Pick<ProviderKeyEntity, 'id' | 'sealedSecret'>;

export class Resealer {
  readonly #kept = new Map<string, number>();
  readonly #resealed = new Map<string, number>();
  readonly #unopened: { id: string; reason: string }[] = [];

  constructor(
    private readonly dataSource: DataSource,
    private readonly box: SealedBox,
  ) {}

  /** Once through all rows, in the order of their ids. A row that is made meanwhile has a higher id, so it comes as well. */
  async run(): Promise<ResealReport> {
    for (let rows = await this.#rows(null); rows.length > 0; rows = await this.#rows(rows.at(-1)!.id)) {
      for (const row of rows) await this.#take(row);
    }
    return { kept: this.#kept, resealed: this.#resealed, unopened: this.#unopened };
  }

  #rows(after: string | null): Promise<SealedRow[]> {
    return this.dataSource.manager.find(ProviderKeyEntity, {
      select: { id: true, sealedSecret: true },
      where: { sealedSecret: Not(IsNull()), ...(after === null ? {} : { id: MoreThan(after) }) },
      order: { id: 'ASC' },
      take: BATCH,
    });
  }

  /** Opened even when there is nothing to change: this is the moment to hear of a row that is damaged. */
  async #take({ id, sealedSecret: sealed }: SealedRow): Promise<void> {
    if (sealed === null) return;
    let fresh: string;
    try {
      const secret = this.box.open(sealed, providerKeyPlace(id));
      if (this.box.isCurrent(sealed)) return count(this.#kept, sealed);
      fresh = this.box.seal(secret, providerKeyPlace(id));
    } catch (error) {
      this.#unopened.push({ id, reason: (error as Error).message });
      return;
    }
    // Only if the row still holds what was opened: a key that an admin rotates meanwhile must not be put back. One
    // statement is the whole transaction, so nobody waits for more than a row.
    const { affected } = await this.dataSource.manager.update(
      ProviderKeyEntity,
      { id, sealedSecret: sealed },
      { sealedSecret: fresh },
    );
    if (affected) return count(this.#resealed, sealed);
    const now = await this.dataSource.manager.findOne(ProviderKeyEntity, {
      select: { id: true, sealedSecret: true },
      where: { id },
    });
    if (now) await this.#take(now);
  }
}

function count(counts: Map<string, number>, sealed: string): void {
  const keyId = sealed.split('.', 2)[1]!;
  counts.set(keyId, (counts.get(keyId) ?? 0) + 1);
}
