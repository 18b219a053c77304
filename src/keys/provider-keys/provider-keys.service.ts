/** Changes to stored provider keys. */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditLog, buildAuditEvent, type AuditEvent } from '../../audit/entries/audit-log.js';
import type { Actor } from '../../auth/callers/actor.js';
import { authTag } from '../../auth/callers/caller.js';
import { unknownReference, validationError } from '../../admin-api/refusals.js';
import { Clock } from '../../platform/time/clock.js';
import { UnitOfWork, type Work } from '../../platform/database/unit-of-work.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { createId } from '../../platform/ids.js';
import type { ProviderAdapter } from '../../providers/contract/provider-adapter.js';
import { findProvider } from '../../providers/registry.js';
import { KeyUnmappingService, type UnmappedHolder } from '../key-bindings/key-unmapping.service.js';
import { checkExtraHeaders } from './extra-headers.js';
import { checkMayManage, checkMayRemove } from '../ownership/key-access.policy.js';
import { KeyActorReader, type KeyActor } from '../ownership/key-actor.reader.js';
import {
  toProviderKeyView,
  type CreateProviderKeyBody,
  type ProviderKeyView,
  type RotateProviderKeyBody,
  type UpdateProviderKeyBody,
} from './provider-keys.dto.js';
import { ProviderKeyEntity, type ProviderKeyServer } from '../credentials/provider-key.entity.js';
import { ProviderKeyValidator } from './provider-key.validator.js';
import { loadProviderKey, toOwnedKey } from './provider-keys.reader.js';

const HOLDER_TARGETS = { 'virtual-key': 'virtual_key', 'oauth-client': 'oauth_client' } as const;

type Verb = 'create' | 'update' | 'rotate' | 'delete';

@Injectable()
export class ProviderKeysService {
  constructor(
    private readonly work: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly actors: KeyActorReader,
    private readonly validator: ProviderKeyValidator,
    private readonly unmapping: KeyUnmappingService,
    private readonly clock: Clock,
  ) {}

  async create(actor: Actor, body: CreateProviderKeyBody): Promise<ProviderKeyView> {
    const keyActor = await this.actors.get(actor);
    const owner = toOwner(keyActor, body);
    const adapter = findProvider(body.provider)!;
    checkExtraHeaders(body.extraHeaders ?? {});
    const now = new Date(this.clock.now());
    const id = createId<string>(now.getTime());
    return this.work.run(async (work) => {
      if (owner.teamId !== null) await requireTeam(work.manager, keyActor, owner.teamId);
      checkMayManage(keyActor, toOwnedKey(owner));
      const row = work.manager.create(ProviderKeyEntity, {
        id,
        organizationId: keyActor.organizationId,
        name: body.name,
        provider: adapter.id,
        ...owner,
        ...this.validator.toStoredSecret(keyActor, adapter, body, id),
        ...this.#resolveAddress(adapter, body),
        extraHeaders: body.extraHeaders ?? {},
        isPrimary: body.isPrimary ?? false,
        createdAt: now,
        updatedAt: now,
        lastUsedAt: null,
      });
      if (row.isPrimary) await clearOtherPrimary(work.manager, row);
      await work.manager.insert(ProviderKeyEntity, row);
      return this.#record(work, actor, 'create', null, row);
    });
  }

  async update(actor: Actor, id: string, body: UpdateProviderKeyBody): Promise<ProviderKeyView> {
    const keyActor = await this.actors.get(actor);
    return this.work.run(async (work) => {
      const row = await loadProviderKey(work.manager, keyActor, id, true);
      checkMayManage(keyActor, toOwnedKey(row));
      const before = toProviderKeyView(row);
      this.#apply(keyActor, row, body);
      if (row.isPrimary && !before.isPrimary) await clearOtherPrimary(work.manager, row);
      row.updatedAt = new Date(this.clock.now());
      await work.manager.save(ProviderKeyEntity, row);
      return this.#record(work, actor, 'update', before, row);
    });
  }

  async rotate(actor: Actor, id: string, body: RotateProviderKeyBody): Promise<ProviderKeyView> {
    if (!body.apiKey && !body.secretRef)
      throw validationError({
        pointer: '/apiKey',
        detail: 'Send the new key as apiKey, or a reference to it as secretRef.',
      });
    const keyActor = await this.actors.get(actor);
    return this.work.run(async (work) => {
      const row = await loadProviderKey(work.manager, keyActor, id, true);
      checkMayManage(keyActor, toOwnedKey(row));
      const before = toProviderKeyView(row);
      Object.assign(row, this.validator.toStoredSecret(keyActor, findProvider(row.provider)!, body, row.id));
      row.updatedAt = new Date(this.clock.now());
      await work.manager.save(ProviderKeyEntity, row);
      return this.#record(work, actor, 'rotate', before, row);
    });
  }

  async remove(actor: Actor, id: string): Promise<void> {
    const keyActor = await this.actors.get(actor);
    await this.work.run(async (work) => {
      const row = await loadProviderKey(work.manager, keyActor, id, true);
      checkMayRemove(keyActor, toOwnedKey(row));
      const unmapped = await this.unmapping.unmap(work, actor.caller.organizationId, [row.id]);
      await work.manager.delete(ProviderKeyEntity, { id: row.id });
      await this.#record(work, actor, 'delete', toProviderKeyView(row), row);
      for (const holder of unmapped) await this.audit.record(work.manager, actor, toUnmappedEvent(holder));
    });
  }

