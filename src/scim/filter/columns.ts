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

const SQL_OPERATORS = { eq: '=', gt: '>', ge: '>=', lt: '<', le: '<=' } as const;
const LIKE_WILDCARDS = { co: ['%', '%'], sw: ['', '%'], ew: ['%', ''] } as const;

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
    if (op in LIKE_WILDCARDS) throw createFilterError(`${op} cannot be applied to a date`);
    if (Number.isNaN(Date.parse(value))) throw createFilterError('a date such as "2030-01-31T12:00:00Z" was expected');
    return `date_trunc('milliseconds', ${sql}) ${SQL_OPERATORS[op as keyof typeof SQL_OPERATORS]} ${bind(new Date(value), 'timestamptz')}`;
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
  const [columnSql, foldCase] =
    kind === 'text' ? [`lower(${sql})`, (text: string) => `lower(${text})`] : [sql, keepCase];
  const expected = kind === 'lower' || kind === 'id' ? value.toLowerCase() : value;
  if (op in SQL_OPERATORS)
    return `${columnSql} ${SQL_OPERATORS[op as keyof typeof SQL_OPERATORS]} ${foldCase(bind(expected, 'text'))}`;
  const [before, after] = LIKE_WILDCARDS[op as keyof typeof LIKE_WILDCARDS];
  const literal = expected.replace(/[\\%_]/g, (character) => `\\${character}`);
  return `${columnSql} LIKE ${foldCase(bind(before + literal + after, 'text'))}`;
}

const keepCase = (text: string): string => text;

function readFilterBoolean(value: FilterValue): boolean {
  try {
    return readBoolean(value, '');
  } catch {
    throw createFilterError('true or false was expected');
  }
}

export const createFilterError = (reason: string): ScimError =>
  new ScimError('invalidFilter', `The filter cannot be applied: ${reason}.`);
