/** Reads resources of one kind from the database, within one organization. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Columns } from '../filter/columns.js';
import { FilterSql } from '../filter/to-sql.js';
import type { ListQuery } from './list-query.js';

/** The table of the rows. `table` aliases its rows as `r`; `columns` are those that can be filtered by. */
export interface RowSource {
  table: string;
  schema: string;
  columns: Columns;
}

@Injectable()
export class ResourceRows {
  constructor(private readonly dataSource: DataSource) {}

  /** Returns one page, oldest first, and the total. Throws `invalidFilter`. */
  async findPage<Row>(
    source: RowSource,
    select: string,
    organizationId: string,
    { filter, startIndex, count }: ListQuery,
  ): Promise<{ rows: Row[]; total: number }> {
    const sql = new FilterSql(source.columns, source.schema, [organizationId]);
    const where = `r.organization_id = $1 AND ${filter ? sql.buildCondition(filter) : 'true'}`;
    const [countRow] = await this.dataSource.query<{ total: number }[]>(
      `SELECT count(*)::int AS total FROM ${source.table} WHERE ${where}`,
      sql.values,
    );
    const total = countRow!.total;
    if (count === 0 || startIndex > total) return { rows: [], total };
    const rows = await this.dataSource.query<Row[]>(
      `SELECT ${select} FROM ${source.table} WHERE ${where} ORDER BY r.id OFFSET ${startIndex - 1} LIMIT ${count}`,
      sql.values,
    );
    return { rows, total };
  }

  /** Returns null when the organization has no resource with this id. */
  async findOne<Row>(source: RowSource, select: string, organizationId: string, id: string): Promise<Row | null> {
    const rows = await this.dataSource.query<Row[]>(
      `SELECT ${select} FROM ${source.table} WHERE r.organization_id = $1 AND r.id = $2`,
      [organizationId, id],
    );
    return rows[0] ?? null;
  }
}
