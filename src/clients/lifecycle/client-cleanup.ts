/**
 * Revokes the OAuth clients of a user or team that is deleted. The database alone would cascade silently. This class
 * also notifies caches and the listeners of `ClientTokenRevocations`, ends the mappings of the clients, and disables a team's
 * client that has no team left. Disabling a user also revokes the tokens of their client_credentials applications,
 * which then have to fetch new ones.
 */
import { Injectable } from '@nestjs/common';
import { authTag } from '../../auth/callers/caller.js';
import { removeTeam, unbindOwnedBy } from '../../keys/key-bindings/deleted-owner.js';
import { clearPayer } from '../../keys/key-bindings/payer-team.js';
import { DeletionHooks, type DeletedOwner } from '../../orgs/lifecycle/deletion-hooks.js';
import { SessionRevocations } from '../../orgs/lifecycle/session-revocations.js';
import { Clock } from '../../platform/time/clock.js';
import type { Work } from '../../platform/database/unit-of-work.js';
import type { OAuthClientId } from '../../platform/ids.js';
import { ClientTokenRevocations, type ClientTokenRevocation } from './client-token-revocations.js';

@Injectable()
export class ClientCleanup {
  constructor(
    deletionHooks: DeletionHooks,
    private readonly tokens: ClientTokenRevocations,
    private readonly clock: Clock,
    sessionRevocations: SessionRevocations,
  ) {
    deletionHooks.listen((work, owner) =>
      owner.type === 'user' ? this.#removeUser(work, owner.id) : this.#removeTeam(work, owner),
    );
    sessionRevocations.listen((work, { userId, cause }) =>
      cause === 'disabled' ? this.#endUserTokens(work, userId) : Promise.resolve(),
    );
  }

  async #endUserTokens(work: Work, userId: string): Promise<void> {
    const clients = await work.manager.query<{ id: string }[]>(
      `SELECT id FROM oauth_client WHERE owner_id = $1 AND grant_type = 'client_credentials' ORDER BY id FOR UPDATE`,
      [userId],
    );
    await this.#end(
      work,
      clients.map(({ id }) => id),
      'disabled',
    );
  }

  async #removeUser(work: Work, userId: string): Promise<void> {
    await this.#end(work, await unbindOwnedBy(work.manager, 'oauth-client', userId), 'deleted');
  }

  async #removeTeam(work: Work, team: DeletedOwner): Promise<void> {
    const now = new Date(this.clock.now());
    const affected = await removeTeam(work.manager, 'oauth-client', team, now);
    const orphaned = affected.filter((client) => client.isOrphaned).map((client) => client.id);
    await work.manager.query('UPDATE oauth_client SET is_disabled = true WHERE id = ANY ($1::uuid[])', [orphaned]);
    await this.#end(work, orphaned, 'disabled');
    for (const { id, isOrphaned } of affected)
      if (!isOrphaned) work.announce({ tag: authTag.oauthClient(id), effect: 'revoked' });
    for (const id of await clearPayer(work.manager, 'oauth-client', team, now))
      work.announce({ tag: authTag.oauthClient(id), effect: 'changed' });
  }

  async #end(work: Work, ids: readonly string[], cause: ClientTokenRevocation['cause']): Promise<void> {
    const clients = await work.manager.query<{ id: OAuthClientId; clientId: string }[]>(
      'SELECT id, client_id AS "clientId" FROM oauth_client WHERE id = ANY ($1::uuid[]) ORDER BY id',
      [ids],
    );
    for (const client of clients) {
      await this.tokens.announce(work, { ...client, cause: cause });
      work.announce({ tag: authTag.oauthClient(client.id), effect: 'revoked' });
    }
  }
}
