/** The records of calls, newest first. Whoever may read only their own sees nothing else, whatever they filter by. */
import { Injectable } from '@nestjs/common';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import { userOf, type Caller } from '../auth/caller.js';
import { notFound } from '../orgs/refusals.js';
import { cursorId, toCursorPage, type CursorPage } from '../platform/page.js';
import { toInteractionView, type InteractionView, type ListInteractionsQuery } from './interactions.dto.js';
import { InteractionEntity } from './interaction.entity.js';

type Query = SelectQueryBuilder<InteractionEntity>;

/** Filters that compare a column with the query's value of the same name. */
const EQUAL = [
  'proxyId',
  'userId',
  'virtualKeyId',
  'oauthClientId',
  'agentId',
  'sessionId',
  'clientName',
  'authMethod',
] as const;

/** The id is made when the request arrives, `createdAt` when its caller is known: never this far apart. */
const ID_SLACK_MS = 60_000;

@Injectable()
export class InteractionsReader {
  constructor(private readonly dataSource: DataSource) {}

  async list(caller: Caller, query: ListInteractionsQuery): Promise<CursorPage<InteractionView>> {
    const records = this.#visibleTo(caller);
    for (const name of EQUAL)
      if (query[name] !== undefined) records.andWhere(`i.${name} = :${name}`, { [name]: query[name] });
    filterStatus(records, query.status);
    filterTime(records, query);
    if (query.cursor) records.andWhere('i.id < :cursor', { cursor: cursorId(query.cursor) });
    const rows = await records
      .orderBy('i.id', 'DESC')
      .limit(query.limit + 1)
      .getMany();
    return toCursorPage(
      rows.map((row) => toInteractionView(row, readsAll(caller))),
      query.limit,
    );
  }

  async one(caller: Caller, id: string): Promise<InteractionView> {
    const row = await this.#visibleTo(caller).andWhere('i.id = :id', { id }).getOne();
    if (!row) throw notFound('interaction', id);
    return toInteractionView(row, readsAll(caller));
  }

  #visibleTo(caller: Caller): Query {
    const records = this.dataSource.manager
      .createQueryBuilder(InteractionEntity, 'i')
      .where('i.organisationId = :organisationId', { organisationId: caller.organisationId });
    return readsAll(caller) ? records : records.andWhere('i.userId = :self', { self: userOf(caller) });
  }
}

const readsAll = (caller: Caller): boolean => caller.permissions.has('interaction:read');

function filterStatus(records: Query, status: string | undefined): void {
  if (status === undefined) return;
  const lowest = Number(status.replace('xx', '00'));
  const highest = status.endsWith('xx') ? lowest + 99 : lowest;
  records.andWhere('i.status BETWEEN :lowest AND :highest', { lowest, highest });
}

/** The ids are in the order of time and the index is by id: their bounds keep a narrow time from reading the whole log. */
function filterTime(records: Query, { from, to }: ListInteractionsQuery): void {
  if (from !== undefined) {
    const at = new Date(from);
    records.andWhere('i.createdAt >= :from', { from: at });
    records.andWhere('i.id >= :fromId', { fromId: firstIdAt(at.getTime() - ID_SLACK_MS) });
  }
  if (to !== undefined) {
    const at = new Date(to);
    records.andWhere('i.createdAt < :to', { to: at });
    records.andWhere('i.id < :toId', { toId: firstIdAt(at.getTime() + ID_SLACK_MS) });
  }
}

/** The lowest UUID v7 (RFC 9562 §5.7) of a millisecond. */
function firstIdAt(ms: number): string {
  const hex = Math.min(Math.max(ms, 0), 2 ** 48 - 1)
    .toString(16)
    .padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}
