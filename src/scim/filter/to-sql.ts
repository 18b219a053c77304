/** Translates a filter to a SQL condition, so that the database filters by its indexes. */
import type { AttributePath, Comparison, Filter, FilterValue } from './expression.js';
import { buildComparison, createFilterError, type Column, type Columns } from './columns.js';

export class FilterSql {
  readonly values: unknown[];

  /** `schema`: the URN that may precede the attributes. `given`: existing parameters of the query. */
  constructor(
    private readonly columns: Columns,
    private readonly schema: string,
    parameters: readonly unknown[],
  ) {
    this.values = [...parameters];
  }

  /** Throws `invalidFilter` for unknown attributes and for comparisons that an attribute does not support. */
  buildCondition(filter: Filter, parentAttribute: string | null = null): string {
    switch (filter.op) {
      case 'and':
      case 'or': {
        const conditions = filter.filters.map((each) => this.buildCondition(each, parentAttribute));
        return `(${conditions.join(filter.op === 'and' ? ' AND ' : ' OR ')})`;
      }
      case 'not':
        // An unknown result (null) counts as false, so that its negation is true.
        return `((${this.buildCondition(filter.filter, parentAttribute)}) IS NOT TRUE)`;
      case 'values':
        return this.#matchOneValue(filter.path, filter.filter, parentAttribute);
      case 'pr':
        return this.#compare(filter.path, parentAttribute, ({ sql }) => `${sql} IS NOT NULL`);
      case 'ne':
        return this.#compare(
          filter.path,
          parentAttribute,
          (column) => `((${buildComparison(column, 'eq', filter.value, this.#bind)}) IS NOT TRUE)`,
        );
      default: {
        const { op, value } = filter as { op: Exclude<Comparison, 'ne'>; value: FilterValue };
        return this.#compare(filter.path, parentAttribute, (column) => buildComparison(column, op, value, this.#bind));
      }
    }
  }

  #compare(path: AttributePath, parentAttribute: string | null, build: (column: Column) => string): string {
    const column = this.#getColumn(path, parentAttribute);
    return column.within && parentAttribute === null ? `EXISTS (${column.within} AND ${build(column)})` : build(column);
  }

  #matchOneValue(path: AttributePath, filter: Filter, parentAttribute: string | null): string {
    if (parentAttribute !== null) throw createFilterError('brackets cannot be nested');
    const { within } = this.#getColumn(path, null);
    const condition = this.buildCondition(filter, path.name);
    return within ? `EXISTS (${within} AND ${condition})` : condition;
  }

  #getColumn({ schema, name }: AttributePath, parentAttribute: string | null): Column {
    const path = parentAttribute === null ? name : `${parentAttribute}.${name}`;
    const isOwnSchema = schema === null || schema === this.schema.toLowerCase();
    const column = isOwnSchema && Object.hasOwn(this.columns, path) ? this.columns[path] : undefined;
    if (!column) throw createFilterError(`'${path}' is not an attribute that can be filtered by`);
    return column;
  }

  readonly #bind = (value: unknown, type: string): string => `$${this.values.push(value)}::${type}`;
}
