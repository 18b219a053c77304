/**
 * The browsers in which a person is signed in. A session is identified by the id of its row. Only its browser knows the
 * cookie value.
 */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditLog, buildAuditEvent } from '../../../audit/entries/audit-log.js';
import type { Actor } from '../../../auth/callers/actor.js';
import { authTag, getUserId } from '../../../auth/callers/caller.js';
import { Clock } from '../../../platform/time/clock.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import { GatewayError } from '../../../platform/errors/gateway-error.js';
import type { SessionRow } from '../../pages/account/sessions.js';
import { accountPaths } from '../../pages/account/paths.js';
import { getBrowserName } from './browser-name.js';

interface Row {
  id: string;
  user_agent: string | null;
  client_address: string | null;
  created_at: Date;
  updated_at: Date;
}

const OWN = "model = 'Session' AND user_id = $1";

@Injectable()
export class BrowserSessions {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** Returns the sessions that have not ended, the most recently used first. */
  async list({ caller }: Actor): Promise<SessionRow[]> {
    const rows = await this.dataSource.query<Row[]>(
      `SELECT id, user_agent, client_address, created_at, updated_at FROM oauth_artifact
        WHERE ${OWN} AND expires_at > $2 ORDER BY updated_at DESC, id`,
      [getUserId(caller), new Date(this.clock.now())],
    );
    return rows.map((row) => ({
      id: row.id,
      isCurrent: row.id === caller.credentialId,
      startedAt: row.created_at,
      lastSeenAt: row.updated_at,
      browser: getBrowserName(row.user_agent),
      address: row.client_address ?? 'Unknown',
      endAction: accountPaths.endSession(row.id),
    }));
  }

  /**
   * Records that the actor's session is in use, and from which address. The library records this only during
   * authorizations.
   */
  async stamp({ caller, clientAddress }: Actor): Promise<void> {
    await this.dataSource.query(
      `UPDATE oauth_artifact SET updated_at = $3, client_address = $4 WHERE ${OWN} AND id = $2`,
      [getUserId(caller), caller.credentialId, new Date(this.clock.now()), clientAddress],
    );
  }

  /** Ends one of the actor's sessions: that browser is signed out at its next request. Throws `not_found`. */
  async end(actor: Actor, id: string): Promise<void> {
    await this.unitOfWork.run(async (work) => {
      const [row] = await work.manager.query<Row[]>(
        `WITH gone AS (DELETE FROM oauth_artifact WHERE ${OWN} AND id = $2 RETURNING *)
         SELECT user_agent, client_address FROM gone`,
        [getUserId(actor.caller), id],
      );
      if (!row) throw new GatewayError('not_found', 'You have no such session, or it has ended already.');
      work.announce({ tag: authTag.browserSession(id), effect: 'revoked' });
      await this.audit.record(
        work.manager,
        actor,
        buildAuditEvent('browser_session', 'end', id, {
          before: { browser: getBrowserName(row.user_agent), clientAddress: row.client_address },
        }),
      );
    });
  }
}
