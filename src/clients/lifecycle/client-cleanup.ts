/**
 * Revokes the OAuth clients of a user or team that is deleted. The database alone would cascade silently. This class
 * also notifies caches and the listeners of `ClientTokens`, ends the mappings of the clients, and disables a team's
 * client that has no team left. Disabling a user also revokes the tokens of their client_credentials applications,
 * which then have to fetch new ones.
 */
import { Injectable } from '@nestjs/common';
import { authTag } from '../../auth/callers/caller.js';
import { takeTeamOut, unbindOwnedBy } from '../../keys/key-bindings/deleted-owner.js';
import { endPayer } from '../../keys/key-bindings/payer-team.js';
import { Departures, type Departing } from '../../orgs/lifecycle/deletion-hooks.js';
import { Lockouts } from '../../orgs/lifecycle/session-revocations.js';
import { Clock } from '../../platform/time/clock.js';
import type { Work } from '../../platform/database/unit-of-work.js';
import type { OAuthClientId } from '../../platform/ids.js';
import { ClientTokens, type EndingTokens } from './client-token-revocations.js';

@Injectable()
export class ClientDepartures {
  constructor(
    departures: Departures,
    private readonly tokens: ClientTokens,
    private readonly clock: Clock,
    lockouts: Lockouts,
  ) {
    departures.listen((work, departing) =>
      departing.type === 'user' ? this.#leaveUser(work, departing.id) : this.#leaveTeam(work, departing),
    );
    lockouts.listen((work, { userId, cause }) => (cause === 'disabled' ? this.#rest(work, userId) : Promise.resolve()));
  }

  async #rest(work: Work, userId: string): Promise<void> {
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

  async #leaveUser(work: Work, userId: string): Promise<void> {
    await this.#end(work, await unbindOwnedBy(work.manager, 'oauth-client', userId), 'deleted');
  }

  async #leaveTeam(work: Work, departing: Departing): Promise<void> {
    const now = new Date(this.clock.now());
    const left = await takeTeamOut(work.manager, 'oauth-client', departing, now);
    const orphaned = left.filter((client) => client.isOrphaned).map((client) => client.id);
    await work.manager.query('UPDATE oauth_client SET is_disabled = true WHERE id = ANY ($1::uuid[])', [orphaned]);
    await this.#end(work, orphaned, 'disabled');
    for (const { id, isOrphaned } of left)
      if (!isOrphaned) work.announce({ tag: authTag.oauthClient(id), effect: 'revoked' });
    for (const id of await endPayer(work.manager, 'oauth-client', departing, now))
      work.announce({ tag: authTag.oauthClient(id), effect: 'changed' });
  }

  async #end(work: Work, ids: readonly string[], why: EndingTokens['why']): Promise<void> {
    const clients = await work.manager.query<{ id: OAuthClientId; clientId: string }[]>(
      'SELECT id, client_id AS "clientId" FROM oauth_client WHERE id = ANY ($1::uuid[]) ORDER BY id',
      [ids],
    );
    for (const client of clients) {
      await this.tokens.announce(work, { ...client, why });
      work.announce({ tag: authTag.oauthClient(client.id), effect: 'revoked' });
    }
  }
}
