/** Verifies the chain of an organization's audit entries and finds the first sign of tampering. Read-only. */
import { And, DataSource, IsNull, LessThanOrEqual, MoreThan } from 'typeorm';
import { AuditChainHeadEntity } from './head.entity.js';
import { computeEntryHash, computeFirstPreviousHash } from './entry-hash.js';
import { AuditEntryEntity } from '../entries/audit-entry.entity.js';

/** Entries in memory at a time. */
const BATCH = 1_000;

/** The end of a chain: `count` entries, the last of which has the hash `hash`. */
export interface ChainEnd {
  count: number;
  hash: Buffer;
}

/**
 * The first inconsistency of a chain. `changed`: the entry differs from the sealed one. `missing`: the entry before it
 * was removed. `misplaced`: it does not follow the entry before it, as entries were reordered or replaced. `truncated`:
 * entries at the end were removed. `head`: the record of the end was changed. `kept`: the chain was rewritten after the
 * caller noted its end.
 */
export type ChainBreak =
  | { kind: 'changed' | 'missing' | 'misplaced'; sequence: number; entry: AuditEntryEntity }
  | { kind: 'truncated'; last: AuditEntryEntity | null; count: number; recorded: number }
  | { kind: 'head'; last: AuditEntryEntity | null }
  | { kind: 'kept'; count: number };

export interface ChainReport {
  /** The end of the verified entries. */
  end: ChainEnd;
  /** Number of entries that are written, but not yet sealed. */
  unsealed: number;
  firstBreak: ChainBreak | null;
}

export class AuditChainVerifier {
  #end: ChainEnd;
  #last: AuditEntryEntity | null = null;

  /** @param expectedEnd an end that was noted earlier, outside of the database; null: none */
  constructor(
    private readonly dataSource: DataSource,
    private readonly organizationId: string,
    private readonly expectedEnd: ChainEnd | null = null,
  ) {
    this.#end = { count: 0, hash: computeFirstPreviousHash(organizationId) };
  }

  /** Verifies the chain. May run while entries are written and sealed. */
  async run(): Promise<ChainReport> {
    const firstBreak = await this.#verifyAll();
    const { manager } = this.dataSource;
    const unsealed = await manager.countBy(AuditEntryEntity, {
      organizationId: this.organizationId,
      sequence: IsNull(),
    });
    return { end: this.#end, unsealed, firstBreak };
  }

  async #verifyAll(): Promise<ChainBreak | null> {
    // The chain may grow during the walk, so its recorded end is read again after each pass.
    for (;;) {
      const recorded = await this.#readRecordedEnd();
      const chainBreak = await this.#verifyUntil(recorded.count);
      if (chainBreak) return chainBreak;
      if (!this.#end.hash.equals(recorded.hash)) return { kind: 'head', last: this.#last };
      if (!(await this.#hasMore())) return this.#compareExpectedEnd();
      if ((await this.#readRecordedEnd()).count === recorded.count) return { kind: 'head', last: this.#last };
    }
  }

  async #verifyUntil(recorded: number): Promise<ChainBreak | null> {
    while (this.#end.count < recorded) {
      const entries = await this.dataSource.manager.find(AuditEntryEntity, {
        where: {
          organizationId: this.organizationId,
          sequence: And(MoreThan(String(this.#end.count)), LessThanOrEqual(String(recorded))),
        },
        order: { sequence: 'ASC' },
        take: BATCH,
      });
      for (const entry of entries) {
        const chainBreak = this.#verifyEntry(entry);
        if (chainBreak) return chainBreak;
      }
      if (entries.length === 0) return { kind: 'truncated', last: this.#last, count: this.#end.count, recorded };
    }
    return null;
  }

  #verifyEntry(entry: AuditEntryEntity): ChainBreak | null {
    const { count, hash: previousHash } = this.#end;
    const sequence = count + 1;
    if (Number(entry.sequence) !== sequence) return { kind: 'missing', sequence, entry };
    if (!entry.previousHash?.equals(previousHash)) return { kind: 'misplaced', sequence, entry };
    const hash = computeEntryHash(entry, { sequence, previousHash });
    if (!entry.hash?.equals(hash)) return { kind: 'changed', sequence, entry };
    this.#end = { count: sequence, hash };
    this.#last = entry;
    return sequence === this.expectedEnd?.count ? this.#compareExpectedEnd() : null;
  }

  /**
   * Compares the chain with the kept end. Called at that position, and at the end of the walk for a chain that is
   * shorter.
   */
  #compareExpectedEnd(): ChainBreak | null {
    if (this.expectedEnd === null || this.expectedEnd.count < this.#end.count) return null;
    const isSame = this.expectedEnd.count === this.#end.count && this.expectedEnd.hash.equals(this.#end.hash);
    return isSame ? null : { kind: 'kept', count: this.expectedEnd.count };
  }

  async #readRecordedEnd(): Promise<ChainEnd> {
    const { organizationId } = this;
    const head = await this.dataSource.manager.findOneBy(AuditChainHeadEntity, { organizationId });
    return head
      ? { count: Number(head.entryCount), hash: head.hash }
      : { count: 0, hash: computeFirstPreviousHash(organizationId) };
  }

  #hasMore(): Promise<boolean> {
    return this.dataSource.manager.existsBy(AuditEntryEntity, {
      organizationId: this.organizationId,
      sequence: MoreThan(String(this.#end.count)),
    });
  }
}
