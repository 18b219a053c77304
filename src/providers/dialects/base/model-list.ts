/**
 * Reads the lists in which vendors name their models. Models that cannot be called through the router, or have no usable
 * name, are left out. A document of another shape throws.
 */
import { toFields, type Fields } from './token-counts.js';

/** A model as its provider's list names it. */
export interface ListedModel {
  readonly model: string;
  /** Unix seconds. 0: the list does not contain it. */
  readonly created: number;
  readonly displayName?: string;
}

export interface ModelListPage {
  models: ListedModel[];
  /** Query of the next page, without `?`. Null: this was the last page. */
  next: string | null;
}

export interface ModelListFormat {
  /** Query of the first page, without `?`. May be empty. */
  first: string;
  /** Paths below the base URL that list further models, which `read` accepts as well. */
  furtherPaths?: readonly string[];
  read(document: unknown): ModelListPage;
}

/** Maximum length of a name. No vendor's names come near it. */
const MAX_NAME_CHARS = 256;
const USABLE_NAME = /^[^\s\p{Cc}\p{Cs}]+$/u;
/** Some servers write milliseconds where seconds are meant; seconds reach this in the year 5138. */
const MILLISECONDS_FROM = 100_000_000_000;

/** Returns an empty list for a name that could not be called. */
export function toListedModels(name: unknown, created: number, displayName: unknown): ListedModel[] {
  if (typeof name !== 'string' || name.length > MAX_NAME_CHARS || !USABLE_NAME.test(name)) return [];
  const validDisplayName =
    typeof displayName === 'string' && displayName !== '' ? displayName.slice(0, MAX_NAME_CHARS) : null;
  return [{ model: name, created, ...(validDisplayName === null ? {} : { displayName: validDisplayName }) }];
}

/** Returns the Unix seconds of a number or a date; 0 if it is neither. */
export function toUnixSeconds(value: unknown): number {
  const seconds = typeof value === 'string' ? Date.parse(value) / 1000 : typeof value === 'number' ? value : NaN;
  if (!Number.isFinite(seconds) || seconds < 0) return 0;
  return Math.floor(seconds >= MILLISECONDS_FROM ? seconds / 1000 : seconds);
}

/** Returns the query of the page that a token names; null without a token. */
export const buildNextQuery = (query: string, parameter: string, token: unknown): string | null =>
  typeof token === 'string' && token !== '' ? `${query}&${parameter}=${encodeURIComponent(token)}` : null;

/** Whether the list contains one of the wanted names. */
export const includesAny = (list: unknown, names: ReadonlySet<string>): boolean =>
  Array.isArray(list) && list.some((name) => names.has(name as string));

/** @throws Error for a document that is not an object */
export function requireFields(document: unknown): Fields {
  const fields = toFields(document);
  if (fields) return fields;
  throw new Error('the list of models is not an object');
}

/** @throws Error if there is no list */
export function requireEntries(list: unknown): Fields[] {
  if (Array.isArray(list)) return list.map(toFields).filter((entry) => entry !== undefined);
  throw new Error('it has no list of models');
}
