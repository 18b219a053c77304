/** Looks up the current names of the entities by which calls are counted. */
import type { DataSource } from 'typeorm';

/** `$1` the organization, `$2` the values. */
const NAMES = {
  user: 'SELECT id::text AS value, name FROM app_user WHERE organization_id = $1 AND id = ANY($2::uuid[])',
  team: 'SELECT id::text AS value, name FROM team WHERE organization_id = $1 AND id = ANY($2::uuid[])',
  proxy: 'SELECT id::text AS value, name FROM llm_proxy WHERE organization_id = $1 AND id = ANY($2::uuid[])',
  key: 'SELECT id::text AS value, name FROM virtual_key WHERE organization_id = $1 AND id = ANY($2::uuid[])',
  // A client that registered itself belongs to no organization.
  client: `SELECT id::text AS value, name FROM oauth_client
            WHERE (organization_id = $1 OR organization_id IS NULL)
              AND id = ANY (SELECT v::uuid FROM unnest($2::text[]) AS v WHERE v ~ '^[0-9a-f-]{36}$')`,
  model: `SELECT value, value AS name FROM unnest($2::text[]) AS v (value) WHERE $1::uuid IS NOT NULL`,
  session: `SELECT value, value AS name FROM unnest($2::text[]) AS v (value) WHERE $1::uuid IS NOT NULL`,
};
export type NamedEntity = keyof typeof NAMES;

/** Returns value → name. Deleted entities have no entry. */
export async function findEntityNames(
  dataSource: DataSource,
  kind: NamedEntity,
  organizationId: string,
  values: readonly string[],
): Promise<Map<string, string>> {
  if (values.length === 0) return new Map();
  const rows = await dataSource.query<{ value: string; name: string }[]>(NAMES[kind], [organizationId, values]);
  return new Map(rows.map(({ value, name }) => [value, name]));
}
