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
import { FilterWords } from './words.js';

/** Real filters nest two or three deep. The limit bounds the recursion of the parser and its consumers. */
const MAX_DEPTH = 20;

/** PostgreSQL cannot store these characters, so no stored value equals them. */
const UNSTORABLE = /[\0\p{Cs}]/u;

/** Throws `invalidFilter`. */
export const parseFilter = (text: string): Filter => new FilterParser(text, 'invalidFilter').whole();

/**
 * Parses the part after `emails` in `emails[type eq "work"].value`: the filter and the sub-attribute. Throws
 * `invalidPath`.
 */
export const parseValuePath = (text: string): { filter: Filter; part: string | null } =>
  new FilterParser(text, 'invalidPath').valuePath();

class FilterParser {
  readonly #words: FilterWords;
  #depth = 0;

  constructor(
    text: string,
    private readonly scimType: ScimType,
  ) {
    try {
      this.#words = new FilterWords(text);
    } catch {
      throw this.#refusal('a quotation mark is not closed');
    }
  }

  whole(): Filter {
    const filter = this.#or();
    this.#end();
    return filter;
  }

  valuePath(): { filter: Filter; part: string | null } {
    const filter = this.#bracketed();
    const rest = this.#words.take();
    this.#end();
    const part = rest === undefined ? null : /^\.([a-z$][\w$-]*)$/i.exec(rest)?.[1];
    if (part === undefined) throw this.#refusal(`'${rest}' cannot follow ']'`);
    return { filter, part: part && part.toLowerCase() };
  }

  #or(): Filter {
    return this.#chain('or', () => this.#chain('and', () => this.#term()));
  }

  #chain(op: 'and' | 'or', next: () => Filter): Filter {
    const filters = [next()];
    while (this.#words.skip(op)) filters.push(next());
    return filters.length === 1 ? filters[0]! : { op, filters };
  }

  #term(): Filter {
    if (++this.#depth > MAX_DEPTH) throw this.#refusal('it is nested too deeply');
    const filter = this.#words.skip('not')
      ? this.#not()
      : this.#words.peek() === '('
        ? this.#group()
        : this.#attribute();
    this.#depth--;
    return filter;
  }

  #not(): Filter {
    if (this.#words.peek() !== '(') throw this.#refusal("'not' must be followed by '('");
    return { op: 'not', filter: this.#group() };
  }

  #group(): Filter {
    this.#words.take();
    const filter = this.#or();
    if (!this.#words.skip(')')) throw this.#refusal("a ')' is missing");
    return filter;
  }

  #attribute(): Filter {
    const path = this.#path(this.#words.take());
    if (this.#words.peek() === '[') return { op: 'values', path, filter: this.#bracketed() };
    if (this.#words.skip('pr')) return { op: 'pr', path };
    const word = this.#words.take();
    const op = word?.toLowerCase() as Comparison | undefined;
    if (!op || !COMPARISONS.includes(op))
      throw this.#refusal(`an operator such as eq was expected, not ${quoteWord(word)}`);
    return { op, path, value: this.#value(this.#words.take()) };
  }

  #bracketed(): Filter {
    if (!this.#words.skip('[')) throw this.#refusal("a '[' is missing");
    const filter = this.#or();
    if (!this.#words.skip(']')) throw this.#refusal("a ']' is missing");
    return filter;
  }

  #path(word: string | undefined): AttributePath {
    const path = word === undefined ? null : parseAttributePath(word);
    if (!path) throw this.#refusal(`an attribute was expected, not ${quoteWord(word)}`);
    return path;
  }

  /** Parses a JSON text, number, boolean or null. Entra ID capitalizes booleans. */
  #value(word: string | undefined): FilterValue {
    if (word !== undefined && /^(?:true|false|null)$/i.test(word)) return JSON.parse(word.toLowerCase()) as FilterValue;
    let value: unknown;
    try {
      value = JSON.parse(word ?? '');
    } catch {
      throw this.#refusal(`a value was expected, not ${quoteWord(word)}; put text in double quotes`);
    }
    if (typeof value === 'string' && UNSTORABLE.test(value)) throw this.#refusal('a value holds an invalid character');
    return value as FilterValue;
  }

  #end(): void {
    const word = this.#words.take();
    if (word !== undefined) throw this.#refusal(`${quoteWord(word)} was not expected`);
  }

  #refusal(why: string): ScimError {
    return new ScimError(this.scimType, `The filter cannot be read: ${why}.`);
  }
}

const quoteWord = (word: string | undefined): string => (word === undefined ? 'its end' : `'${word.slice(0, 40)}'`);
