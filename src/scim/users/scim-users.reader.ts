import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config.js';
import type { UserId } from '../../platform/ids.js';
import { ResourceReader, type ResourceKind } from '../resources/resource.reader.js';
import { ResourceRows, type RowSource } from '../resources/resource-rows.js';
import { USER_SCHEMA } from '../protocol/schema-names.js';
import { toUserResource, type UserRow } from './resource.js';

const TEAMS = 'SELECT 1 FROM team_member m JOIN team t ON t.id = m.team_id WHERE m.user_id = r.id';
const EMAIL = { kind: 'lower', sql: 'r.email' } as const;
const NAME = { kind: 'text', sql: 'r.name' } as const;
const TEAM_ID = { kind: 'id', sql: 't.id', within: TEAMS } as const;

const SOURCE: RowSource = {
  table: 'app_user r',
  schema: USER_SCHEMA,
  columns: {
    id: { kind: 'id', sql: 'r.id' },
    externalid: { kind: 'exact', sql: 'r.external_id' },
    username: EMAIL,
    displayname: NAME,
    name: NAME,
    'name.formatted': NAME,
    emails: EMAIL,
    'emails.value': EMAIL,
    'emails.type': { kind: 'text', sql: "'work'" },
    'emails.primary': { kind: 'boolean', sql: 'true' },
    active: { kind: 'boolean', sql: '(NOT r.is_disabled)' },
    groups: TEAM_ID,
    'groups.value': TEAM_ID,
    'groups.display': { kind: 'text', sql: 't.name', within: TEAMS },
    'meta.created': { kind: 'instant', sql: 'r.created_at' },
    'meta.lastmodified': { kind: 'instant', sql: 'r.updated_at' },
  },
};

const FIELDS = `r.id, r.email, r.name, r.external_id AS "externalId", r.is_disabled AS "isDisabled",
  r.created_at AS "createdAt", r.updated_at AS "updatedAt"`;
const GROUPS = `(SELECT json_agg(json_build_object('value', t.id, 'display', t.name) ORDER BY m.joined_at, t.id)
                   FROM team_member m JOIN team t ON t.id = m.team_id WHERE m.user_id = r.id) AS groups`;

const USER: ResourceKind<UserRow> = {
  name: 'user',
  path: 'Users',
  source: SOURCE,
  selectFields: (projection) => (projection.isIncluded('groups') ? `${FIELDS}, ${GROUPS}` : FIELDS),
  toResource: toUserResource,
};

/** Reads the users of an organization as SCIM resources. */
@Injectable()
export class ScimUsersReader extends ResourceReader<UserRow, UserId> {
  constructor(rows: ResourceRows, config: AppConfig) {
    super(USER, rows, config);
  }
}
