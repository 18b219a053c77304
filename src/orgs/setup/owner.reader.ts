import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { OrgId, UserId } from '../../platform/ids.js';

export interface DefaultOwner {
  id: UserId;
  organisationId: OrgId;
}

@Injectable()
export class OwnerReader {
  /** Returns the earliest active owner of the deployment's default organization; null without one. */
  async findDefaultOwner(manager: EntityManager): Promise<DefaultOwner | null> {
    const [owner] = await manager.query<DefaultOwner[]>(
      `SELECT u.id, u.organisation_id AS "organisationId"
         FROM app_user u JOIN organisation o ON o.id = u.organisation_id
        WHERE o.is_default AND u.role = 'owner' AND NOT u.is_disabled
        ORDER BY u.id LIMIT 1`,
    );
    return owner ?? null;
  }
}
