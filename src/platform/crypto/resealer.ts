/**
 * Reseals secrets with the first of ENCRYPTION_KEYS, so that the keys after it can be removed. It can run beside
 * servers, and can run again at any time: rows that use the first key already stay unchanged.
 */
import type { DataSource } from 'typeorm';
import type { SealedBox, SealContext } from './sealed-box.js';

/** Rows in memory at a time. */
const BATCH = 200;

/** A column that holds sealed text, or null. The names come from the program, never from input. */
export interface SealedColumn {
  /** Noun for one secret in the column, for the report. */
  description: string;
  table: string;
  column: string;
  /** Column that identifies a row and orders the rows. */
  key: string;
  /** SQL for the id that the text is bound to, if that is not the key. */
  contextId?: string;
}

export interface ResealReport {
  description: string;
  /** Encryption key id → number of secrets that were sealed with it and still are. */
  unchanged: ReadonlyMap<string, number>;
  /** Encryption key id → number of secrets that were sealed with it and are now sealed with the first key. */
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
  readonly #unchanged = new Map<string, number>();
  readonly #resealed = new Map<string, number>();
  readonly #unopened: { id: string; reason: string }[] = [];

  constructor(
    private readonly dataSource: DataSource,
    private readonly box: SealedBox,
    private readonly column: SealedColumn,
  ) {}

  /** Visits all rows once, in the order of their keys. A row created meanwhile has a higher key, or is newly sealed. */
  async run(): Promise<ResealReport> {
    for (let rows = await this.#readRows(null); rows.length > 0; rows = await this.#readRows(rows.at(-1)!.key)) {
      for (const row of rows) await this.#resealRow(row);
    }
    return {
      description: this.column.description,
      unchanged: this.#unchanged,
      resealed: this.#resealed,
      unopened: this.#unopened,
    };
  }

  #readRows(after: string | null): Promise<SealedRow[]> {
    const { column, key } = this.column;
    return this.dataSource.query<SealedRow[]>(
      `${this.#select()} WHERE ${column} IS NOT NULL ${after === null ? '' : `AND ${key} > $1`} ORDER BY ${key} LIMIT ${BATCH}`,
      after === null ? [] : [after],
    );
  }

  /** Opens the secret even if there is nothing to change: this detects damaged rows. */
  async #resealRow({ key: id, place_id: contextId, sealed }: SealedRow): Promise<void> {
    if (sealed === null) return;
    const context: SealContext = { table: this.column.table, column: this.column.column, id: contextId };
    let resealed: string;
    try {
      const secret = this.box.open(sealed, context);
      if (this.box.isCurrent(sealed)) return incrementCount(this.#unchanged, sealed);
      resealed = this.box.seal(secret, context);
    } catch (error) {
      this.#unopened.push({ id, reason: (error as Error).message });
      return;
    }
    if (await this.#replace(id, sealed, resealed)) return incrementCount(this.#resealed, sealed);
    const [currentRow] = await this.dataSource.query<SealedRow[]>(`${this.#select()} WHERE ${this.column.key} = $1`, [
      id,
    ]);
    if (currentRow) await this.#resealRow(currentRow);
  }

  /**
   * Replaces the text only if the row still holds the text that was opened: a concurrent write must not be undone. One
   * statement is the whole transaction, so other transactions wait for one row at most.
   */
  async #replace(id: string, sealed: string, resealed: string): Promise<boolean> {
    const { table, column, key } = this.column;
    const rows = await this.dataSource.query<unknown[]>(
      `WITH replaced AS (UPDATE ${table} SET ${column} = $3 WHERE ${key} = $1 AND ${column} = $2 RETURNING 1)
       SELECT * FROM replaced`,
      [id, sealed, resealed],
    );
    return rows.length > 0;
  }

  #select(): string {
    const { table, column, key, contextId = key } = this.column;
    return `SELECT ${key}::text AS key, (${contextId})::text AS place_id, ${column} AS sealed FROM ${table}`;
  }
}

function incrementCount(counts: Map<string, number>, sealed: string): void {
  const keyId = sealed.split('.', 2)[1]!;
  counts.set(keyId, (counts.get(keyId) ?? 0) + 1);
}
