/** Reads sessions: groups of call records that name the same session. A reader of own records sees only own calls. */
import { validationError } from '../../admin-api/refusals.js';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { getUserId } from '../../auth/callers/caller.js';
import { Clock } from '../../platform/time/clock.js';
import { parseCursor, toCursorPage, type CursorPage, type CursorPosition } from '../../admin-api/cursor-page.js';
import type { Actor } from '../../auth/callers/actor.js';
import { findEntityNames } from '../rollup/entity-names.js';
import { canReadAllRecords } from '../interactions/interactions.reader.js';
import type { ListSessionsQuery, SessionParty, SessionView } from './sessions.dto.js';
import { MAX_SESSION_DAYS } from '../rollup/statistics-range.js';
import { toFigures, type CounterRow } from '../statistics/usage-figures.js';
import { COUNTER_SUMS } from '../rollup/counters.js';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 7;

/** Distinct values of the session's records, at most 20. */
const buildSampleSql = (value: string): string =>
  `coalesce((array_agg(DISTINCT ${value}) FILTER (WHERE ${value} IS NOT NULL))[1:20], '{}')`;

/**
 * $1 organization, $2 from, $3 to, $4 user or NULL, $5 application or NULL, $6 program or NULL, $7 and $8 the cursor or
 * NULL, $9 rows.
 */
const SESSIONS = `
  SELECT session_id AS "sessionId", min(created_at) AS "firstAt", max(created_at) AS "lastAt", ${COUNTER_SUMS},
         ${buildSampleSql(`provider || ':' || coalesce(served_model, requested_model)`)} AS models,
         ${buildSampleSql('user_id::text')} AS "userIds", ${buildSampleSql('oauth_client_id')} AS "clientIds",
         ${buildSampleSql('client_name')} AS "clientNames"
    FROM interaction
   WHERE organization_id = $1 AND session_id IS NOT NULL AND created_at >= $2::timestamptz AND created_at < $3::timestamptz
     AND ($4::uuid IS NULL OR user_id = $4::uuid) AND ($5::text IS NULL OR oauth_client_id = $5::text)
     AND ($6::text IS NULL OR client_name = $6::text)
   GROUP BY session_id
  HAVING $7::timestamptz IS NULL OR (max(created_at), session_id) < ($7::timestamptz, $8::text)
   ORDER BY max(created_at) DESC, session_id DESC
   LIMIT $9::int`;

interface Row extends CounterRow {
  sessionId: string;
  firstAt: Date;
  lastAt: Date;
  models: string[];
  userIds: string[];
  clientIds: string[];
  clientNames: string[];
}

@Injectable()
export class SessionsReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Returns sessions by latest call. Throws `validation_failed` for a period of more than 31 days. */
  async list({ caller }: Actor, query: ListSessionsQuery): Promise<CursorPage<SessionView>> {
    const { from, to } = resolvePeriod(query, this.clock.now());
    const self = canReadAllRecords(caller) ? null : getUserId(caller);
    // A reader of own records never sees another person's calls.
    if (self !== null && query.userId !== undefined && query.userId !== self) return { data: [], nextCursor: null };
    const position = parseCursor(query.cursor, isSessionId);
    const rows = await this.dataSource.query<Row[]>(SESSIONS, [
      caller.organizationId,
      from,
      to,
      self ?? query.userId ?? null,
      query.oauthClientId ?? null,
      query.clientName ?? null,
      position?.at ?? null,
      position?.id ?? null,
      query.limit + 1,
    ]);
    return toCursorPage(rows, query, toPosition, (page) => this.#toViews(caller.organizationId, page));
  }

  async #toViews(organizationId: string, rows: readonly Row[]): Promise<SessionView[]> {
    const users = await findEntityNames(this.dataSource, 'user', organizationId, collectDistinct(rows, 'userIds'));
    const clients = await findEntityNames(
      this.dataSource,
      'client',
      organizationId,
      collectDistinct(rows, 'clientIds'),
    );
    return rows.map((row) => ({
      sessionId: row.sessionId,
      firstAt: row.firstAt,
      lastAt: row.lastAt,
      ...toFigures(row),
      models: row.models,
      users: toParties(row.userIds, users),
      applications: toParties(row.clientIds, clients),
      clientNames: row.clientNames,
    }));
  }
}

const collectDistinct = (rows: readonly Row[], column: 'userIds' | 'clientIds'): string[] => [
  ...new Set(rows.flatMap((row) => row[column])),
];

const toParties = (ids: readonly string[], names: ReadonlyMap<string, string>): SessionParty[] =>
  ids.map((id) => ({ id, name: names.get(id) ?? null }));

function resolvePeriod(query: Pick<ListSessionsQuery, 'from' | 'to'>, now: number): { from: Date; to: Date } {
  const to = query.to === undefined ? now + 1 : new Date(query.to).getTime();
  const from = query.from === undefined ? to - DEFAULT_DAYS * DAY_MS : new Date(query.from).getTime();
  if (from >= to) throw validationError({ pointer: '?from', detail: 'from must be before to.' });
  if (to - from > MAX_SESSION_DAYS * DAY_MS + 1)
    throw validationError({ pointer: '?from', detail: `Request ${MAX_SESSION_DAYS} days or less.` });
  return { from: new Date(from), to: new Date(to) };
}

const toPosition = ({ lastAt, sessionId }: Row): CursorPosition => ({ at: lastAt, id: sessionId });

/** PostgreSQL stores no NUL. */
const isSessionId = (id: string): boolean => !id.includes('\0');
