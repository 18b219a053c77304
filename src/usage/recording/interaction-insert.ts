/**
 * The recorder's single statement: it inserts records and counts them for the statistics. A batch is sent as one JSON
 * document: serializing it costs a fraction of the driver's cost for an array per column, and a batch of any size uses
 * the same prepared statement.
 */
import { compileJsonReader, toColumnName, type Columns } from './column.js';
import { COLUMNS, type InteractionRecord } from './interaction-record.js';
import { COUNT_INSERTED, COUNTED_COLUMNS } from '../rollup/counters.js';

const TABLE = Object.entries(COLUMNS as Columns).map(([member, column]) => ({ name: toColumnName(member), column }));
const NAMES = TABLE.map(({ name }) => name).join(', ');
const SELECTED = TABLE.map(({ name, column }) => column.insertedSql ?? name).join(', ');
const TYPED = TABLE.map(({ name, column }) => `${name} ${column.type}`).join(', ');

// A batch whose response was lost may have been written: the retry must neither fail on it nor write it twice.
export const INSERT_INTERACTIONS = `
  WITH inserted AS (
  INSERT INTO interaction (${NAMES})
  SELECT ${SELECTED}
    FROM json_to_recordset($1::json) AS r (${TYPED})
  ON CONFLICT (id, created_at) DO NOTHING
  RETURNING ${COUNTED_COLUMNS}),${COUNT_INSERTED}`;

const toRow = compileJsonReader<InteractionRecord>(COLUMNS);

/**
 * Serializes one record as a JSON row. Records wait in this form until they are written: one flat string each costs the
 * garbage collector almost nothing, while thousands of waiting objects were a quarter of a request's cost.
 */
export function toJsonRow(record: InteractionRecord): string {
  const json = JSON.stringify(toRow(record));
  // Postgres stores neither NUL nor lone surrogates, and one such character would refuse the whole batch.
  return json.includes('\\u0000') || json.includes('\\ud')
    ? json.replace(/\\\\|\\u0000|\\ud[89a-f][0-9a-f]{2}/g, removeEscape)
    : json;
}

/** Returns the parameter of `INSERT_INTERACTIONS`. */
export const toJsonBatch = (rows: readonly string[]): string => `[${rows.join(',')}]`;

const removeEscape = (escape: string): string => (escape === '\\\\' ? escape : '');
