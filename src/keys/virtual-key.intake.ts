/** Checks of what a virtual key refers to: teams, owner, LLM proxies, provider keys. All inside the caller's organisation. */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { denied, unknownReference } from '../orgs/refusals.js';
import { Clock } from '../platform/clock.js';
import { GatewayError } from '../platform/errors/gateway-error.js';
import { checkMayManage } from './key-access.policy.js';
import type { KeyActor } from './key-actor.reader.js';
import { KeyBindings, type KeyBinding } from './key-bindings.js';
import type { VirtualKeyEntity } from './virtual-key.entity.js';
import type { CreateVirtualKeyBody } from './virtual-keys.dto.js';

type Holder = Pick<VirtualKeyEntity, 'keyType' | 'scope' | 'ownerId' | 'teamIds'>;

@Injectable()
export class VirtualKeyIntake {
  constructor(
    private readonly bindings: KeyBindings,
    private readonly clock: Clock,
  ) {}

  /** Type, scope, owner and teams of a new key, which must fit together. */
  holder(who: KeyActor, body: CreateVirtualKeyBody): Holder {
    const keyType = body.keyType ?? 'standard';
    const scope = body.scope ?? 'personal';
    const ownerId = body.ownerId === undefined ? who.userId : body.ownerId;
    const teamIds = body.teamIds ?? [];
    if (keyType === 'standard' && !body.providerApiKeys)
      throw invalid('/providerApiKeys', 'Say which provider keys this key maps to.');
    this.checkMapsAny({ keyType }, body.providerApiKeys ?? []);
    if (ownerId === null && (scope === 'personal' || keyType === 'passthrough')) {
      throw invalid('/ownerId', 'A personal key and a passthrough key need an owner.');
    }
    checkTeamCount(scope, teamIds);
    return { keyType, scope, ownerId, teamIds };
  }

  checkMapsAny({ keyType }: Pick<Holder, 'keyType'>, bindings: readonly KeyBinding[]): void {
    if (keyType === 'standard' || bindings.length === 0) return;
    throw invalid(
      '/providerApiKeys',
      'A passthrough key maps to no provider keys: its caller brings one. Leave them out.',
    );
  }

  /** Throws `validation_failed` for a team or user of another organisation, `permission_denied` when the actor may not make such a key. */
  async checkHolder(manager: EntityManager, who: KeyActor, holder: Holder): Promise<void> {
    await requireAll(manager, 'team', who, holder.teamIds, '/teamIds', 'FOR KEY SHARE');
    if (holder.ownerId !== null && holder.ownerId !== who.userId) {
      await requireAll(manager, 'app_user', who, [holder.ownerId], '/ownerId', 'FOR KEY SHARE');
      if (!who.permissions.has('any_key:write'))
        throw denied('To make a key for another user you need the permission any_key:write.');
      if (holder.scope === 'personal') return;
    }
    checkMayManage(who, holder);
  }

  async checkProxies(manager: EntityManager, who: KeyActor, proxyIds: readonly string[]): Promise<void> {
    await requireAll(manager, 'llm_proxy', who, proxyIds, '/allowedProxyIds', '');
  }

  async checkBindings(
    manager: EntityManager,
    who: KeyActor,
    holder: Holder,
    bindings: readonly KeyBinding[],
  ): Promise<void> {
    const ownerTeamIds =
      holder.scope === 'personal' && bindings.length > 0 ? await teamsOf(manager, holder.ownerId!) : [];
    await this.bindings.check(manager, who, { ...holder, ownerTeamIds }, bindings);
  }

  /** The instant as it is stored. Throws `validation_failed` for one that has passed. */
  expiry(given: string | null | undefined): Date | null {
    if (given === null || given === undefined) return null;
    const at = new Date(given);
    if (at.getTime() > this.clock.now()) return at;
    throw invalid('/expiresAt', 'The key would have expired already. Send an instant in the future.');
  }
}

export function checkTeamCount(scope: string, teamIds: readonly string[]): void {
  if (scope === 'team' && teamIds.length === 0)
    throw invalid('/teamIds', 'A key of scope team needs at least one team.');
  if (scope !== 'team' && teamIds.length > 0) throw invalid('/teamIds', 'Only a key of scope team has teams.');
}

const WORDS = { team: 'team', app_user: 'user', llm_proxy: 'LLM proxy' } as const;

/** Rows that are referred to by foreign key or by list are held until the end, so that they cannot go in between. */
async function requireAll(
  manager: EntityManager,
  table: keyof typeof WORDS,
  who: KeyActor,
  ids: readonly string[],
  pointer: string,
  lock: 'FOR KEY SHARE' | '',
): Promise<void> {
  if (ids.length === 0) return;
  const found = await manager.query<{ id: string }[]>(
    `SELECT id FROM ${table} WHERE organisation_id = $1 AND id = ANY ($2::uuid[]) ORDER BY id ${lock}`,
    [who.organisationId, ids],
  );
  const known = new Set(found.map((row) => row.id));
  const one = pointer.endsWith('Id');
  const missing = ids.flatMap((id, i) => (known.has(id) ? [] : [one ? pointer : `${pointer}/${i}`]));
  if (missing.length > 0) throw unknownReference(WORDS[table], missing);
}

async function teamsOf(manager: EntityManager, userId: string): Promise<string[]> {
  const rows = await manager.query<{ team_id: string }[]>('SELECT team_id FROM team_member WHERE user_id = $1', [
    userId,
  ]);
  return rows.map((row) => row.team_id);
}

const invalid = (pointer: string, detail: string): GatewayError =>
  new GatewayError('validation_failed', detail, { fields: [{ pointer, detail }] });
