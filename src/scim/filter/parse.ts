/** Parses filters (RFC 7644, figure 1). `not` binds tighter than `and`, `and` tighter than `or`. */
import { ScimError, type ScimType } from '../protocol/scim-errors.js';
import {
  parseAttributePath,
  COMPARISONS,
  type AttributePath,
  type Comparison,
  type Filter,
  type FilterValue,
} from './expression.js';
import { FilterTokens } from './tokens.js';

/** Real filters nest two or three deep. The limit bounds the recursion of the parser and its consumers. */
const MAX_DEPTH = 20;

/** PostgreSQL cannot store these characters, so no stored value equals them. */
const UNSTORABLE = /[\0\p{Cs}]/u;

/** Throws `invalidFilter`. */
export const parseFilter = (text: string): Filter => new FilterParser(text, 'invalidFilter').parseFilter();

/**
 * Parses the part after `emails` in `emails[type eq "work"].value`: the filter and the sub-attribute. Throws
 * `invalidPath`.
 */
export const parseValuePath = (text: string): { filter: Filter; part: string | null } =>
  new FilterParser(text, 'invalidPath').parseValuePath();

class FilterParser {
  readonly #tokens: FilterTokens;
  #depth = 0;

  constructor(
    text: string,
    private readonly scimType: ScimType,
  ) {
    try {
      this.#tokens = new FilterTokens(text);
    } catch {
      throw this.#createError('a quotation mark is not closed');
    }
  }

  parseFilter(): Filter {
    const filter = this.#parseOr();
    this.#requireEnd();
    return filter;
  }

  parseValuePath(): { filter: Filter; part: string | null } {
    const filter = this.#parseBrackets();
    const rest = this.#tokens.read();
    this.#requireEnd();
    const part = rest === undefined ? null : /^\.([a-z$][\w$-]*)$/i.exec(rest)?.[1];
    if (part === undefined) throw this.#createError(`'${rest}' cannot follow ']'`);
    return { filter, part: part && part.toLowerCase() };
  }

  #parseOr(): Filter {
    return this.#parseChain('or', () => this.#parseChain('and', () => this.#parseTerm()));
  }

  #parseChain(op: 'and' | 'or', next: () => Filter): Filter {
    const filters = [next()];
    while (this.#tokens.skip(op)) filters.push(next());
    return filters.length === 1 ? filters[0]! : { op, filters };
  }

  #parseTerm(): Filter {
    if (++this.#depth > MAX_DEPTH) throw this.#createError('it is nested too deeply');
    const filter = this.#tokens.skip('not')
      ? this.#parseNot()
      : this.#tokens.peek() === '('
        ? this.#parseGroup()
        : this.#parseAttribute();
    this.#depth--;
    return filter;
  }

  #parseNot(): Filter {
    if (this.#tokens.peek() !== '(') throw this.#createError("'not' must be followed by '('");
    return { op: 'not', filter: this.#parseGroup() };
  }

  #parseGroup(): Filter {
    this.#tokens.read();
    const filter = this.#parseOr();
    if (!this.#tokens.skip(')')) throw this.#createError("a ')' is missing");
    return filter;
  }

  #parseAttribute(): Filter {
    const path = this.#parsePath(this.#tokens.read());
    if (this.#tokens.peek() === '[') return { op: 'values', path, filter: this.#parseBrackets() };
    if (this.#tokens.skip('pr')) return { op: 'pr', path };
    const token = this.#tokens.read();
    const op = token?.toLowerCase() as Comparison | undefined;
    if (!op || !COMPARISONS.includes(op))
      throw this.#createError(`an operator such as eq was expected, not ${quoteToken(token)}`);
    return { op, path, value: this.#parseValue(this.#tokens.read()) };
  }

  #parseBrackets(): Filter {
    if (!this.#tokens.skip('[')) throw this.#createError("a '[' is missing");
    const filter = this.#parseOr();
    if (!this.#tokens.skip(']')) throw this.#createError("a ']' is missing");
    return filter;
  }

  #parsePath(token: string | undefined): AttributePath {
    const path = token === undefined ? null : parseAttributePath(token);
    if (!path) throw this.#createError(`an attribute was expected, not ${quoteToken(token)}`);
    return path;
  }

  /** Parses a JSON text, number, boolean or null. Entra ID capitalizes booleans. */
  #parseValue(token: string | undefined): FilterValue {
    if (token !== undefined && /^(?:true|false|null)$/i.test(token))
      return JSON.parse(token.toLowerCase()) as FilterValue;
    let value: unknown;
    try {
      value = JSON.parse(token ?? '');
    } catch {
      throw this.#createError(`a value was expected, not ${quoteToken(token)}; put text in double quotes`);
    }
    if (typeof value === 'string' && UNSTORABLE.test(value))
      throw this.#createError('a value holds an invalid character');
    return value as FilterValue;
  }

  #requireEnd(): void {
    const token = this.#tokens.read();
    if (token !== undefined) throw this.#createError(`${quoteToken(token)} was not expected`);
  }

  #createError(reason: string): ScimError {
    return new ScimError(this.scimType, `The filter cannot be read: ${reason}.`);
  }
}

const quoteToken = (token: string | undefined): string => (token === undefined ? 'its end' : `'${token.slice(0, 40)}'`);
