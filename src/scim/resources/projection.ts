/** Applies `attributes` and `excludedAttributes` (RFC 7644 §3.9). */
import { parseAttributePath } from '../filter/expression.js';
import { isObject } from '../protocol/json-attributes.js';
import { readParameter, type RawQuery } from './list-query.js';
import { ScimError } from '../protocol/scim-errors.js';

/** Always returned (RFC 7643 §7). */
const ALWAYS = new Set(['schemas', 'id']);

export class Projection {
  readonly #included: ReadonlySet<string> | null;
  readonly #excluded: ReadonlySet<string>;

  /** Throws `invalidValue` for an invalid attribute name. */
  constructor(query: RawQuery) {
    this.#included = readNames(query, 'attributes');
    this.#excluded = readNames(query, 'excludedAttributes') ?? new Set();
  }

  /** Whether the request includes or excludes any attribute. */
  isRequested(): boolean {
    return this.#included !== null || this.#excluded.size > 0;
  }

  /** Whether the attribute, by its name in lower case, has to be loaded. */
  isIncluded(attribute: string): boolean {
    if (this.#excluded.has(attribute)) return false;
    return (
      this.#included === null ||
      [...this.#included].some((name) => isWithin(name, attribute) || isWithin(attribute, name))
    );
  }

  apply(resource: object): object {
    return this.#pick(resource, '');
  }

  #pick(value: object, prefix: string): object {
    const entries = Object.entries(value).flatMap(([key, each]): [string, unknown][] => {
      const path = prefix + key.toLowerCase();
      if (ALWAYS.has(path)) return [[key, each]];
      if (!this.isIncluded(path)) return [];
      return [[key, this.#applyWithin(each, `${path}.`)]];
    });
    return Object.fromEntries(entries);
  }

  #applyWithin(value: unknown, prefix: string): unknown {
    if (!this.#narrows(prefix)) return value;
    if (Array.isArray(value)) return value.map((each) => this.#applyWithin(each, prefix));
    return isObject(value) ? this.#pick(value, prefix) : value;
  }

  #narrows(prefix: string): boolean {
    return [...(this.#included ?? []), ...this.#excluded].some((name) => name.startsWith(prefix));
  }
}

const isWithin = (part: string, whole: string): boolean => part === whole || part.startsWith(`${whole}.`);

function readNames(query: RawQuery, parameter: string): ReadonlySet<string> | null {
  const text = readParameter(query, parameter);
  if (text === undefined || text.trim() === '') return null;
  return new Set(
    text.split(',').map((name) => {
      const path = parseAttributePath(name.trim());
      if (!path) throw new ScimError('invalidValue', `${parameter}: '${name.trim().slice(0, 80)}' names no attribute.`);
      return path.name;
    }),
  );
}
