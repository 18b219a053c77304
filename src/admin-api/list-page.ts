import { Brackets, type ObjectLiteral, type SelectQueryBuilder } from 'typeorm';
import { toPage, type Page, type PageQuery } from './page.js';

interface ListOptions<Row, View> {
  /** Columns in which `search` may occur, as `alias.property`. */
  searchIn?: readonly string[];
  toViews: (rows: Row[]) => View[] | Promise<View[]>;
}

/** Reads one page of the rows that `query` selects, and counts all of them. `rows` is in its final order. */
export async function listPage<Row extends ObjectLiteral, View>(
  rows: SelectQueryBuilder<Row>,
  query: Pick<PageQuery, 'limit' | 'offset' | 'search'>,
  { searchIn = [], toViews }: ListOptions<Row, View>,
): Promise<Page<View>> {
  const { search, limit, offset } = query;
  if (search !== undefined && searchIn.length > 0) rows.andWhere(buildSearchFilter(searchIn, search));
  const [found, total] = await rows.limit(limit).offset(offset).getManyAndCount();
  return toPage(await toViews(found), total, query);
}

function buildSearchFilter(columns: readonly string[], search: string): Brackets {
  return new Brackets((or) => {
    for (const column of columns) or.orWhere(`${column} ILIKE :search`, { search: toLikePattern(search) });
  });
}

/** LIKE pattern that finds `text` anywhere and treats its wildcards literally. */
export const toLikePattern = (text: string): string => `%${text.replace(/[\\%_]/g, (c) => `\\${c}`)}%`;
