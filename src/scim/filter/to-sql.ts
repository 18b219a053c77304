/** Translates a filter to a SQL condition, so that the database filters by its indexes. */
import type { AttributePath, Comparison, Filter, FilterValue } from './expression.js';
import { comparison, refusal, type Column, type Columns } from './columns.js';

export class FilterSql {
  readonly values: unknown[];

  /** `schema`: the URN that may precede the attributes. `given`: existing parameters of the query. */
  constructor(
    private readonly columns: Columns,
    private readonly schema: string,
    given: readonly unknown[],
  ) {
    this.values = [...given];
  }

  /** Throws `invalidFilter` for unknown attributes and for comparisons that an attribute does not support. */
  condition(filter: Filter, inside: string | null = null): string {
    switch (filter.op) {
      case 'and':
      case 'or': {
        const conditions = filter.filters.map((each) => this.condition(each, inside));
        return `(${conditions.join(filter.op === 'and' ? ' AND ' : ' OR ')})`;
      }
      case 'not':
        // An unknown result (null) counts as false, so that its negation is true.
        return `((${this.condition(filter.filter, inside)}) IS NOT TRUE)`;
      case 'values':
        return this.#ofOneValue(filter.path, filter.filter, inside);
      case 'pr':
        return this.#asked(filter.path, inside, ({ sql }) => `${sql} IS NOT NULL`);
      case 'ne':
        return this.#asked(
          filter.path,
          inside,
          (column) => `((${comparison(column, 'eq', filter.value, this.#bind)}) IS NOT TRUE)`,
        );
      default: {
        const { op, value } = filter as { op: Exclude<Comparison, 'ne'>; value: FilterValue };
        return this.#asked(filter.path, inside, (column) => comparison(column, op, value, this.#bind));
      }
    }
  }

  #asked(path: AttributePath, inside: string | null, ask: (column: Column) => string): string {
    const column = this.#column(path, inside);
    return column.within && inside === null ? `EXISTS (${column.within} AND ${ask(column)})` : ask(column);
  }

  #ofOneValue(path: AttributePath, filter: Filter, inside: string | null): string {
    if (inside !== null) throw refusal('brackets cannot stand in brackets');
    const { within } = this.#column(path, null);
    const condition = this.condition(filter, path.name);
    return within ? `EXISTS (${within} AND ${condition})` : condition;
  }

  #column({ schema, name }: AttributePath, inside: string | null): Column {
    const path = inside === null ? name : `${inside}.${name}`;
    const isOurs = schema === null || schema === this.schema.toLowerCase();
    const column = isOurs && Object.hasOwn(this.columns, path) ? this.columns[path] : undefined;
    if (!column) throw refusal(`'${path}' is no attribute that can be asked for`);
    return column;
  }

  readonly #bind = (value: unknown, type: string): string => `$${this.values.push(value)}::${type}`;
}