  /** Throws `validation_failed` for an address together with servers. */
  #resolveAddress(
    adapter: ProviderAdapter,
    { baseUrl, servers }: Pick<UpdateProviderKeyBody, 'baseUrl' | 'servers'>,
  ): Pick<ProviderKeyEntity, 'baseUrl' | 'servers'> {
    if (!servers) return { baseUrl: this.validator.toBaseUrl(adapter, baseUrl), servers: null };
    if (baseUrl) throw oneAddress();
    return { baseUrl: null, servers: this.validator.toServers(adapter, servers) };
  }

  #apply(actor: KeyActor, row: ProviderKeyEntity, body: UpdateProviderKeyBody): void {
    const adapter = findProvider(row.provider)!;
    const newSecret = body.apiKey !== undefined || body.secretRef !== undefined;
    if (body.name !== undefined) row.name = body.name;
    if (body.isPrimary !== undefined) row.isPrimary = body.isPrimary;
    if (body.extraHeaders !== undefined) {
      row.extraHeaders = mergeHeaders(row.extraHeaders, body.extraHeaders);
      checkExtraHeaders(row.extraHeaders as Record<string, unknown>);
    }
    if (body.baseUrl !== undefined || body.servers !== undefined) {
      const address = this.#resolveAddress(adapter, mergeAddress(row, body));
      // Prevents a user who may change a key from having it sent to a host of theirs.
      if (!isSameAddress(address, row) && (row.sealedSecret ?? row.secretRef) !== null && !newSecret) {
        throw validationError({
          pointer: '/apiKey',
          detail:
            'The address changes: send apiKey again (or secretRef), so that a stored key is never sent to another host.',
        });
      }
      Object.assign(row, address);
    }
    if (newSecret) Object.assign(row, this.validator.toStoredSecret(actor, adapter, body, row.id));
  }

  /** The end of every write: records and announces the change. Returns the new state. */
  async #record(
    work: Work,
    actor: Actor,
    verb: Verb,
    before: ProviderKeyView | null,
    row: ProviderKeyEntity,
  ): Promise<ProviderKeyView> {
    const view = toProviderKeyView(row);
    const after = verb === 'delete' ? null : view;
    const event = buildAuditEvent('provider_key', verb, row.id, { before, after });
    await this.audit.record(work.manager, actor, event);
    work.announce({ tag: authTag.providerKey(row.id), effect: 'changed' });
    work.announce({ tag: authTag.providerKeysOf(row.ownerId ?? row.teamId ?? row.organizationId), effect: 'changed' });
    return view;
  }
}

const toUnmappedEvent = ({ type, id, before, after }: UnmappedHolder): AuditEvent =>
  buildAuditEvent(HOLDER_TARGETS[type], 'update', id, {
    before: { providerApiKeys: before },
    after: { providerApiKeys: after },
  });

function toOwner(
  actor: KeyActor,
  body: CreateProviderKeyBody,
): Pick<ProviderKeyEntity, 'scope' | 'ownerId' | 'teamId'> {
  const scope = body.scope ?? 'personal';
  if (scope === 'team' && !body.teamId)
    throw validationError({ pointer: '/teamId', detail: 'A key of scope team needs the id of its team.' });
  if (scope !== 'team' && body.teamId)
    throw validationError({ pointer: '/teamId', detail: 'Only a key of scope team has a teamId.' });
  return { scope, ownerId: scope === 'personal' ? actor.userId : null, teamId: body.teamId ?? null };
}

type Address = Pick<ProviderKeyEntity, 'baseUrl' | 'servers'>;

/** One kind of address replaces the other, unless the body has both. */
function mergeAddress(
  row: Address,
  { baseUrl, servers }: Pick<UpdateProviderKeyBody, 'baseUrl' | 'servers'>,
): { baseUrl?: string | null; servers?: ProviderKeyServer[] | null } {
  if (servers) return { servers, baseUrl: baseUrl ?? null };
  if (baseUrl) return { baseUrl };
  return { baseUrl: baseUrl === undefined ? row.baseUrl : null, servers: servers === undefined ? row.servers : null };
}

const isSameAddress = (a: Address, b: Address): boolean =>
  a.baseUrl === b.baseUrl && JSON.stringify(listAddresses(a)) === JSON.stringify(listAddresses(b));

/** The models count as well: a pattern directs a key to a host. */
const listAddresses = ({ servers }: Address): unknown =>
  servers?.map(({ baseUrl, models }) => [baseUrl, models]) ?? null;

/** RFC 7396: merges member by member; null removes one. */
function mergeHeaders(stored: object, patch: object | null): object {
  return patch === null
    ? {}
    : Object.fromEntries(Object.entries({ ...stored, ...patch }).filter(([, value]) => value !== null));
}

async function requireTeam(manager: EntityManager, actor: KeyActor, teamId: string): Promise<void> {
  // Locks the row until the end, so that the team cannot be deleted in between.
  const rows = await manager.query<unknown[]>(
    'SELECT 1 FROM team WHERE id = $1 AND organization_id = $2 FOR KEY SHARE',
    [teamId, actor.organizationId],
  );
  if (rows.length === 0) throw unknownReference('team', ['/teamId']);
}

/** Serializes changes of the primary key per owner and provider, so that exactly one remains. */
async function clearOtherPrimary(manager: EntityManager, row: ProviderKeyEntity): Promise<void> {
  const owner = row.ownerId ?? row.teamId ?? row.organizationId;
  await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `primary provider key ${owner} ${row.provider}`,
  ]);
  await manager.query(
    `UPDATE provider_key SET is_primary = false
      WHERE organization_id = $1 AND provider = $2 AND scope = $3 AND id <> $4 AND is_primary
        AND owner_id IS NOT DISTINCT FROM $5 AND team_id IS NOT DISTINCT FROM $6`,
    [row.organizationId, row.provider, row.scope, row.id, row.ownerId, row.teamId],
  );
}

const oneAddress = (): GatewayError => {
  const detail = 'Send either baseUrl or servers, not both.';
  return validationError({ pointer: '/servers', detail });
};
