import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { OrgId, UserId } from '../../platform/ids.js';

export interface DefaultOwner {
  id: UserId;
  organizationId: OrgId;
}

@Injectable()
export class OwnerReader {
  /** Returns the earliest active owner of the deployment's default organization; null without one. */
  async findDefaultOwner(manager: EntityManager): Promise<DefaultOwner | null> {
    const [owner] = await manager.query<DefaultOwner[]>(
      `SELECT u.id, u.organization_id AS "organizationId"
         FROM app_user u JOIN organization o ON o.id = u.organization_id
        WHERE o.is_default AND u.role = 'owner' AND NOT u.is_disabled
        ORDER BY u.id LIMIT 1`,
    );
    return owner ?? null;
  }
}
