/** Creates and changes virtual keys. */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditLog, buildAuditEvent } from '../../audit/entries/audit-log.js';
import type { Actor } from '../../auth/callers/actor.js';
import { authTag } from '../../auth/callers/caller.js';
import { Clock } from '../../platform/time/clock.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { createId } from '../../platform/ids.js';
import { checkTeamCount } from '../ownership/reference-checks.js';
import { checkMayManage } from '../ownership/key-access.policy.js';
import { KeyActorReader, type KeyActor } from '../ownership/key-actor.reader.js';
import { KeyBindingStore, toBindings, type KeyBinding } from '../key-bindings/key-binding.store.js';
import { checkPayer } from '../key-bindings/payer-team.js';
import { deriveAuthEffect } from './auth-effect.js';
import { VirtualKeyEntity } from './virtual-key.entity.js';
import { VirtualKeyValidator } from './virtual-key.validator.js';
import { VirtualKeySecretStore } from './virtual-key-secret.store.js';
import {
  toVirtualKeyView,
  type CreateVirtualKeyBody,
  type UpdateVirtualKeyBody,
  type VirtualKeyCreated,
  type VirtualKeyView,
} from './virtual-keys.dto.js';
import { loadVirtualKey } from './virtual-keys.reader.js';

@Injectable()
export class VirtualKeysService {
  constructor(
    private readonly work: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly actors: KeyActorReader,
    private readonly validator: VirtualKeyValidator,
    private readonly bindings: KeyBindingStore,
    private readonly secrets: VirtualKeySecretStore,
    private readonly clock: Clock,
  ) {}

  async create(actor: Actor, body: CreateVirtualKeyBody): Promise<VirtualKeyCreated> {
    const keyActor = await this.actors.get(actor);
    const holder = this.validator.toHolder(keyActor, body);
    const expiresAt = this.validator.toExpiry(body.expiresAt);
    const bindings = toBindings(body.providerApiKeys);
    const now = new Date(this.clock.now());
    return this.work.run(async ({ manager }) => {
      await this.validator.checkHolder(manager, keyActor, holder);
      await this.validator.checkProxies(manager, keyActor, body.allowedProxyIds ?? []);
      await checkPayer(manager, keyActor, null, body.payerTeamId ?? null);
      await this.bindings.check(manager, keyActor, holder, bindings);
      const row = manager.create(VirtualKeyEntity, {
        id: createId<string>(now.getTime()),
        organizationId: keyActor.organizationId,
        name: body.name,
        ...holder,
        payerTeamId: body.payerTeamId ?? null,
        allowedModels: body.allowedModels ?? [],
        allowedProxyIds: body.allowedProxyIds ?? [],
        tokenStart: '',
        expiresAt,
        revokedAt: null,
        createdAt: now,
        updatedAt: now,
        lastUsedAt: null,
      });
      await manager.insert(VirtualKeyEntity, row);
      const { value, tokenStart } = await this.secrets.mint(manager, row.id, now);
      row.tokenStart = tokenStart;
      await manager.update(VirtualKeyEntity, { id: row.id }, { tokenStart });
      await this.bindings.replace(manager, { type: 'virtual-key', id: row.id }, bindings);
      const view = toVirtualKeyView(row, bindings, now.getTime());
      await this.audit.record(manager, actor, buildAuditEvent('virtual_key', 'create', row.id, { after: view }));
      return { ...view, value };
    });
  }

  async update(actor: Actor, id: string, body: UpdateVirtualKeyBody): Promise<VirtualKeyView> {
    const keyActor = await this.actors.get(actor);
    return this.work.run(async (work) => {
      const { manager } = work;
      const row = await loadVirtualKey(manager, keyActor, id, true);
      checkMayManage(keyActor, row);
      const before = await this.#loadView(manager, row);
      await this.#apply(manager, keyActor, row, body);
      const bindings = await this.#rebind(manager, keyActor, row, before.providerApiKeys, body);
      row.updatedAt = new Date(this.clock.now());
      await manager.save(VirtualKeyEntity, row);
      const after = toVirtualKeyView(row, bindings, this.clock.now());
      await this.audit.record(manager, actor, buildAuditEvent('virtual_key', 'update', row.id, { before, after }));
      const effect = deriveAuthEffect(before, after);
      if (effect !== null) work.announce({ tag: authTag.virtualKey(row.id), effect });
      return after;
    });
  }

  async #apply(
    manager: EntityManager,
    actor: KeyActor,
    row: VirtualKeyEntity,
    body: UpdateVirtualKeyBody,
  ): Promise<void> {
    if (body.name !== undefined) row.name = body.name;
    if (body.expiresAt !== undefined) row.expiresAt = this.validator.toExpiry(body.expiresAt);
    if (body.allowedModels !== undefined) row.allowedModels = body.allowedModels ?? [];
    if (body.allowedProxyIds !== undefined) {
      row.allowedProxyIds = body.allowedProxyIds ?? [];
      await this.validator.checkProxies(manager, actor, row.allowedProxyIds);
    }
    if (body.payerTeamId !== undefined) {
      await checkPayer(manager, actor, row.payerTeamId, body.payerTeamId);
      row.payerTeamId = body.payerTeamId;
    }
    if (body.teamIds !== undefined) {
      checkTeamCount('key', row.scope, body.teamIds);
      row.teamIds = body.teamIds;
      await this.validator.checkHolder(manager, actor, { ...row, ownerId: null });
    }
  }

  /**
   * Validates new bindings, and old ones whose teams have changed; the others were validated when they were created.
   */
  async #rebind(
    manager: EntityManager,
    actor: KeyActor,
    row: VirtualKeyEntity,
    before: KeyBinding[],
    body: UpdateVirtualKeyBody,
  ): Promise<KeyBinding[]> {
    if (body.providerApiKeys === undefined && body.teamIds === undefined) return before;
    const bindings = body.providerApiKeys === undefined ? before : toBindings(body.providerApiKeys);
    if (body.providerApiKeys !== undefined) this.validator.checkMappings(row, bindings);
    await this.bindings.check(manager, actor, row, bindings);
    await this.bindings.replace(manager, { type: 'virtual-key', id: row.id }, bindings);
    return bindings;
  }

  async #loadView(manager: EntityManager, row: VirtualKeyEntity): Promise<VirtualKeyView> {
    const bindingsByHolder = await this.bindings.listByHolder(manager, 'virtual-key', [row.id]);
    return toVirtualKeyView(row, bindingsByHolder.get(row.id) ?? [], this.clock.now());
  }
}
