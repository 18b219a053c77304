/**
 * Inserts people with admin API keys directly into the database: these suites are about keys, not about invitations.
 */
import { computeTokenDigest } from '../../../src/platform/crypto/token-digest.js';
import { mintToken } from '../../../src/platform/crypto/token-mint.js';
import { createId } from '../../../src/platform/ids.js';
import type { Role } from '../../../src/auth/callers/permissions.js';
import type { AdminClient, Json } from '../http/admin-client.js';
import type { TestGateway } from './gateway.js';

export interface Person {
  id: string;
  organizationId: string;
  client: AdminClient;
}

export interface Cast {
  organizationId: string;
  /** Owner, editor and two members of the default organization. */
  owner: Person;
  editor: Person;
  member: Person;
  other: Person;
  /** Admin and member of the team `teamId`; both have the role member in the organization. */
  teamAdmin: Person;
  teamMember: Person;
  teamId: string;
  /** The owner of another organization, with a team of its own. */
  stranger: Person;
  strangeTeamId: string;
}

export async function castOf(gateway: TestGateway): Promise<Cast> {
  const [row] = await sql<{ id: string }>(gateway, 'SELECT id FROM organization WHERE is_default');
  const organizationId = row!.id;
  const elsewhere = createId<string>();
  await sql(gateway, "INSERT INTO organization (id, name, slug) VALUES ($1, 'Elsewhere', 'elsewhere')", [elsewhere]);
  const cast = {
    organizationId,
    owner: await addPerson(gateway, organizationId, 'owner'),
    editor: await addPerson(gateway, organizationId, 'editor'),
    member: await addPerson(gateway, organizationId, 'member'),
    other: await addPerson(gateway, organizationId, 'member'),
    teamAdmin: await addPerson(gateway, organizationId, 'member'),
    teamMember: await addPerson(gateway, organizationId, 'member'),
    teamId: await addTeam(gateway, organizationId),
    stranger: await addPerson(gateway, elsewhere, 'owner'),
    strangeTeamId: await addTeam(gateway, elsewhere),
  };
  await join(gateway, cast.teamId, cast.teamAdmin, 'admin');
  await join(gateway, cast.teamId, cast.teamMember, 'member');
  return cast;
}

export async function addPerson(gateway: TestGateway, organizationId: string, role: Role): Promise<Person> {
  const id = createId<string>();
  const key = mintToken('arch_api_').expose();
  await sql(gateway, 'INSERT INTO app_user (id, organization_id, email, name, role) VALUES ($1, $2, $3, $4, $5)', [
    id,
    organizationId,
    `${id}@example.com`,
    role,
    role,
  ]);
  await sql(
    gateway,
    `INSERT INTO admin_api_key (id, organization_id, user_id, name, digest, token_start, scopes)
     VALUES ($1, $2, $3, 'test', $4, 'arch_api_', '{admin:read,admin:write}')`,
    [createId(), organizationId, id, computeTokenDigest(key)],
  );
  return { id, organizationId, client: gateway.admin.as(key) };
}

export async function addTeam(gateway: TestGateway, organizationId: string): Promise<string> {
  const id = createId<string>();
  await sql(gateway, 'INSERT INTO team (id, organization_id, name) VALUES ($1, $2, $3)', [id, organizationId, id]);
  return id;
}

export async function join(
  gateway: TestGateway,
  teamId: string,
  person: Person,
  role: 'admin' | 'member',
): Promise<void> {
  await sql(gateway, 'INSERT INTO team_member (team_id, user_id, role) VALUES ($1, $2, $3)', [teamId, person.id, role]);
}

export function sql<T>(gateway: TestGateway, text: string, values: unknown[] = []): Promise<T[]> {
  return gateway.resources.database.dataSource.query<T[]>(text, values);
}

/** Returns the audit entries about a target, oldest first. */
export function auditOf(gateway: TestGateway, targetId: string): Promise<Json[]> {
  return sql(gateway, 'SELECT action, before, after, actor_id FROM audit_entry WHERE target_id = $1 ORDER BY id', [
    targetId,
  ]);
}

/** Returns the effects of auth events under a tag, oldest first. */
export async function effectsOf(gateway: TestGateway, tag: string): Promise<string[]> {
  const rows = await sql<{ effect: string }>(gateway, 'SELECT effect FROM auth_event WHERE tag = $1 ORDER BY seq', [
    tag,
  ]);
  return rows.map((row) => row.effect);
}
