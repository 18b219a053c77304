/** Gives an OAuth client a new secret, without an interruption for holders of the previous one. */
import { Injectable } from '@nestjs/common';
import type { Actor } from '../../auth/callers/actor.js';
import { checkMayManage } from '../../keys/ownership/key-access.policy.js';
import { KeyActorReader } from '../../keys/ownership/key-actor.reader.js';
import { conflict } from '../../admin-api/refusals.js';
import { Clock } from '../../platform/time/clock.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { hasSecret } from '../metadata/client-profile.js';
import type { OAuthClientCreated } from './oauth-client-view.dto.js';
import { OAuthClientChangeRecorder } from './change-recorder.js';
import { OAuthClientEntity } from '../storage/oauth-client.entity.js';
import { OAuthClientSecretStore } from '../storage/oauth-client-secret.store.js';
import { OAuthClientViewBuilder } from './view-builder.js';
import { DEFAULT_OVERLAP_SECONDS, type RotateOAuthClientSecretBody } from './oauth-clients.dto.js';
import { loadOAuthClient } from './oauth-clients.reader.js';

@Injectable()
export class OAuthClientRotationService {
  constructor(
    private readonly work: UnitOfWork,
    private readonly actors: KeyActorReader,
    private readonly secrets: OAuthClientSecretStore,
    private readonly views: OAuthClientViewBuilder,
    private readonly changes: OAuthClientChangeRecorder,
    private readonly clock: Clock,
  ) {}

  /** Throws `conflict` for a client that does not authenticate with a secret. */
  async rotate(actor: Actor, id: string, body: RotateOAuthClientSecretBody): Promise<OAuthClientCreated> {
    const { revokeTokens = false } = body;
    // Without this, the holder of a leaked secret could fetch new tokens during the overlap.
    const { overlapSeconds = revokeTokens ? 0 : DEFAULT_OVERLAP_SECONDS } = body;
    const keyActor = await this.actors.get(actor);
    return this.work.run(async (work) => {
      const { manager } = work;
      const row = await loadOAuthClient(manager, keyActor, id, true);
      checkMayManage(keyActor, row);
      if (!hasSecret(row))
        throw conflict(`This client has no secret: it authenticates by ${row.tokenEndpointAuthMethod}.`);
      const before = await this.views.build(manager, row);
      const now = this.clock.now();
      const hasEnded = await this.secrets.retire(manager, id, new Date(now + overlapSeconds * 1000));
      const clientSecret = await this.secrets.mint(manager, id);
      row.updatedAt = new Date(now);
      await manager.update(OAuthClientEntity, { id }, { updatedAt: row.updatedAt });
      const view = await this.views.build(manager, row);
      await this.changes.record(work, actor, {
        verb: 'rotate_secret',
        before,
        after: Object.assign({}, view, { overlapSeconds, revokeTokens }),
        effect: hasEnded || revokeTokens ? 'revoked' : 'changed',
        revocationCause: revokeTokens ? 'revoked' : null,
      });
      return { ...view, clientSecret };
    });
  }
}
