/** Parses the query of a list (RFC 7644 §3.4.2). */
import type { Filter } from '../filter/expression.js';
import { parseFilter } from '../filter/parse.js';
import { ScimError } from '../protocol/scim-errors.js';
import { LIST_SCHEMA } from '../protocol/schema-names.js';

export type RawQuery = Readonly<Record<string, unknown>>;

export interface ListQuery {
  filter: Filter | null;
  /** Starts at 1. */
  startIndex: number;
  count: number;
}

const DEFAULT_COUNT = 100;
/** A page is one response in memory. Okta requests at most 200, Entra ID fewer. */
export const MAX_RESULTS = 500;
const MAX_INDEX = 2_147_483_647; // maximum of PostgreSQL's integers

/** Throws `invalidFilter`, `invalidValue`. */
export function parseListQuery(query: RawQuery): ListQuery {
  const filter = readParameter(query, 'filter');
  return {
    filter: filter === undefined || filter.trim() === '' ? null : parseFilter(filter),
    startIndex: readWholeNumber(query, 'startIndex', { least: 1, most: MAX_INDEX, usual: 1 }),
    count: readWholeNumber(query, 'count', { least: 0, most: MAX_RESULTS, usual: DEFAULT_COUNT }),
  };
}

/** Throws `invalidValue` for a parameter that was sent twice. */
export function readParameter(query: RawQuery, name: string): string | undefined {
  const value = query[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new ScimError('invalidValue', `${name} was sent more than once.`);
}

/** Clamps values to the bounds (RFC 7644, table 6). */
function readWholeNumber(
  query: RawQuery,
  name: string,
  bounds: { least: number; most: number; usual: number },
): number {
  const text = readParameter(query, name);
  if (text === undefined || text === '') return bounds.usual;
  if (!/^-?\d{1,15}$/.test(text)) throw new ScimError('invalidValue', `${name} must be a whole number.`);
  return Math.min(bounds.most, Math.max(bounds.least, Number(text)));
}

export const createListResponse = (resources: readonly object[], totalResults: number, startIndex: number) => ({
  schemas: [LIST_SCHEMA],
  totalResults,
  startIndex,
  itemsPerPage: resources.length,
  Resources: resources,
});
