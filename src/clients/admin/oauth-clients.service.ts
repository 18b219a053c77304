/** Registers, changes and deletes OAuth clients. */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Actor } from '../../auth/callers/actor.js';
import { checkMayManage, checkMayRemove } from '../../keys/ownership/key-access.policy.js';
import { KeyActorReader, type KeyActor } from '../../keys/ownership/key-actor.reader.js';
import { KeyBindings, toBindings, type KeyBinding } from '../../keys/key-bindings/key-binding.store.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { hasSecret } from '../metadata/client-profile.js';
import { effectOf } from './change.js';
import type { OAuthClientCreated, OAuthClientView } from './oauth-client-view.dto.js';
import { OAuthClientChanges } from './change-recorder.js';
import { OAuthClientEntity } from '../storage/oauth-client.entity.js';
import { OAuthClientIntake } from './oauth-client.validator.js';
import { OAuthClientSecrets } from '../storage/oauth-client-secret.store.js';
import { OAuthClientViews } from './view-builder.js';
import type { CreateOAuthClientBody, UpdateOAuthClientBody } from './oauth-clients.dto.js';
import { loadOAuthClient } from './oauth-clients.reader.js';

@Injectable()
export class OAuthClientsService {
  constructor(
    private readonly work: UnitOfWork,
    private readonly actors: KeyActorReader,
    private readonly intake: OAuthClientIntake,
    private readonly bindings: KeyBindings,
    private readonly secrets: OAuthClientSecrets,
    private readonly views: OAuthClientViews,
    private readonly changes: OAuthClientChanges,
  ) {}

  async create(actor: Actor, body: CreateOAuthClientBody): Promise<OAuthClientCreated> {
    const who = await this.actors.of(actor);
    const row = this.intake.draft(who, body);
    return this.work.run(async (work) => {
      const { manager } = work;
      await this.intake.checkReferences(manager, who, row, body, null);
      await manager.insert(OAuthClientEntity, row);
      await this.#bind(manager, who, row, toBindings(body.providerApiKeys));
      const clientSecret = hasSecret(row) ? await this.secrets.mint(manager, row.id) : null;
      const after = await this.views.one(manager, row);
      await this.changes.written(work, actor, { verb: 'create', after, effect: 'changed' });
      return { ...after, clientSecret };
    });
  }

  async update(actor: Actor, id: string, body: UpdateOAuthClientBody): Promise<OAuthClientView> {
    const who = await this.actors.of(actor);
    return this.work.run(async (work) => {
      const { manager } = work;
      const row = await loadOAuthClient(manager, who, id, true);
      checkMayManage(who, row);
      const before = await this.views.one(manager, row);
      this.intake.apply(who, row, body);
      await this.intake.checkReferences(manager, who, row, body, before.payerTeamId);
      if (body.providerApiKeys !== undefined) await this.#bind(manager, who, row, toBindings(body.providerApiKeys));
      else if (body.teamIds !== undefined) await this.bindings.check(manager, who, row, before.providerApiKeys);
      if (!hasSecret(row)) await this.secrets.end(manager, id);
      await manager.update(OAuthClientEntity, { id }, row);
      const after = await this.views.one(manager, row);
      const ending = after.isDisabled && !before.isDisabled ? 'disabled' : null;
      await this.changes.written(work, actor, {
        verb: 'update',
        before,
        after,
        effect: effectOf(before, after),
        ending,
      });
      return after;
    });
  }

  async remove(actor: Actor, id: string): Promise<void> {
    const who = await this.actors.of(actor);
    await this.work.run(async (work) => {
      const { manager } = work;
      const row = await loadOAuthClient(manager, who, id, true);
      checkMayRemove(who, row);
      const before = await this.views.one(manager, row);
      await this.bindings.clear(manager, { type: 'oauth-client', id });
      await manager.delete(OAuthClientEntity, { id });
      await this.changes.written(work, actor, { verb: 'delete', before, effect: 'revoked', ending: 'deleted' });
    });
  }

  async #bind(manager: EntityManager, who: KeyActor, row: OAuthClientEntity, bound: KeyBinding[]): Promise<void> {
    await this.bindings.check(manager, who, row, bound);
    await this.bindings.replace(manager, { type: 'oauth-client', id: row.id }, bound);
  }
}
