/** Translates a filter to a SQL condition, so that the database filters by its indexes. */
import type { AttributePath, Comparison, Filter, FilterValue } from './expression.js';
import { buildComparison, createFilterError, type Column, type Columns } from './columns.js';

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
        return this.#matchOneValue(filter.path, filter.filter, inside);
      case 'pr':
        return this.#compare(filter.path, inside, ({ sql }) => `${sql} IS NOT NULL`);
      case 'ne':
        return this.#compare(
          filter.path,
          inside,
          (column) => `((${buildComparison(column, 'eq', filter.value, this.#bind)}) IS NOT TRUE)`,
        );
      default: {
        const { op, value } = filter as { op: Exclude<Comparison, 'ne'>; value: FilterValue };
        return this.#compare(filter.path, inside, (column) => buildComparison(column, op, value, this.#bind));
      }
    }
  }

  #compare(path: AttributePath, inside: string | null, build: (column: Column) => string): string {
    const column = this.#column(path, inside);
    return column.within && inside === null ? `EXISTS (${column.within} AND ${build(column)})` : build(column);
  }

  #matchOneValue(path: AttributePath, filter: Filter, inside: string | null): string {
    if (inside !== null) throw createFilterError('brackets cannot be nested');
    const { within } = this.#column(path, null);
    const condition = this.condition(filter, path.name);
    return within ? `EXISTS (${within} AND ${condition})` : condition;
  }

  #column({ schema, name }: AttributePath, inside: string | null): Column {
    const path = inside === null ? name : `${inside}.${name}`;
    const isOwnSchema = schema === null || schema === this.schema.toLowerCase();
    const column = isOwnSchema && Object.hasOwn(this.columns, path) ? this.columns[path] : undefined;
    if (!column) throw createFilterError(`'${path}' is not an attribute that can be filtered by`);
    return column;
  }

  readonly #bind = (value: unknown, type: string): string => `$${this.values.push(value)}::${type}`;
}
