/**
 * Decides whether one value of a multi-valued attribute matches the filter of a path, such as `[type eq "work"]`. Pure.
 */
import type { Comparison, Filter, FilterValue } from './expression.js';

/**
 * The value's sub-attributes by name in lower case. Text is compared case-insensitively (ids are hexadecimal, types are
 * words).
 */
export type SingleValue = Readonly<Record<string, string | boolean>>;

export function matches(filter: Filter, value: SingleValue): boolean {
  switch (filter.op) {
    case 'and':
      return filter.filters.every((each) => matches(each, value));
    case 'or':
      return filter.filters.some((each) => matches(each, value));
    case 'not':
      return !matches(filter.filter, value);
    case 'pr':
      return value[filter.path.name] !== undefined;
    case 'values':
      return false;
    default:
      return compares(filter.op, value[filter.path.name], filter.value);
  }
}

function compares(op: Comparison, actual: string | boolean | undefined, expected: FilterValue): boolean {
  if (op === 'ne') return !compares('eq', actual, expected);
  // Entra ID filters by `[primary eq "True"]`.
  const [one, other] = [actual, expected].map((value) => (value === undefined ? null : String(value).toLowerCase()));
  if (op === 'eq') return expected === null ? actual === undefined : one === other;
  if (typeof actual !== 'string' || typeof expected !== 'string') return false;
  return TEXT[op](one!, other!);
}

const TEXT: Readonly<Record<Exclude<Comparison, 'eq' | 'ne'>, (actual: string, expected: string) => boolean>> = {
  co: (actual, expected) => actual.includes(expected),
  sw: (actual, expected) => actual.startsWith(expected),
  ew: (actual, expected) => actual.endsWith(expected),
  gt: (actual, expected) => actual > expected,
  ge: (actual, expected) => actual >= expected,
  lt: (actual, expected) => actual < expected,
  le: (actual, expected) => actual <= expected,
};
