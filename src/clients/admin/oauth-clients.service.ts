/** Registers, changes and deletes OAuth clients. */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Actor } from '../../auth/callers/actor.js';
import { checkMayManage, checkMayRemove } from '../../keys/ownership/key-access.policy.js';
import { KeyActorReader, type KeyActor } from '../../keys/ownership/key-actor.reader.js';
import { KeyBindingStore, toBindings, type KeyBinding } from '../../keys/key-bindings/key-binding.store.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { hasSecret } from '../metadata/client-profile.js';
import { deriveAuthEffect } from './auth-effect.js';
import type { OAuthClientCreated, OAuthClientView } from './oauth-client-view.dto.js';
import { OAuthClientChangeRecorder } from './change-recorder.js';
import { OAuthClientEntity } from '../storage/oauth-client.entity.js';
import { OAuthClientValidator } from './oauth-client.validator.js';
import { OAuthClientSecretStore } from '../storage/oauth-client-secret.store.js';
import { OAuthClientViewBuilder } from './view-builder.js';
import type { CreateOAuthClientBody, UpdateOAuthClientBody } from './oauth-clients.dto.js';
import { loadOAuthClient } from './oauth-clients.reader.js';

@Injectable()
export class OAuthClientsService {
  constructor(
    private readonly work: UnitOfWork,
    private readonly actors: KeyActorReader,
    private readonly validator: OAuthClientValidator,
    private readonly bindings: KeyBindingStore,
    private readonly secrets: OAuthClientSecretStore,
    private readonly views: OAuthClientViewBuilder,
    private readonly changes: OAuthClientChangeRecorder,
  ) {}

  async create(actor: Actor, body: CreateOAuthClientBody): Promise<OAuthClientCreated> {
    const keyActor = await this.actors.get(actor);
    const row = this.validator.draft(keyActor, body);
    return this.work.run(async (work) => {
      const { manager } = work;
      await this.validator.checkReferences(manager, keyActor, row, body, null);
      await manager.insert(OAuthClientEntity, row);
      await this.#bind(manager, keyActor, row, toBindings(body.providerApiKeys));
      const clientSecret = hasSecret(row) ? await this.secrets.mint(manager, row.id) : null;
      const after = await this.views.build(manager, row);
      await this.changes.record(work, actor, { verb: 'create', after, effect: 'changed' });
      return { ...after, clientSecret };
    });
  }

  async update(actor: Actor, id: string, body: UpdateOAuthClientBody): Promise<OAuthClientView> {
    const keyActor = await this.actors.get(actor);
    return this.work.run(async (work) => {
      const { manager } = work;
      const row = await loadOAuthClient(manager, keyActor, id, true);
      checkMayManage(keyActor, row);
      const before = await this.views.build(manager, row);
      this.validator.apply(keyActor, row, body);
      await this.validator.checkReferences(manager, keyActor, row, body, before.payerTeamId);
      if (body.providerApiKeys !== undefined)
        await this.#bind(manager, keyActor, row, toBindings(body.providerApiKeys));
      else if (body.teamIds !== undefined) await this.bindings.check(manager, keyActor, row, before.providerApiKeys);
      if (!hasSecret(row)) await this.secrets.end(manager, id);
      await manager.update(OAuthClientEntity, { id }, row);
      const after = await this.views.build(manager, row);
      const revocationCause = after.isDisabled && !before.isDisabled ? 'disabled' : null;
      await this.changes.record(work, actor, {
        verb: 'update',
        before,
        after,
        effect: deriveAuthEffect(before, after),
        revocationCause: revocationCause,
      });
      return after;
    });
  }

  async remove(actor: Actor, id: string): Promise<void> {
    const keyActor = await this.actors.get(actor);
    await this.work.run(async (work) => {
      const { manager } = work;
      const row = await loadOAuthClient(manager, keyActor, id, true);
      checkMayRemove(keyActor, row);
      const before = await this.views.build(manager, row);
      await this.bindings.clear(manager, { type: 'oauth-client', id });
      await manager.delete(OAuthClientEntity, { id });
      await this.changes.record(work, actor, { verb: 'delete', before, effect: 'revoked', revocationCause: 'deleted' });
    });
  }

  async #bind(manager: EntityManager, actor: KeyActor, row: OAuthClientEntity, bindings: KeyBinding[]): Promise<void> {
    await this.bindings.check(manager, actor, row, bindings);
    await this.bindings.replace(manager, { type: 'oauth-client', id: row.id }, bindings);
  }
}
