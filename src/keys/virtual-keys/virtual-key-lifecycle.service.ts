/** The lifecycle of a virtual key: rotation, revocation, deletion. */
import { Injectable } from '@nestjs/common';
import { AuditLog, buildAuditEvent } from '../../audit/entries/audit-log.js';
import type { Actor } from '../../auth/callers/actor.js';
import { authTag } from '../../auth/callers/caller.js';
import { conflict } from '../../admin-api/refusals.js';
import { WebhookOutbox } from '../../outbox/webhook-outbox.js';
import { Clock } from '../../platform/time/clock.js';
import { UnitOfWork, type Work } from '../../platform/database/unit-of-work.js';
import type { OrgId } from '../../platform/ids.js';
import { checkMayManage, checkMayRemove } from '../ownership/key-access.policy.js';
import { KeyActorReader } from '../ownership/key-actor.reader.js';
import { KeyBindingStore } from '../key-bindings/key-binding.store.js';
import { VirtualKeyEntity } from './virtual-key.entity.js';
import { VirtualKeySecretStore } from './virtual-key-secret.store.js';
import { toVirtualKeyView, type VirtualKeyCreated, type VirtualKeyView } from './virtual-keys.dto.js';
import { loadVirtualKey } from './virtual-keys.reader.js';

@Injectable()
export class VirtualKeyLifecycleService {
  constructor(
    private readonly work: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly actors: KeyActorReader,
    private readonly bindings: KeyBindingStore,
    private readonly secrets: VirtualKeySecretStore,
    private readonly outbox: WebhookOutbox,
    private readonly clock: Clock,
  ) {}

  /** Gives the key a new secret; earlier ones are accepted for another `overlapSeconds`. */
  async rotate(actor: Actor, id: string, overlapSeconds: number): Promise<VirtualKeyCreated> {
    const keyActor = await this.actors.get(actor);
    return this.work.run(async (work) => {
      const { manager } = work;
      const row = await loadVirtualKey(manager, keyActor, id, true);
      checkMayManage(keyActor, row);
      const now = new Date(this.clock.now());
      if (row.revokedAt) throw conflict('This key was revoked. Create a new one.');
      if (row.expiresAt && row.expiresAt <= now)
        throw conflict('This key has expired. Set expiresAt to a later instant first, or create a new one.');
      const bindings = (await this.bindings.listByHolder(manager, 'virtual-key', [id])).get(id) ?? [];
      const before = toVirtualKeyView(row, bindings, now.getTime());
      await this.secrets.retire(manager, id, new Date(now.getTime() + overlapSeconds * 1000), now);
      const { value, tokenStart } = await this.secrets.mint(manager, id, now);
      Object.assign(row, { tokenStart, updatedAt: now });
      await manager.update(VirtualKeyEntity, { id }, { tokenStart, updatedAt: now });
      const view = toVirtualKeyView(row, bindings, now.getTime());
      await this.audit.record(
        manager,
        actor,
        buildAuditEvent('virtual_key', 'rotate', id, { before, after: { ...view, overlapSeconds } }),
      );
      // With an overlap nothing is cut, but caches of the old secret must learn that it expires.
      work.announce({ tag: authTag.virtualKey(id), effect: overlapSeconds === 0 ? 'revoked' : 'changed' });
      return { ...view, value };
    });
  }

  /** Ends the key permanently; its row is kept for the records. A revoked key is unchanged. */
  async revoke(actor: Actor, id: string): Promise<VirtualKeyView> {
    const keyActor = await this.actors.get(actor);
    return this.work.run(async (work) => {
      const { manager } = work;
      const row = await loadVirtualKey(manager, keyActor, id, true);
      checkMayRemove(keyActor, row);
      const now = new Date(this.clock.now());
      const bindings = (await this.bindings.listByHolder(manager, 'virtual-key', [id])).get(id) ?? [];
      const before = toVirtualKeyView(row, bindings, now.getTime());
      if (row.revokedAt) return before;
      Object.assign(row, { revokedAt: now, updatedAt: now });
      await manager.update(VirtualKeyEntity, { id }, { revokedAt: now, updatedAt: now });
      const after = toVirtualKeyView(row, bindings, now.getTime());
      await this.audit.record(manager, actor, buildAuditEvent('virtual_key', 'revoke', id, { before, after }));
      await this.#announceEnd(work, row);
      return after;
    });
  }

  /** Deletes the key with its mappings. */
  async remove(actor: Actor, id: string): Promise<void> {
    const keyActor = await this.actors.get(actor);
    await this.work.run(async (work) => {
      const { manager } = work;
      const row = await loadVirtualKey(manager, keyActor, id, true);
      checkMayRemove(keyActor, row);
      const bindings = (await this.bindings.listByHolder(manager, 'virtual-key', [row.id])).get(row.id) ?? [];
      const before = toVirtualKeyView(row, bindings, this.clock.now());
      await this.bindings.clear(manager, { type: 'virtual-key', id: row.id });
      await manager.delete(VirtualKeyEntity, { id: row.id });
      await this.audit.record(manager, actor, buildAuditEvent('virtual_key', 'delete', row.id, { before }));
      await this.#announceEnd(work, row, before.revokedAt !== null);
    });
  }

  /** Notifies webhooks once: not again for a key that was revoked before. */
  async #announceEnd(work: Work, { id, name, organizationId }: VirtualKeyEntity, isAnnounced = false): Promise<void> {
    const data = { credentialType: 'virtual_key', id, name } as const;
    if (!isAnnounced) await this.outbox.append(work.manager, organizationId as OrgId, 'credential.revoked', data);
    work.announce({ tag: authTag.virtualKey(id), effect: 'revoked' });
  }
}
