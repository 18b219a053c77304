/**
 * Consents of users to clients. Stored per user, client and resource. Users are asked again when the client changes.
 */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditLog, buildAuditEvent } from '../../audit/entries/audit-log.js';
import { Clock } from '../../platform/time/clock.js';
import { UnitOfWork, type Work } from '../../platform/database/unit-of-work.js';
import { createId, type OrgId } from '../../platform/ids.js';
import type { OidcRequestContext } from '../oidc-library/request-context.js';
import { GrantStore } from '../storage/grant.store.js';

export interface ConsentKey {
  userId: string;
  clientId: string;
  /** The audience of the resource (scopes.ts). */
  resource: string;
}

/** Who decided, and from where. */
export interface Decision {
  user: { id: string; organizationId: OrgId };
  context: Pick<OidcRequestContext, 'requestId' | 'clientAddress'>;
}

@Injectable()
export class ConsentStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly grants: GrantStore,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** Whether all of `scopes` were allowed to the client's current version. Counts as a use of the consent. */
  async isCovered(
    { userId, clientId, resource }: ConsentKey,
    scopes: readonly string[],
    version: number,
  ): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>(
      `WITH covering AS (UPDATE oauth_consent SET last_used_at = $6
          WHERE user_id = $1 AND client_id = $2 AND resource = $3 AND scopes @> $4::text[] AND client_version = $5
          RETURNING 1)
       SELECT * FROM covering`,
      [userId, clientId, resource, scopes, version, new Date(this.clock.now())],
    );
    return rows.length > 0;
  }

  /** Whether the user has allowed the client's current version anything. Does not count as a use of the consent. */
  async exists(userId: string, clientId: string, version: number): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>(
      'SELECT 1 FROM oauth_consent WHERE user_id = $1 AND client_id = $2 AND client_version = $3 LIMIT 1',
      [userId, clientId, version],
    );
    return rows.length > 0;
  }

  /** Adds the scopes to those allowed before. Replaces them if they were allowed to another version of the client. */
  async allow(decision: Decision, key: ConsentKey, scopes: readonly string[], version: number): Promise<void> {
    await this.unitOfWork.run(async ({ manager }) => {
      const id = createId<string>();
      await manager.query(
        `INSERT INTO oauth_consent AS c (id, user_id, client_id, resource, scopes, client_version, granted_at, last_used_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
         ON CONFLICT (user_id, client_id, resource) DO UPDATE SET
           scopes = CASE WHEN c.client_version = $6
                         THEN ARRAY(SELECT DISTINCT unnest(c.scopes || EXCLUDED.scopes)) ELSE EXCLUDED.scopes END,
           client_version = $6, granted_at = $7, last_used_at = $7`,
        [id, key.userId, key.clientId, key.resource, scopes, version, new Date(this.clock.now())],
      );
      await this.#record(manager, decision, 'allow', key.clientId, { after: { resource: key.resource, scopes } });
    });
  }

  async deny(decision: Decision, clientId: string, scopes: readonly string[]): Promise<void> {
    await this.#record(this.dataSource.manager, decision, 'deny', clientId, { after: { scopes } });
  }

  /**
   * Revokes everything that the user has allowed the client, with all tokens. Returns false when nothing was allowed.
   */
  revoke(decision: Decision, clientId: string): Promise<boolean> {
    return this.unitOfWork.run(async (work) => {
      const { user } = decision;
      const [deleted] = await work.manager.query<[unknown[], number]>(
        'DELETE FROM oauth_consent WHERE user_id = $1 AND client_id = $2 RETURNING id',
        [user.id, clientId],
      );
      const grants = await this.grants.endByUserAndClient(work, user.id, clientId);
      if (deleted.length === 0 && grants.length === 0) return false;
      await this.#record(work.manager, decision, 'revoke', clientId, { before: { grants: grants.length } });
      return true;
    });
  }

  async forgetClient(work: Work, clientId: string): Promise<void> {
    await work.manager.query('DELETE FROM oauth_consent WHERE client_id = $1', [clientId]);
  }

  #record(
    manager: Work['manager'],
    { user, context }: Decision,
    verb: string,
    clientId: string,
    change: { before?: object; after?: object },
  ): Promise<void> {
    return this.audit.recordAs(
      manager,
      user.organizationId,
      { actorType: 'user', actorId: user.id, credentialId: null, ...toAuditContext(context) },
      buildAuditEvent('oauth_consent', verb, clientId, change),
    );
  }
}

const toAuditContext = ({ requestId, clientAddress }: Decision['context']) => ({ requestId, clientAddress });
