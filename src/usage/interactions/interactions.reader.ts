/** Reads the records of calls, newest first. A caller limited to own records sees no others, with any filter. */
import { Injectable } from '@nestjs/common';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import { getUserId, type Caller } from '../../auth/callers/caller.js';
import { notFound } from '../../admin-api/refusals.js';
import { Clock } from '../../platform/time/clock.js';
import { parseCursor, toCursorPage, type CursorPage, type CursorPosition } from '../../admin-api/cursor-page.js';
import type { Actor } from '../../auth/callers/actor.js';
import { findEntityNames } from '../rollup/entity-names.js';
import { toInteractionView } from './interaction-view.js';
import type { ExportInteractionsQuery, InteractionView, ListInteractionsQuery } from './interactions.dto.js';
import { InteractionEntity } from './interaction.entity.js';
import type { InteractionRow } from '../recording/interaction-record.js';

type Query = SelectQueryBuilder<InteractionRow>;

/** Filters that compare a column with the query's value of the same name. */
const EQUALITY_FILTERS = [
  'proxyId',
  'userId',
  'virtualKeyId',
  'oauthClientId',
  'agentId',
  'sessionId',
  'clientName',
  'authMethod',
] as const;

/** The id is created when the request arrives, `createdAt` when its caller is authenticated: never this far apart. */
const ID_SLACK_MS = 60_000;

/** About a megabyte of memory, and ten milliseconds of database time. */
const EXPORT_BATCH = 1_000;

@Injectable()
export class InteractionsReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  async list({ caller }: Actor, query: ListInteractionsQuery): Promise<CursorPage<InteractionView>> {
    const rows = await this.#readRows(caller, query, parseCursor(query.cursor), query.limit + 1);
    return toCursorPage(rows, query, toPosition, (page) => this.#toViews(caller, page));
  }

  /**
   * Yields all matching records as lines of JSON, about a thousand at a time; reads the next chunk when the previous
   * one is consumed.
   */
  async *exportLines({ caller }: Actor, filters: ExportInteractionsQuery): AsyncGenerator<string, void> {
    for (let position: CursorPosition | null = null; ;) {
      const rows: InteractionRow[] = await this.#readRows(caller, filters, position, EXPORT_BATCH);
      const views = await this.#toViews(caller, rows);
      yield views.map((view) => `${JSON.stringify(view)}\n`).join('');
      if (rows.length < EXPORT_BATCH) return;
      position = toPosition(rows.at(-1)!);
    }
  }

  async get({ caller }: Actor, id: string): Promise<InteractionView> {
    const record = this.#queryVisible(caller).andWhere('i.id = :id', { id });
    const idTimeMs = readIdTime(id);
    if (idTimeMs !== null)
      record.andWhere('i.createdAt BETWEEN :earliest AND :latest', {
        earliest: new Date(idTimeMs - ID_SLACK_MS),
        latest: new Date(idTimeMs + ID_SLACK_MS),
      });
    const row = await record.getOne();
    if (!row) throw notFound('interaction', id);
    const [view] = await this.#toViews(caller, [row]);
    return view!;
  }

  /** Content belongs to another module; this only asks whether it exists. */
  async #toViews(caller: Caller, rows: readonly InteractionRow[]): Promise<InteractionView[]> {
    const contentRows = await this.dataSource.query<{ id: string }[]>(
      'SELECT interaction_id AS id FROM interaction_content WHERE interaction_id = ANY ($1::uuid[]) AND expires_at > $2',
      [rows.map(({ id }) => id), new Date(this.clock.now())],
    );
    const withContent = new Set(contentRows.map(({ id }) => id));
    const clientIds = new Set(rows.flatMap(({ oauthClientId }) => oauthClientId ?? []));
    const clientNames = await findEntityNames(this.dataSource, 'client', caller.organizationId, [...clientIds]);
    return rows.map((row) => ({
      ...toInteractionView(row, canReadAllRecords(caller)),
      oauthClientName: clientNames.get(row.oauthClientId ?? '') ?? null,
      isContentKept: withContent.has(row.id),
    }));
  }

  #readRows(
    caller: Caller,
    filters: ExportInteractionsQuery,
    position: CursorPosition | null,
    count: number,
  ): Promise<InteractionRow[]> {
    const records = this.#queryVisible(caller);
    for (const name of EQUALITY_FILTERS)
      if (filters[name] !== undefined) records.andWhere(`i.${name} = :${name}`, { [name]: filters[name] });
    filterStatus(records, filters.status);
    filterTime(records, filters);
    if (position) filterAfter(records, position);
    return records.orderBy('i.createdAt', 'DESC').addOrderBy('i.id', 'DESC').limit(count).getMany();
  }

  #queryVisible(caller: Caller): Query {
    const records = this.dataSource.manager
      .createQueryBuilder(InteractionEntity, 'i')
      .where('i.organizationId = :organizationId', { organizationId: caller.organizationId });
    return canReadAllRecords(caller) ? records : records.andWhere('i.userId = :self', { self: getUserId(caller) });
  }
}

/** Whether the caller sees the records of all people in the organization. */
export const canReadAllRecords = (caller: Caller): boolean => caller.permissions.has('interaction:read');

const toPosition = ({ createdAt, id }: InteractionRow): CursorPosition => ({ at: createdAt, id });

function filterStatus(records: Query, status: string | undefined): void {
  if (status === undefined) return;
  const lowest = Number(status.replace('xx', '00'));
  const highest = status.endsWith('xx') ? lowest + 99 : lowest;
  records.andWhere('i.status BETWEEN :lowest AND :highest', { lowest, highest });
}

function filterTime(records: Query, { from, to }: ExportInteractionsQuery): void {
  if (from !== undefined) records.andWhere('i.createdAt >= :from', { from: new Date(from) });
  if (to !== undefined) records.andWhere('i.createdAt < :to', { to: new Date(to) });
}

/**
 * The instant alone excludes the days after the position; instant and id together exclude records of the same instant.
 */
function filterAfter(records: Query, { at, id }: CursorPosition): void {
  records.andWhere('i.createdAt <= :lastAt', { lastAt: at });
  records.andWhere('(i.createdAt, i.id) < (:lastAt, :lastId)', { lastId: id });
}

/**
 * Creation time of an id (UUID v7, RFC 9562 §5.7) in Unix milliseconds, which bounds the days that may contain the
 * record. Null for ids of other versions.
 */
function readIdTime(id: string): number | null {
  const hex = id.replaceAll('-', '');
  return hex[12] === '7' ? Number.parseInt(hex.slice(0, 12), 16) : null;
}
