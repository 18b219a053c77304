import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config.js';
import type { TeamId } from '../../platform/ids.js';
import { ResourceReader, type ResourceKind } from '../resources/resource.reader.js';
import { ResourceRows, type RowSource } from '../resources/resource-rows.js';
import { GROUP_SCHEMA } from '../protocol/schema-names.js';
import { toGroupResource, type GroupRow } from './resource.js';

const MEMBERS_OF = 'FROM team_member m JOIN app_user u ON u.id = m.user_id WHERE m.team_id = r.id';
const MEMBER_ID = { kind: 'id', sql: 'u.id', within: `SELECT 1 ${MEMBERS_OF}` } as const;

const SOURCE: RowSource = {
  table: 'team r',
  schema: GROUP_SCHEMA,
  columns: {
    id: { kind: 'id', sql: 'r.id' },
    externalid: { kind: 'exact', sql: 'r.external_id' },
    displayname: { kind: 'text', sql: 'r.name' },
    members: MEMBER_ID,
    'members.value': MEMBER_ID,
    'members.display': { kind: 'text', sql: 'u.name', within: `SELECT 1 ${MEMBERS_OF}` },
    'meta.created': { kind: 'instant', sql: 'r.created_at' },
    'meta.lastmodified': { kind: 'instant', sql: 'r.updated_at' },
  },
};

const FIELDS = `r.id, r.name, r.external_id AS "externalId", r.created_at AS "createdAt", r.updated_at AS "updatedAt"`;
const MEMBERS = `(SELECT json_agg(json_build_object('value', u.id, 'display', u.name) ORDER BY m.joined_at, u.id)
                    ${MEMBERS_OF}) AS members`;

const GROUP: ResourceKind<GroupRow> = {
  name: 'group',
  path: 'Groups',
  source: SOURCE,
  selectFields: (projection) => (projection.isIncluded('members') ? `${FIELDS}, ${MEMBERS}` : FIELDS),
  toResource: toGroupResource,
};

/** Reads the teams of an organization as SCIM resources. */
@Injectable()
export class ScimGroupsReader extends ResourceReader<GroupRow, TeamId> {
  constructor(rows: ResourceRows, config: AppConfig) {
    super(GROUP, rows, config);
  }
}
