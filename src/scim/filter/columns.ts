/** Maps the attributes that can be filtered by to database columns. */
import type { Comparison, FilterValue } from './expression.js';
import { isUuid } from '../../platform/ids.js';
import { readBoolean } from '../protocol/json-attributes.js';
import { ScimError } from '../protocol/scim-errors.js';

/**
 * `text` and `lower` are compared case-insensitively; `lower` is stored in lower case. `exact` is compared
 * case-sensitively. `within`: the attribute has several values, and `sql` is one of them in the rows of this query.
 */
export interface Column {
  kind: 'text' | 'lower' | 'exact' | 'id' | 'boolean' | 'instant';
  sql: string;
  within?: string;
}

/** Keyed by the attribute's path in lower case. */
export type Columns = Readonly<Record<string, Column>>;

const ORDER = { eq: '=', gt: '>', ge: '>=', lt: '<', le: '<=' } as const;
const AROUND = { co: ['%', '%'], sw: ['', '%'], ew: ['%', ''] } as const;

/** Returns the comparison as SQL. `bind` adds a parameter and returns its placeholder. Throws `invalidFilter`. */
export function buildComparison(
  column: Column,
  op: Exclude<Comparison, 'ne'>,
  value: FilterValue,
  bind: (value: unknown, type: string) => string,
): string {
  const { kind, sql } = column;
  if (value === null) {
    if (op === 'eq') return `${sql} IS NULL`;
    throw createFilterError(`${op} cannot be applied to null`);
  }
  if (kind === 'boolean') {
    if (op !== 'eq') throw createFilterError(`${op} cannot be applied to true and false`);
    return `${sql} = ${bind(readFilterBoolean(value), 'boolean')}`;
  }
  if (typeof value !== 'string') throw createFilterError('this attribute is text: put the value in double quotes');
  if (kind === 'instant') {
    if (op in AROUND) throw createFilterError(`${op} cannot be applied to a date`);
    if (Number.isNaN(Date.parse(value))) throw createFilterError('a date such as "2030-01-31T12:00:00Z" was expected');
    return `date_trunc('milliseconds', ${sql}) ${ORDER[op as keyof typeof ORDER]} ${bind(new Date(value), 'timestamptz')}`;
  }
  // Lets PostgreSQL use the index on the column.
  if (kind === 'id' && op === 'eq') return isUuid(value) ? `${sql} = ${bind(value, 'uuid')}` : 'false';
  return buildTextComparison(kind, kind === 'id' ? `${sql}::text` : sql, op, value, bind);
}

function buildTextComparison(
  kind: Column['kind'],
  sql: string,
  op: Exclude<Comparison, 'ne'>,
  value: string,
  bind: (value: unknown, type: string) => string,
): string {
  // The database folds the case of both sides, so that both are folded alike. Addresses and ids are stored folded.
  const [held, folded] = kind === 'text' ? [`lower(${sql})`, (text: string) => `lower(${text})`] : [sql, asItIs];
  const wanted = kind === 'lower' || kind === 'id' ? value.toLowerCase() : value;
  if (op in ORDER) return `${held} ${ORDER[op as keyof typeof ORDER]} ${folded(bind(wanted, 'text'))}`;
  const [before, after] = AROUND[op as keyof typeof AROUND];
  const literal = wanted.replace(/[\\%_]/g, (character) => `\\${character}`);
  return `${held} LIKE ${folded(bind(before + literal + after, 'text'))}`;
}

const asItIs = (text: string): string => text;

function readFilterBoolean(value: FilterValue): boolean {
  try {
    return readBoolean(value, '');
  } catch {
    throw createFilterError('true or false was expected');
  }
}

export const createFilterError = (why: string): ScimError =>
  new ScimError('invalidFilter', `The filter cannot be applied: ${why}.`);
