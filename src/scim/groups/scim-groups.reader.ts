import { Injectable } from '@nestjs/common';
import type { Actor } from '../../auth/actor.js';
import { notFound } from '../../orgs/refusals.js';
import { AppConfig } from '../../platform/config/app-config.js';
import type { TeamId } from '../../platform/ids.js';
import { listQuery, listResponse, type RawQuery } from '../list-query.js';
import { Projection } from '../projection.js';
import { ResourceRows, type RowSource } from '../resource-rows.js';
import { GROUP_SCHEMA } from '../schema-names.js';
import { SCIM_PATH } from '../scim-surface.js';
import { groupResource, type GroupRow } from './group-resource.js';

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

/** The teams of an organisation, as SCIM shows them. */
@Injectable()
export class ScimGroupsReader {
  readonly #base: string;

  constructor(
    private readonly rows: ResourceRows,
    config: AppConfig,
  ) {
    this.#base = `${config.http.publicUrl}/${SCIM_PATH}`;
  }

  /** Throws `invalidFilter`, `invalidValue`. */
  async list({ caller }: Actor, raw: RawQuery): Promise<object> {
    const query = listQuery(raw);
    const projection = new Projection(raw);
    const { rows, total } = await this.rows.page<GroupRow>(SOURCE, fields(projection), caller.organisationId, query);
    const resources = rows.map((row) => projection.of(groupResource(row, this.#base)));
    return listResponse(resources, total, query.startIndex);
  }

  /** Throws `not_found`. */
  async get({ caller }: Actor, id: TeamId, raw: RawQuery): Promise<object> {
    const projection = new Projection(raw);
    const row = await this.rows.one<GroupRow>(SOURCE, fields(projection), caller.organisationId, id);
    if (!row) throw notFound('group', id);
    return projection.of(groupResource(row, this.#base));
  }

  locationOf = (id: TeamId): string => `${this.#base}/Groups/${id}`;
}

const fields = (projection: Projection): string => (projection.wants('members') ? `${FIELDS}, ${MEMBERS}` : FIELDS);
