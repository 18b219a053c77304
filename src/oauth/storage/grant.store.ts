/**
 * Grants: one per authorization. Ending a grant ends everything that was issued on it, in storage and in every cache.
 */
import { Injectable } from '@nestjs/common';
import type { AdapterPayload } from 'oidc-provider';
import { Provider } from '../oidc-library/oidc-provider.js';
import { DataSource } from 'typeorm';
import { authTag } from '../../auth/callers/caller.js';
import { Clock } from '../../platform/time/clock.js';
import { UnitOfWork, type Work } from '../../platform/database/unit-of-work.js';
import { TokenAudit } from '../tokens/audit.js';

const WRITE = `
  INSERT INTO oauth_grant (id, user_id, client_id, payload, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (id) DO UPDATE SET payload = EXCLUDED.payload, expires_at = EXCLUDED.expires_at`;

interface GrantRow {
  id: string;
  user_id: string;
  client_id: string;
}

@Injectable()
export class GrantStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: TokenAudit,
    private readonly clock: Clock,
  ) {}

  async find(id: string): Promise<AdapterPayload | undefined> {
    const [row] = await this.dataSource.query<{ payload: AdapterPayload }[]>(
      'SELECT payload FROM oauth_grant WHERE id = $1',
      [id],
    );
    return row?.payload;
  }

  async write(id: string, payload: AdapterPayload): Promise<void> {
    const { accountId, clientId, exp } = payload;
    await this.dataSource.query(WRITE, [
      id,
      accountId,
      clientId,
      JSON.stringify(payload),
      new Date(this.clock.now()),
      new Date(exp! * 1000),
    ]);
  }

  /** The library calls this when a token is revoked, and when a code or refresh token is presented a second time. */
  async destroy(id: string): Promise<void> {
    await this.unitOfWork.run(async (work) => {
      const [grant] = await this.#end(work, 'id = $1', [id]);
      if (grant && Provider.ctx?.oidc.route === 'token') await this.audit.recordReplay(work.manager, id, grant);
    });
  }

  /** Ends all grants of a user to a client. */
  endByUserAndClient(work: Work, userId: string, clientId: string): Promise<GrantRow[]> {
    return this.#end(work, 'user_id = $1 AND client_id = $2', [userId, clientId]);
  }

  /** Ends all grants of a user. */
  endByUser(work: Work, userId: string): Promise<GrantRow[]> {
    return this.#end(work, 'user_id = $1', [userId]);
  }

  /** Ends all grants to a client. */
  endByClient(work: Work, clientId: string): Promise<GrantRow[]> {
    return this.#end(work, 'client_id = $1', [clientId]);
  }

  /** The database cascades to codes and tokens; caches are notified by events. */
  async #end(work: Work, condition: string, values: unknown[]): Promise<GrantRow[]> {
    const rows = await work.manager.query<GrantRow[]>(
      `WITH gone AS (DELETE FROM oauth_grant WHERE ${condition} RETURNING id, user_id, client_id) SELECT * FROM gone`,
      values,
    );
    for (const { id } of rows) work.announce({ tag: authTag.oauthGrant(id), effect: 'revoked' });
    return rows;
  }
}
