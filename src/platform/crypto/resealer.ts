/**
 * Moves what is sealed to the first of ENCRYPTION_KEYS, so that the ones behind it can be given up. It can run beside
 * servers and be run again at any time: what it has done it finds done.
 */
import type { DataSource } from 'typeorm';
import type { SealedBox, SealedPlace } from './sealed-box.js';

/** Rows in memory at a time. */
const BATCH = 200;

/** A column that holds sealed text, or null. Names are ours, never anybody's input. */
export interface SealedColumn {
  /** One of what it holds, for the report. */
  what: string;
  table: string;
  column: string;
  /** A column that names a row, uniquely and in order. */
  key: string;
  /** SQL for the id that the text is bound to, where that is not the key. */
  placeId?: string;
}

export interface ResealReport {
  what: string;
  /** Encryption key id → how many were sealed with it and still are. */
  kept: ReadonlyMap<string, number>;
  /** Encryption key id → how many were sealed with it and are now sealed with the first key. */
  resealed: ReadonlyMap<string, number>;
  /** Rows that none of the keys opens. */
  unopened: readonly { id: string; reason: string }[];
}

interface SealedRow {
  key: string;
  place_id: string;
  sealed: string | null;
}

export class Resealer {
  readonly #kept = new Map<string, number>();
  readonly #resealed = new Map<string, number>();
  readonly #unopened: { id: string; reason: string }[] = [];

  constructor(
    private readonly dataSource: DataSource,
    private readonly box: SealedBox,
    private readonly column: SealedColumn,
  ) {}

  /** Once through all rows, in the order of their keys. A row that is made meanwhile has a higher one, or is sealed anew. */
  async run(): Promise<ResealReport> {
    for (let rows = await this.#rows(null); rows.length > 0; rows = await this.#rows(rows.at(-1)!.key)) {
      for (const row of rows) await this.#take(row);
    }
    return { what: this.column.what, kept: this.#kept, resealed: this.#resealed, unopened: this.#unopened };
  }

  #rows(after: string | null): Promise<SealedRow[]> {
    const { column, key } = this.column;
    return this.dataSource.query<SealedRow[]>(
      `${this.#select()} WHERE ${column} IS NOT NULL ${after === null ? '' : `AND ${key} > $1`} ORDER BY ${key} LIMIT ${BATCH}`,
      after === null ? [] : [after],
    );
  }

  /** Opened even when there is nothing to change: this is the moment to hear of a row that is damaged. */
  async #take({ key: id, place_id: placeId, sealed }: SealedRow): Promise<void> {
    if (sealed === null) return;
    const place: SealedPlace = { table: this.column.table, column: this.column.column, id: placeId };
    let fresh: string;
    try {
      const secret = this.box.open(sealed, place);
      if (this.box.isCurrent(sealed)) return count(this.#kept, sealed);
      fresh = this.box.seal(secret, place);
    } catch (error) {
      this.#unopened.push({ id, reason: (error as Error).message });
      return;
    }
    if (await this.#replace(id, sealed, fresh)) return count(this.#resealed, sealed);
    const [now] = await this.dataSource.query<SealedRow[]>(`${this.#select()} WHERE ${this.column.key} = $1`, [id]);
    if (now) await this.#take(now);
  }

  /**
   * Only if the row still holds what was opened: what somebody writes meanwhile must not be put back. One statement is the
   * whole transaction, so nobody waits for more than a row.
   */
  async #replace(id: string, sealed: string, fresh: string): Promise<boolean> {
    const { table, column, key } = this.column;
    const rows = await this.dataSource.query<unknown[]>(
      `WITH replaced AS (UPDATE ${table} SET ${column} = $3 WHERE ${key} = $1 AND ${column} = $2 RETURNING 1)
       SELECT * FROM replaced`,
      [id, sealed, fresh],
    );
    return rows.length > 0;
  }

  #select(): string {
    const { table, column, key, placeId = key } = this.column;
    return `SELECT ${key}::text AS key, (${placeId})::text AS place_id, ${column} AS sealed FROM ${table}`;
  }
}

function count(counts: Map<string, number>, sealed: string): void {
  const keyId = sealed.split('.', 2)[1]!;
  counts.set(keyId, (counts.get(keyId) ?? 0) + 1);
}
